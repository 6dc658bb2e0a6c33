"""Files made to mislead, or to take more memory and time than a machine has."""

import asyncio
import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.media import probe
from bot.media.boxes import outer_boxes
from bot.media.tool import run

Maker = Callable[..., Path]
PLAIN = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart")


@pytest.mark.parametrize(
    "prompt",
    [
        "Stream mapping:",
        "Duration: 1:2:3.4.5, start",
        "Stream #0:0: Video: hevc (Main 10), yuv420p10le, 9x9",
        f"a fox\n  Stream #0:7: Video: h264, yuv420p, {'9' * 5000}x9",
        "displaymatrix: rotation of -90.00 degrees",
        "a fox\ndisplaymatrix: rotation of 90.0.0 degrees",
    ],
    ids=["end", "duration", "stream", "digits", "turned", "no number"],
)
async def test_words_in_the_tags_say_nothing_of_the_streams(clip: Maker, prompt: str):
    """Services write the prompt into the file, where ffmpeg prints it among what it finds."""
    plain = await probe(clip("plain.mp4", *PLAIN))
    path = clip("a.mp4", *PLAIN, "-metadata", f"comment={prompt}")

    assert await probe(path) == replace(plain, path=path, size=path.stat().st_size)


def box(kind: str, content: bytes) -> bytes:
    """A box of an MP4 file."""
    return struct.pack(">I4s", 8 + len(content), kind.encode()) + content


def claiming(frames: int) -> bytes:
    """A film of a few hundred bytes whose index says that it has so many frames of one byte."""
    entry = bytes(6) + struct.pack(">H16xHHIIIH32xHh", 1, 64, 64, 72 << 16, 72 << 16, 0, 1, 24, -1)
    index = (
        box("stsd", struct.pack(">II", 0, 1) + box("mp4v", entry))
        + box("stts", struct.pack(">IIII", 0, 1, frames, 1))
        + box("stsc", struct.pack(">IIIII", 0, 1, 1, frames, 1))
        + box("stsz", struct.pack(">III", 0, 1, frames))
        + box("stco", struct.pack(">III", 0, 1, 32))
    )
    clock = struct.pack(">12xII", 24, 48)
    media = (
        box("mdhd", clock + bytes(4)) + box("hdlr", bytes(8) + b"vide" + bytes(13)) + box("minf", box("stbl", index))
    )
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    shown = struct.pack(">II8xI24x", 3, 0, 1) + matrix + struct.pack(">II", 64 << 16, 64 << 16)
    trak = box("trak", box("tkhd", shown) + box("mdia", media))
    return (
        box("ftyp", b"isom" + bytes(4) + b"isom")
        + box("mdat", bytes(64))
        + box("moov", box("mvhd", clock + bytes(80)) + trak)
    )


def test_a_film_that_claims_a_billion_frames_takes_no_memory(tmp_path: Path):
    """600 bytes made ffmpeg take 3 GB; a process of its own tells what its children took at most."""
    path = tmp_path / "a.mp4"
    path.write_bytes(claiming(80_000_000))
    script = (
        "import asyncio, resource, sys; from pathlib import Path; from bot.media import MediaError, probe\n"
        "try: asyncio.run(probe(Path(sys.argv[1])))\n"
        "except MediaError as error: print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, error)"
    )

    told = subprocess.run(
        [sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True, timeout=30
    )

    kilobytes, _, sentence = told.stdout.strip().partition(" ")
    assert sentence in ("The file that came is not a video.", "The video is damaged or cut short.")
    assert int(kilobytes) < 500_000


@pytest.mark.skipif(
    not shutil.which("prlimit") and not os.environ.get("CI"), reason="no util-linux on this machine; CI never skips"
)
async def test_all_that_ffmpeg_takes_is_bounded(clip: Maker):
    """Many lists, each small enough, are as bad as a large one."""
    path = clip("a.mp4", *PLAIN)
    waiting = asyncio.create_task(run(path, "-f", "null", "-", before=("-re",), within=30))
    most, bound = str(4 * 2**30 + 2**28 * (os.cpu_count() or 1)), ""
    async with asyncio.timeout(30):
        while most not in bound:
            await asyncio.sleep(0.01)
            for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                limits = Path(f"/proc/{child}/limits").read_text()
                bound = next(line for line in limits.splitlines() if line.startswith("Max data size"))

    assert bound.split()[3:5] == [most, most]
    assert (await waiting).code == 0


async def test_a_flood_of_words_is_not_kept(clip: Maker):
    """What tells the streams, at the beginning, and the sums, at the end, outlive a log of any length."""
    path = clip("a.mp4", *PLAIN)

    outcome = await run(path, "-vf", "loop=-1:48,showinfo", "-frames:v", "12000", "-f", "null", "-", within=60)

    assert (outcome.code, outcome.frames) == (0, 12_000)
    assert 4 * 2**20 <= len(outcome.log) <= 5 * 2**20
    assert "Stream #0:0" in outcome.log[:10_000]
    assert re.search(r"audio:\s*\d+k", outcome.log[-10_000:], re.IGNORECASE)


def test_boxes_without_end_are_not_counted(tmp_path: Path):
    """Empty boxes of eight bytes each: a large file of them took the bot itself gigabytes and minutes."""
    path = tmp_path / "a.mp4"
    path.write_bytes(box("ftyp", b"isom") + box("free", b"") * 200_000)

    kinds, whole = outer_boxes(path)

    assert (kinds[0], len(kinds), whole) == ("ftyp", 100_000, False)
