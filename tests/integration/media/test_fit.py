"""Videos made to fit, by the real ffmpeg."""

import asyncio
import contextlib
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.media import Fitted, MediaError, Rung, fit, probe
from bot.media.plan import plays_everywhere
from bot.media.tool import run

Maker = Callable[..., Path]
MB = 2**20
PLAIN = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac")


async def test_a_good_video_is_left_alone(clip: Maker, tmp_path: Path):
    """Nothing is written when there is nothing to do."""
    video = await probe(clip("a.mp4", *PLAIN, "-movflags", "+faststart"))

    assert await fit(video, video.size) == Fitted(video=video, original=video, rung=Rung.AS_IS)
    assert names(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", PLAIN),
        ("a.mp4", (*PLAIN, "-movflags", "frag_keyframe+empty_moov")),
        ("a.mov", PLAIN),
        ("a.mkv", PLAIN),
        ("a.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "libopus")),
    ],
    ids=["index last", "fragments", "mov", "mkv", "opus"],
)
async def test_a_wrong_container_is_repacked(clip: Maker, tmp_path: Path, name: str, options: tuple[str, ...]):
    """The picture is copied as it is into an MP4 that plays everywhere, beside the original."""
    video = await probe(clip(name, *options))

    fitted = await fit(video, 10 * MB)

    assert fitted.rung is Rung.REMUXED
    assert fitted.video == await probe(tmp_path / "a.fit.mp4")
    assert plays_everywhere(fitted.video)
    assert await picture_hash(fitted.video.path) == await picture_hash(video.path)


@pytest.mark.parametrize(
    ("name", "options", "sound"),
    [
        ("a.mp4", ("-c:v", "libx265", "-pix_fmt", "yuv420p", "-x265-params", "log-level=error"), True),
        ("a.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p10le"), False),
        ("a.webm", ("-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p"), True),
    ],
    ids=["hevc", "10-bit silent", "vp9"],
)
async def test_a_picture_few_clients_know_is_re_encoded(clip: Maker, name: str, options: tuple[str, ...], sound: bool):
    """HEVC, 10-bit and VP9 become H.264 of the same size and length."""
    video = await probe(clip(name, *options, sound=sound))

    fitted = await fit(video, 10 * MB)

    assert fitted.rung is Rung.REENCODED
    assert plays_everywhere(fitted.video)
    assert (fitted.video.width, fitted.video.height) == (video.width, video.height)
    assert fitted.video.seconds == pytest.approx(video.seconds, abs=0.1)
    assert (fitted.video.audio_codec is not None) is sound


async def test_odd_sides_become_even(clip: Maker):
    """4:2:0 has no odd sides: 321x181 loses a row and a column."""
    video = await probe(clip("a.mp4", "-c:v", "libx264", "-pix_fmt", "yuv444p", size="321x181"))

    fitted = await fit(video, 10 * MB)

    assert (fitted.video.width, fitted.video.height) == (320, 180)


async def test_an_upright_picture_keeps_its_proportions(clip: Maker):
    """A film that is stored lying and marked as turned comes out upright, not squeezed."""
    path = clip("a.mp4", "-c:v", "libx264", "-pix_fmt", "yuv444p", "-an")
    path.write_bytes(turned(path.read_bytes()))

    fitted = await fit(await probe(path), 10 * MB)

    assert (fitted.video.width, fitted.video.height) == (180, 320)


@pytest.mark.parametrize(
    ("limit", "sides"),
    [(MB, (640, 360)), (200 * 1024, (426, 240))],
)
async def test_noise_is_brought_under_the_limit(noise: Path, tmp_path: Path, limit: int, sides: tuple[int, int]):
    """About 5 MB of noise are squeezed, smaller where the pixels would get too few bits; no scratch file is left."""
    video = await probe(noise)

    fitted = await fit(video, limit)

    assert limit // 2 < fitted.video.size <= limit
    assert fitted.video.size == fitted.video.path.stat().st_size
    assert plays_everywhere(fitted.video)
    assert fitted.rung is Rung.REENCODED
    assert (fitted.video.width, fitted.video.height) == sides
    assert names(tmp_path) == ["noise.fit.mp4", "noise.mp4"]


async def test_a_rate_that_was_missed_is_lowered(clip: Maker):
    """Half a second of noise comes out far over its rate at first; the file that is returned is within the limit."""
    noisy = ("-vf", "noise=alls=100:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "10")
    path = clip("a.mp4", *noisy, "-pix_fmt", "yuv420p", size="640x360", seconds=0.5, sound=False)
    video = await probe(path)

    fitted = await fit(video, video.size // 16)

    assert video.size // 64 < fitted.video.size <= video.size // 16


async def test_what_cannot_be_made_small_enough_is_said(noise: Path, tmp_path: Path):
    """No file at all rather than one over the limit, and a sentence that names both sizes."""
    video = await probe(noise)

    with pytest.raises(MediaError) as caught:
        await fit(video, 40_000)

    assert str(caught.value) == (
        f"This video ({video.size / MB:.1f} MB, 4 seconds) cannot be made small enough for the 39 KB limit here."
    )
    assert names(tmp_path) == ["noise.mp4"]


async def test_ffmpeg_does_not_outlive_a_cancelled_fit(noise: Path, tmp_path: Path):
    """Cancelling ends the process and clears its files away."""
    work = asyncio.create_task(fit(await probe(noise), MB))
    while True:
        if children := our_children():
            break
        await asyncio.sleep(0.01)

    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work

    assert work.cancelled()
    assert not set(children) & set(our_children())
    assert names(tmp_path) == ["noise.mp4"]


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


async def test_one_encoding_at_a_time(clip: Maker):
    """Two videos at once take turns, since one encoding uses the whole machine."""
    paths = [clip(name, "-c:v", "libx264", "-pix_fmt", "yuv444p") for name in ("a.mp4", "b.mp4")]
    work = asyncio.gather(*[fit(await probe(path), MB) for path in paths])
    most = 0
    while not work.done():
        most = max(most, len(our_children()))
        await asyncio.sleep(0.005)

    assert [fitted.video.size <= MB for fitted in await work] == [True, True]
    assert most == 1


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


async def picture_hash(path: Path) -> bytes:
    """The MD5 of the decoded pictures."""
    output = path.with_suffix(".md5")
    assert (await run(path, "-map", "0:V:0", "-fps_mode", "passthrough", "-f", "md5", str(output), within=30)).code == 0
    return output.read_bytes()


def our_children() -> list[int]:
    """The processes this test process has started and that have not been reaped."""
    pid = os.getpid()
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
