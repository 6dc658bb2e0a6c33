"""Carry out a plan with ffmpeg and check what came out."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import WeakKeyDictionary

from bot.media.plan import Encode, Remux, encode, plays_everywhere, remux
from bot.media.tool import run
from bot.media.video import MediaError, Video, probe

#: Seconds for one run of ffmpeg: a small machine takes several for each second of video.
_TIMEOUT = 900.0
#: The share of the limit that the first try aims at, and the number of tries.
_FIRST_SHARE, _TRIES = 0.97, 4
_STREAMS = ("-map", "0:V:0", "-map", "0:a:0?")
_FASTSTART = ("-movflags", "+faststart")
_TURNS: MutableMapping[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class Rung(StrEnum):
    """What was done to a video, from nothing to most."""

    AS_IS = "as is"
    REMUXED = "remuxed"
    REENCODED = "re-encoded"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """A video that fits, and what was done to make it so."""

    video: Video
    original: Video
    rung: Rung


async def fit(video: Video, limit: int) -> Fitted:
    """Make a video play everywhere within `limit` bytes: as is, remuxed, or re-encoded beside the original.

    The result of work is `<stem>.fit.mp4` in the same folder. At most one ffmpeg encodes at a time.

    Raises:
        MediaError: nothing watchable is that small.
    """
    if plays_everywhere(video) and video.size <= limit:
        return Fitted(video=video, original=video, rung=Rung.AS_IS)
    async with _turn():
        try:
            fitted = await _repacked(video, limit) or await _re_encoded(video, limit)
        except TimeoutError:
            raise MediaError("This video could not be re-encoded in time.") from None
    if fitted is None:
        raise MediaError(
            f"This video ({megabytes(video.size)}, {video.seconds:.0f} seconds) cannot be made small enough for the "
            f"{megabytes(limit)} limit here."
        )
    return fitted


async def _repacked(video: Video, limit: int) -> Fitted | None:
    plan = remux(video, limit)
    made = await _carry_out(video, plan) if plan else None
    if made is None or made.size > limit or not plays_everywhere(made):
        return None
    return Fitted(video=made, original=video, rung=Rung.REMUXED)


async def _re_encoded(video: Video, limit: int) -> Fitted | None:
    """Encode; where the file is still too large, which very short or noisy clips cause, again at a lower bit rate."""
    share = _FIRST_SHARE
    for _ in range(_TRIES):
        plan = encode(video, limit, share)
        made = await _carry_out(video, plan) if plan else None
        if plan is None or made is None:
            return None
        if made.size <= limit:
            return Fitted(video=made, original=video, rung=Rung.REENCODED)
        share *= 0.9 * limit / made.size
    return None


async def _carry_out(video: Video, plan: Remux | Encode) -> Video | None:
    """One try: the new video beside the original, or None if ffmpeg could not make it."""
    final = video.path.with_name(f"{video.path.stem}.fit.mp4")
    with TemporaryDirectory(prefix=".fit-", dir=video.path.parent) as folder:
        output = Path(folder) / "out.mp4"
        for options in _passes(video, plan, output):
            if (await run(video.path, *options, within=_TIMEOUT)).code != 0:
                return None
        try:
            made = await probe(output)
        except MediaError:
            return None
        output.replace(final)
    return replace(made, path=final)


def _passes(video: Video, plan: Remux | Encode, output: Path) -> list[list[str]]:
    """The output options of each run of ffmpeg that a try takes."""
    if isinstance(plan, Remux):
        audio = "copy" if plan.copy_audio else "aac"
        return [[*_STREAMS, "-c:v", "copy", "-c:a", audio, *_FASTSTART, str(output)]]
    log = str(output.with_name("passes"))
    # Sides become even numbers, as 4:2:0 requires; "iw" and "ih" are the sides after ffmpeg has applied a rotation.
    shrink = f"scale=trunc(iw*{plan.scale:.6f}/2)*2:trunc(ih*{plan.scale:.6f}/2)*2:flags=lanczos"
    pictures = ["-vf", shrink, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-b:v", str(plan.video_rate)]
    first = ["-map", "0:V:0", *pictures, "-pass", "1", "-passlogfile", log, "-f", "null", "-"]
    sound = [] if video.audio_codec is None else ["-c:a", "aac", "-b:a", str(plan.audio_rate)]
    return [first, [*_STREAMS, *pictures, "-pass", "2", "-passlogfile", log, *sound, *_FASTSTART, str(output)]]


def megabytes(size: int) -> str:
    """A size as Discord words it, which counts 1024 KB to the MB: "10 MB", "9.5 MB", "300 KB"."""
    if size < 2**20:
        return f"{size / 1024:.0f} KB"
    return f"{size / 2**20:.1f} MB".replace(".0 ", " ")


def _turn() -> asyncio.Semaphore:
    """The lock that keeps each event loop to one encode at a time: a single ffmpeg uses every core."""
    return _TURNS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(1))
