"""Small clips made by the real ffmpeg."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.media import ffmpeg


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    """A maker of clips: `clip("a.mp4", "-c:v", "libx265")`; two seconds of a moving test card with a tone."""

    def make(
        name: str,
        *options: str,
        size: str = "320x180",
        seconds: float = 2,
        sound: bool = True,
        picture: str = "testsrc2",
    ) -> Path:
        path = tmp_path / name
        pictures = ["-f", "lavfi", "-i", f"{picture}=size={size}:rate=24:duration={seconds}"]
        tone = ["-f", "lavfi", "-i", f"sine=duration={seconds}"] if sound else []
        command = [ffmpeg(), "-v", "error", "-y", *pictures, *tone, "-threads", "1", *options, str(path)]
        subprocess.run(command, check=True, timeout=60)
        return path

    return make


@pytest.fixture
def noise(clip: Callable[..., Path]) -> Path:
    """Four seconds of coloured noise, about 5 MB: nothing is harder to make small."""
    return clip(
        "noise.mp4", "-vf", "noise=alls=100:allf=t", "-preset", "ultrafast", "-b:v", "10M", "-pix_fmt", "yuv420p",
        "-movflags", "+faststart", size="640x360", seconds=4,
    )  # fmt: skip
