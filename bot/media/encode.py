"""Carry out a plan with ffmpeg and check what came out."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import WeakKeyDictionary

from bot.media.plan import Remux, Try, ladder, plays_everywhere
from bot.media.tool import run
from bot.media.video import MediaError, Video, probe

#: An encoding may take this long: some seconds for each second of video on a small machine.
_TIMEOUT = 900.0
_STREAMS = ("-map", "0:V:0", "-map", "0:a:0?")
_FASTSTART = ("-movflags", "+faststart")
_TURNS: MutableMapping[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """A video that fits, and what was done to make it so."""

    video: Video
    #: "" when untouched, else a few words: "re-encoded from 38 MB to fit the 10 MB limit here".
    note: str


async def fit(video: Video, limit: int) -> Fitted:
    """Make a video play everywhere within `limit` bytes: as is, remuxed, or re-encoded beside the original.

    The result of work is `<stem>.fit.mp4` in the same folder. At most one ffmpeg encodes at a time.

    Raises:
        MediaError: no rung of the ladder gives a watchable file of that size.
    """
    if plays_everywhere(video) and video.size <= limit:
        return Fitted(video=video, note="")
    async with _turn():
        for attempt in ladder(video, limit):
            try:
                made = await _carry_out(video, attempt)
            except TimeoutError:
                raise MediaError("This video could not be re-encoded in time.") from None
            if made is not None and made.size <= limit and plays_everywhere(made):
                return Fitted(video=made, note=_note(video, made, attempt, limit))
    raise MediaError(
        f"This video ({megabytes(video.size)}, {video.seconds:.0f} seconds) cannot be made small enough for the "
        f"{megabytes(limit)} limit here."
    )


async def _carry_out(video: Video, attempt: Try) -> Video | None:
    """One try: the new video beside the original, or None if ffmpeg could not make it."""
    final = video.path.with_name(f"{video.path.stem}.fit.mp4")
    with TemporaryDirectory(prefix=".fit-", dir=video.path.parent) as folder:
        output = Path(folder) / "out.mp4"
        for options in _passes(video, attempt, output):
            if (await run(video.path, *options, within=_TIMEOUT)).code != 0:
                return None
        try:
            made = await probe(output)
        except MediaError:
            return None
        output.replace(final)
    return replace(made, path=final)


def _passes(video: Video, attempt: Try, output: Path) -> list[list[str]]:
    """The output options of each run of ffmpeg that a try takes."""
    if isinstance(attempt, Remux):
        audio = "copy" if attempt.copy_audio else "aac"
        return [[*_STREAMS, "-c:v", "copy", "-c:a", audio, *_FASTSTART, str(output)]]
    log = str(output.with_name("passes"))
    # Sides become even numbers, as 4:2:0 wants; "iw" and "ih" are those after ffmpeg has turned an upright picture.
    shrink = f"scale=trunc(iw*{attempt.scale:.6f}/2)*2:trunc(ih*{attempt.scale:.6f}/2)*2:flags=lanczos"
    pictures = ["-vf", shrink, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-b:v", str(attempt.video_rate)]
    first = ["-map", "0:V:0", *pictures, "-pass", "1", "-passlogfile", log, "-f", "null", "-"]
    sound = [] if video.audio_codec is None else ["-c:a", "aac", "-b:a", str(attempt.audio_rate)]
    return [first, [*_STREAMS, *pictures, "-pass", "2", "-passlogfile", log, *sound, *_FASTSTART, str(output)]]


def _note(video: Video, made: Video, attempt: Try, limit: int) -> str:
    if isinstance(attempt, Remux):
        return "repacked without a change to the picture"
    if video.size <= limit:
        return "re-encoded so that it plays everywhere"
    smaller = f" at {made.width}x{made.height}" if attempt.scale < 1 else ""
    return f"re-encoded from {megabytes(video.size)} to fit the {megabytes(limit)} limit here{smaller}"


def megabytes(size: int) -> str:
    """A size as Discord words it, which counts 1024 KB to the MB: "10 MB", "9.5 MB", "300 KB"."""
    if size < 2**20:
        return f"{size / 1024:.0f} KB"
    return f"{size / 2**20:.1f} MB".replace(".0 ", " ")


def _turn() -> asyncio.Semaphore:
    """The running loop's one place at ffmpeg: an encoding uses every core by itself."""
    return _TURNS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(1))
