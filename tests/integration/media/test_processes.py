"""The real ffmpeg as a process: it ends in time, leaves nothing running, and a full disk is told from a bad video."""

import asyncio
import contextlib
import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.media import fit, probe
from bot.media.tool import run
from tests.integration.media.conftest import names
from tests.integration.processes import our_children

Maker = Callable[..., Path]


async def test_ffmpeg_does_not_outlive_a_cancelled_fit(noise: Path, tmp_path: Path):
    """Cancelling ends the process and clears its files away."""
    work = asyncio.create_task(fit(await probe(noise), 700_000))
    children = await begun()

    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work

    assert work.cancelled()
    assert not set(children) & set(our_children())
    assert names(tmp_path) == ["noise.mp4"]


async def test_one_encoding_at_a_time(clip: Maker):
    """Two videos at once take turns, since one encoding uses the whole machine."""
    paths = [clip(name, "-c:v", "libx264", "-pix_fmt", "yuv444p") for name in ("a.mp4", "b.mp4")]
    work = asyncio.gather(*[fit(await probe(path), 2**20) for path in paths])
    most = 0
    while not work.done():
        most = max(most, len(our_children()))
        await asyncio.sleep(0.005)

    assert [fitted.video.size <= 2**20 for fitted in await work] == [True, True]
    assert most == 1


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
    await begun()

    work.cancel()
    await asyncio.wait([work], timeout=10)

    assert work.cancelled()
    assert our_children() == []


async def test_a_full_disk_is_not_taken_for_a_bad_video(clip: Maker):
    """Ffmpeg only ends with an error; that there was no room stands in what it said."""
    whole = clip("whole.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    with pytest.raises(OSError, match="No space left on device") as raised:
        await run(whole, "-c", "copy", "-f", "mpegts", "/dev/full", within=30)
    assert raised.value.errno == errno.ENOSPC


async def test_a_full_disk_is_seen_though_ffmpeg_ends_well(instead_of_ffmpeg: Callable[[str], None], tmp_path: Path):
    """As ffmpeg 5.1, which Debian 12 and the Docker image have, does where only the end of a file finds no room."""
    instead_of_ffmpeg("echo 'Error writing trailer of out.mp4: No space left on device' >&2")

    with pytest.raises(OSError, match="No space left on device") as raised:
        await run(tmp_path / "a.mp4", within=30)
    assert raised.value.errno == errno.ENOSPC


async def test_a_film_of_that_title_is_no_full_disk(clip: Maker):
    """The labels of a file stand in the log, too."""
    title = "a: No space left on device\nb: No space left on device"
    path = clip("a.mp4", "-metadata", f"title={title}", "-c:v", "libx264", "-preset", "ultrafast", seconds=0.2)

    outcome = await run(path, "-f", "null", "-", within=30)

    assert outcome.code == 0
    assert outcome.log.count("No space left on device") > 1


async def begun() -> list[int]:
    """The processes of this test process, once there are any."""
    async with asyncio.timeout(30):
        while True:
            if children := our_children():
                return children
            await asyncio.sleep(0.01)
