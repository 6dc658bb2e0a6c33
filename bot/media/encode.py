"""Carry out a plan with ffmpeg and check what came out."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import WeakKeyDictionary, WeakValueDictionary

from bot.media.options import first_pass, repack, second_pass
from bot.media.plan import Encode, Measured, encodes, plays_everywhere, remux, seconds_allowed, video_rate
from bot.media.tool import run, tone_maps
from bot.media.video import MediaError, Video, probe

#: The share of the room that a first try aims at, since x264 misses by about 1 %, and how many files are made at most.
_FIRST_SHARE, _TRIES = 0.98, 4
_TURNS: MutableMapping[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_AT_WORK: MutableMapping[Path, asyncio.Lock] = WeakValueDictionary()


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
    #: Files that were made until one fitted; 0: it was there already.
    tries: int = 0


async def fit(video: Video, limit: int) -> Fitted:
    """Make a video play everywhere within `limit` bytes: as is, remuxed, or re-encoded beside the original.

    The result of work is `<stem>.remux.mp4` or `<stem>.<limit>.mp4` in the same folder, complete under that name, and is
    taken again by a later call. That nothing fits is told in `<stem>.<limit>.txt`, since it takes as long to find out.
    Scratch folders begin with `.fit-`; one that a crash leaves behind is nobody's. At most one ffmpeg encodes at a time,
    and no two calls work on one video.

    Raises:
        MediaError: nothing watchable is that small, or it would take too long.
        OSError: there is no room on the disk for what is made.
    """
    if plays_everywhere(video) and video.size <= limit:
        return Fitted(video=video, original=video, rung=Rung.AS_IS)
    async with _AT_WORK.setdefault(video.path, asyncio.Lock()):
        note = video.path.with_name(f"{video.path.stem}.{limit}.txt")
        if why_not := await asyncio.to_thread(_told_before, note):
            raise MediaError(why_not)
        try:
            fitted = await _repacked(video, limit) or await _re_encoded(video, limit)
        except TimeoutError:
            fitted, why_not = None, "This video could not be re-encoded in time."
        if fitted is not None:
            return fitted
        why_not = why_not or f"This video ({megabytes(video.size)}, {video.seconds:.3g} s) cannot be made small enough."
        with contextlib.suppress(OSError):
            await asyncio.to_thread(note.write_text, why_not)
        raise MediaError(why_not)


def _told_before(note: Path) -> str:
    """Why an earlier call found that nothing fits; "": none did."""
    try:
        return note.read_text()
    except FileNotFoundError:
        return ""


async def _repacked(video: Video, limit: int) -> Fitted | None:
    plan = remux(video, limit)
    if plan is None:
        return None
    final = video.path.with_name(f"{video.path.stem}.remux.mp4")
    made, tries = await _made_before(final), 0
    if made is None:
        with _scratch(video) as folder:
            output = Path(folder) / "out.mp4"
            made, tries = await _made(video, repack(plan, output), output), 1
            if made is None or made.size > limit or not plays_everywhere(made):
                return None
            made = _keep(made, final)
    if made.size > limit:
        return None
    return Fitted(video=made, original=video, rung=Rung.REMUXED, tries=tries)


async def _re_encoded(video: Video, limit: int) -> Fitted | None:
    final = video.path.with_name(f"{video.path.stem}.{limit}.mp4")
    made, tries = await _made_before(final), 0
    if made is None:
        async with _turn():
            with _scratch(video) as folder:
                made, tries = await _squeezed(video, limit, Path(folder))
                made = made and _keep(made, final)
    return made and Fitted(video=made, original=video, rung=Rung.REENCODED, tries=tries)


async def _squeezed(video: Video, limit: int, folder: Path) -> tuple[Video | None, int]:
    """Encode until a file fits: at a lower bit rate, which needs no new first pass, then with a smaller picture."""
    tone_map = video.transfer is not None and await asyncio.to_thread(tone_maps)
    output, tries = folder / "out.mp4", 0
    for plan in encodes(video, limit):
        if tries == _TRIES:
            break
        measured = await _measured(video, plan, folder, tone_map=tone_map)
        share = _FIRST_SHARE
        while measured and tries < _TRIES and (rate := video_rate(video, measured, limit, share)):
            tries += 1
            options = second_pass(video, plan, rate, measured, output, tone_map=tone_map)
            made = await _made(video, options, output, plan)
            if made is None or made.size <= limit:
                return made, tries
            if share < _FIRST_SHARE:
                break  # the encoder has come to the end of its scale: the picture is too large
            share *= 0.98 * limit / made.size
    return None, tries


async def _measured(video: Video, plan: Encode, folder: Path, *, tone_map: bool) -> Measured | None:
    """Run the first pass; None if ffmpeg cannot."""
    options = first_pass(video, plan, folder, tone_map=tone_map)
    outcome = await run(video.path, *options, within=seconds_allowed(video, plan))
    if outcome.code != 0 or not outcome.frames:
        return None
    # ffmpeg sums up in whole KiB: "video:0KiB audio:63KiB …", or "kB" before version 7.
    told = re.findall(r"audio:\s*(\d+)k", outcome.log, re.IGNORECASE)
    sound = (int(told[-1]) + 1) * 1024 if plan.sound and told else 0
    seconds = outcome.frames / (plan.frame_rate or video.frame_rate)
    return Measured(frames=outcome.frames, seconds=seconds, sound=sound)


async def _made(video: Video, options: list[str], output: Path, plan: Encode | None = None) -> Video | None:
    """What ffmpeg writes to `output`; None if it could not, or what it wrote is no video."""
    if (await run(video.path, *options, within=seconds_allowed(video, plan))).code != 0:
        return None
    try:
        return await probe(output)
    except MediaError:
        return None


async def _made_before(path: Path) -> Video | None:
    """What an earlier call has left under a name, unless a loss of power has left it damaged."""
    if not path.exists():
        return None
    try:
        return await probe(path)
    except MediaError:
        return None


def _keep(made: Video, final: Path) -> Video:
    made.path.replace(final)
    return replace(made, path=final)


def _scratch(video: Video) -> TemporaryDirectory[str]:
    """A folder beside the video, gone when the work ends however it ends but for a crash."""
    return TemporaryDirectory(prefix=".fit-", dir=video.path.parent)


def megabytes(size: int) -> str:
    """A size as Discord words it, which counts 1024 KB to the MB: "10 MB", "9.5 MB", "300 KB"."""
    if size < 2**20:
        return f"{size / 1024:.0f} KB"
    return f"{size / 2**20:.1f} MB".replace(".0 ", " ")


def _turn() -> asyncio.Semaphore:
    """The lock that keeps each event loop to one encode at a time: a single ffmpeg uses every core."""
    return _TURNS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(1))
