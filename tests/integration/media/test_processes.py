"""The real ffmpeg as a process: it ends in time, leaves nothing running, and a full disk is told from a bad video."""

import asyncio
import errno
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.media import ffmpeg
from bot.media.tool import run
from tests.integration.media.conftest import our_children

ENDLESS = ("-stream_loop", "-1")


async def test_ffmpeg_is_stopped_when_it_takes_too_long(noise: Path):
    """A run that would never end is an error after its time, and the process is gone."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(30):
            await run(noise, "-f", "null", "-", before=ENDLESS, within=0.05)

    assert our_children() == []


async def test_ffmpeg_is_stopped_when_its_caller_is_cancelled(noise: Path):
    """A run that would never end does not outlive the task that waits for it."""
    work = asyncio.create_task(run(noise, "-f", "null", "-", before=ENDLESS, within=60))
    while True:
        if our_children():
            break
        await asyncio.sleep(0.01)

    work.cancel()
    await asyncio.wait([work], timeout=10)

    assert work.cancelled()
    assert our_children() == []


async def test_a_full_disk_is_not_taken_for_a_bad_video(clip: Callable[..., Path]):
    """Ffmpeg only ends with an error; that there was no room stands in what it said."""
    whole = clip("whole.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    with pytest.raises(OSError, match="No space left on device") as raised:
        await run(whole, "-c", "copy", "-f", "mpegts", "/dev/full", within=30)
    assert raised.value.errno == errno.ENOSPC


@pytest.fixture
def old_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a program on PATH that says what an old ffmpeg says, and ends with 0 as that does."""

    def install(said: str) -> None:
        program = tmp_path / "ffmpeg"
        program.write_text(f"#!/bin/sh\nprintf '%s\\n' '{said}' >&2\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        ffmpeg.cache_clear()

    yield install
    ffmpeg.cache_clear()


async def test_a_full_disk_is_seen_though_ffmpeg_ends_well(old_ffmpeg: Callable[[str], None], tmp_path: Path):
    """As ffmpeg 5.1, which Debian 12 and the Docker image have, does where only the end of a file finds no room."""
    old_ffmpeg("Error writing trailer of out.mp4: No space left on device")

    with pytest.raises(OSError, match="No space left on device") as raised:
        await run(tmp_path / "a.mp4", within=30)
    assert raised.value.errno == errno.ENOSPC


async def test_a_film_of_that_title_is_no_full_disk(clip: Callable[..., Path]):
    """The labels of a file stand in the log, too."""
    title = "a: No space left on device\nb: No space left on device"
    path = clip("a.mp4", "-metadata", f"title={title}", "-c:v", "libx264", "-preset", "ultrafast", seconds=0.2)

    outcome = await run(path, "-f", "null", "-", within=30)

    assert outcome.code == 0
    assert outcome.log.count("No space left on device") > 1
