"""Small clips made by the real ffmpeg, each once for all tests of a process."""

import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
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
def instead_of_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a shell script in front of the ffmpeg that is found, until the test ends."""

    def install(script: str) -> None:
        program = tmp_path / "bin" / "ffmpeg"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
        ffmpeg.cache_clear()

    yield install
    ffmpeg.cache_clear()


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


def turned(data: bytes) -> bytes:
    """A film with the matrix of its track (ISO/IEC 14496-12, tkhd) set to a quarter turn."""
    one = 0x10000
    straight = struct.pack(">9i", one, 0, 0, 0, one, 0, 0, 0, 0x40000000)
    quarter = struct.pack(">9i", 0, one, 0, -one, 0, 0, 0, 0, 0x40000000)
    head, track, tail = data.partition(b"tkhd")
    assert straight in tail
    return head + track + tail.replace(straight, quarter, 1)


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())
