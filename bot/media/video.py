"""Probing a file: what it holds, read from what ffmpeg logs about it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ReelcordError
from bot.media.boxes import is_quicktime, outer_boxes, starts_at_once
from bot.media.tool import Outcome, run


class MediaError(ReelcordError):
    """A file is not the video it should be, or cannot be made to fit; `str()` is one plain sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """What ffmpeg finds in a file."""

    path: Path
    size: int  #: bytes
    seconds: float
    width: int  #: as shown: after rotation, in square pixels, none enlarged
    height: int
    video_codec: str  #: such as "h264"
    pixel_format: str  #: such as "yuv420p"
    audio_codec: str | None
    faststart: bool  #: a plain MP4 with moov before mdat
    profile: str | None = None  #: such as "High"
    frame_rate: float = 30.0  #: pictures a second; of a variable rate the highest
    variable_rate: bool = False
    transfer: str | None = None  #: of HDR: "smpte2084" (PQ) or "arib-std-b67" (HLG)
    audio_rate: int | None = None  #: bits a second, where the container says so
    extra_streams: bool = False  #: more than one picture and one sound


#: Ticks a second, more than which are no frame rate.
_MOST_RATE = 240.0
_ROUNDING = 0.03
_NOT_A_VIDEO = "The file that came is not a video."
_BROKEN = "The video is damaged or cut short."


async def probe(path: Path) -> Video:
    """Open a file with ffmpeg, decode its last two seconds, and say what it holds.

    Where an MP4 shows no new picture in these, it is decoded from its beginning.

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
        if is_mp4 and not outcome.frames:
            outcome = await run(path, *tail, within=120)
    except TimeoutError:
        raise MediaError("The video could not be read in time.") from None
    video = _described(path, outcome, faststart=starts_at_once(kinds) and not is_quicktime(path))
    if video is None:
        raise MediaError(_NOT_A_VIDEO)
    if outcome.code != 0 or video.seconds <= 0:
        raise MediaError(_BROKEN)
    return video


def _described(path: Path, outcome: Outcome, *, faststart: bool) -> Video | None:
    """Read the description of the input that ffmpeg writes to its log; None if there is no video in it.

    The tags of a file stand in it too, and a service may have written the prompt there: what follows a tag's name, or
    goes on below it, never begins a line, so only what does is read.
    """
    description = re.split(r"^Stream mapping:", outcome.log, maxsplit=1, flags=re.MULTILINE)[0]
    pictures = [line for line in _streams(description, "Video") if "(attached pic)" not in line]
    sounds = _streams(description, "Audio")
    words = _words(pictures[0]) if pictures else []
    sides = re.fullmatch(r"(\d{1,5})x(\d{1,5})", words[2]) if len(words) > 2 else None
    if not sides:
        return None
    duration = re.search(r"^ +Duration: (\d+):(\d+):(\d+\.\d+)", description, re.MULTILINE)
    hours, minutes, seconds = duration.groups() if duration else ("0", "0", str(outcome.seconds))
    width, height = _as_shown(int(sides[1]), int(sides[2]), pictures[0], description)
    profile = re.match(r"\w+ \(([^)/]+)\)", pictures[0])
    transfer = re.search(r"smpte2084|arib-std-b67", pictures[0])
    frame_rate, variable_rate = _frame_rate(pictures[0])
    audio_rate = re.search(r", (\d{1,9}) kb/s", sounds[0]) if sounds else None
    return Video(
        path=path,
        size=path.stat().st_size,
        seconds=int(hours) * 3600 + int(minutes) * 60 + float(seconds),
        width=width,
        height=height,
        video_codec=words[0],
        pixel_format=words[1],
        audio_codec=_words(sounds[0])[0] if sounds else None,
        faststart=faststart,
        profile=profile and profile[1],
        frame_rate=frame_rate,
        variable_rate=variable_rate,
        transfer=transfer and transfer[0],
        audio_rate=int(audio_rate[1]) * 1000 if audio_rate else None,
        extra_streams=len(re.findall(r"^ *Stream #0:", description, re.MULTILINE)) > 1 + bool(sounds),
    )


def _streams(description: str, kind: str) -> list[str]:
    """What is said of each stream of a kind.

    A line reads `Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31), yuv420p(tv, bt709), 640x360 [SAR 1:1], …`.
    """
    return re.findall(rf"^ +Stream #0:\d+.*?: {kind}: (.*)", description, re.MULTILINE)


def _words(line: str) -> list[str]:
    """Codec, pixel format, size, … without what ffmpeg adds in brackets."""
    return re.sub(r"\s*(\([^)]*\)|\[[^\]]*\])", "", line).split(", ")


def _as_shown(width: int, height: int, line: str, description: str) -> tuple[int, int]:
    """The sides after a player has applied the shape of the pixels and the rotation.

    Pixels that are not square by a hair come of rounded sides, and are taken for square.
    """
    shape = re.search(r"SAR (\d{1,10}):(\d{1,10})", line)
    ratio = int(shape[1]) / max(1, int(shape[2])) if shape else 1.0
    if ratio > 1 + _ROUNDING:
        height = max(1, round(height / ratio))
    elif 0 < ratio < 1 - _ROUNDING:
        width = max(1, round(width * ratio))
    turn = re.search(r"^ +display ?matrix: rotation of (-?\d+\.\d+)", description, re.IGNORECASE | re.MULTILINE)
    lying = turn is not None and round(float(turn[1]) / 90) % 2 == 1
    return (height, width) if lying else (width, height)


def _frame_rate(line: str) -> tuple[float, bool]:
    """The frame rate, and whether it varies: then the average ("fps") is not the least common rate ("tbr").

    A file without steady ticks has a senseless one, such as 1k or 90k; what its frames come to is no more than 30.
    """
    told = re.findall(r"(\d+(?:\.\d+)?)(k?) (fps|tbr)", line)
    rates = {name: float(number) * (1000 if kilo else 1) for number, kilo, name in told}
    least_common = rates.get("tbr", 0.0)
    average = rates.get("fps", least_common)
    if not 0 < least_common <= _MOST_RATE:
        return (average, True) if 30 < average <= _MOST_RATE else (30.0, True)
    # One frame that lasts a little longer, such as the last, does not make a rate vary.
    return least_common, abs(average - least_common) > 0.02 * least_common
