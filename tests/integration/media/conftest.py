"""Small clips made by the real ffmpeg, each once for all tests of a process."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.media import ffmpeg


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Where clips are made; the same words find the clip that is there."""
    folder = tmp_path_factory.mktemp("shelf")
    made: dict[tuple[str, ...], Path] = {}

    def find(name: str, *command: str) -> Path:
        key = (name, *command)
        if key not in made:
            path = folder / f"{len(made)}{Path(name).suffix}"
            subprocess.run([ffmpeg(), "-v", "error", "-y", *command, str(path)], check=True, timeout=60)
            made[key] = path
        return made[key]

    return find


@pytest.fixture
def clip(shelf: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """A maker of clips: `clip("a.mp4", "-c:v", "libx265")`; two seconds of a moving test card with a tone."""

    def make(
        name: str,
        *options: str,
        size: str = "320x180",
        seconds: float = 2,
        sound: bool = True,
        picture: str = "testsrc2",
        rate: int = 24,
    ) -> Path:
        pictures = ["-f", "lavfi", "-i", f"{picture}=size={size}:rate={rate}:duration={seconds}"]
        tone = ["-f", "lavfi", "-i", f"sine=duration={seconds}"] if sound else []
        return Path(shutil.copy(shelf(name, *pictures, *tone, "-threads", "1", *options), tmp_path / name))

    return make


@pytest.fixture
def noise(clip: Callable[..., Path]) -> Path:
    """Two seconds of coloured noise, about 2 MB: nothing is harder to make small."""
    return clip(
        "noise.mp4", "-vf", "noise=alls=100:allf=t:all_seed=1", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "8M",
        "-pix_fmt", "yuv420p", "-movflags", "+faststart", size="640x360",
    )  # fmt: skip


@pytest.fixture
def tiny(clip: Callable[..., Path]) -> Path:
    """A second of a small picture that few clients know, about 50 KB."""
    return clip(
        "tiny.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-pix_fmt", "yuv444p",
        size="128x72", seconds=1, sound=False,
    )  # fmt: skip
