"""Probing a file: what it holds, read from what ffmpeg logs about it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ReelcordError
from bot.media.boxes import outer_boxes, starts_at_once
from bot.media.tool import Outcome, run


class MediaError(ReelcordError):
    """A file is not the video it should be, or cannot be made to fit; `str()` is one plain sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """What ffmpeg finds in a file."""

    path: Path
    size: int  #: bytes
    seconds: float
    width: int
    height: int
    video_codec: str  #: such as "h264"
    pixel_format: str  #: such as "yuv420p"
    audio_codec: str | None
    faststart: bool  #: a plain MP4 with moov before mdat


_NOT_A_VIDEO = "The file that came is not a video."
_BROKEN = "The video is damaged or cut short."


async def probe(path: Path) -> Video:
    """Open a file with ffmpeg, decode its last two seconds, and say what it holds.

    Raises:
        MediaError: it is not a whole video.
    """
    kinds, whole = await asyncio.to_thread(outer_boxes, path)
    is_mp4 = kinds[:1] == ["ftyp"]
    if is_mp4 and not (whole and "moov" in kinds):
        raise MediaError(_BROKEN)
    tail = ("-xerror", "-map", "0:V:0", "-map", "0:a:0?", "-abort_on", "empty_output", "-f", "null", "-")
    try:
        outcome = await run(path, *tail, before=("-sseof", "-2"), within=120)
    except TimeoutError:
        raise MediaError("The video could not be read in time.") from None
    video = _described(path, outcome, faststart=starts_at_once(kinds))
    if video is None:
        raise MediaError(_NOT_A_VIDEO)
    if outcome.code != 0 or video.seconds <= 0:
        raise MediaError(_BROKEN)
    return video


def _described(path: Path, outcome: Outcome, *, faststart: bool) -> Video | None:
    """Read the description of the input that ffmpeg writes to its log; None if there is no video in it."""
    description = outcome.log.partition("Stream mapping:")[0]
    pictures = _streams(description, "Video")
    sounds = _streams(description, "Audio")
    if not pictures or len(pictures[0]) < 3:
        return None
    codec, pixel_format, size = pictures[0][:3]
    sides = re.fullmatch(r"(\d+)x(\d+)", size)
    if not sides:
        return None
    duration = re.search(r"Duration: (\d+):(\d+):([\d.]+)", description)
    hours, minutes, seconds = duration.groups() if duration else ("0", "0", str(outcome.seconds))
    return Video(
        path=path,
        size=path.stat().st_size,
        seconds=int(hours) * 3600 + int(minutes) * 60 + float(seconds),
        width=int(sides[1]),
        height=int(sides[2]),
        video_codec=codec,
        pixel_format=pixel_format,
        audio_codec=sounds[0][0] if sounds else None,
        faststart=faststart,
    )


def _streams(description: str, kind: str) -> list[list[str]]:
    """The streams of a kind as their words: codec, pixel format, size, … without what ffmpeg adds in brackets.

    A line reads `Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31), yuv420p(tv, bt709), 640x360 [SAR 1:1], …`.
    """
    found: list[list[str]] = []
    for line in description.splitlines():
        words = re.search(rf"Stream #0:\d+.*?: {kind}: (.*)", line)
        if words and "(attached pic)" not in line:
            plain = re.sub(r"\s*(\([^)]*\)|\[[^\]]*\])", "", words[1])
            found.append(plain.split(", "))
    return found
