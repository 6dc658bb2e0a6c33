"""The poster of a video, a still that stands for it: the first frame that is neither dark nor empty."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageStat

from bot.media.tool import run
from bot.media.video import MediaError, Video

BRIGHT = 40.0
"""The least mean luma (0 to 255) of a good still: a fade from black has come a third of its way."""
DETAILED = 8.0
"""The least standard deviation of its luma: a card of one colour has 0, a line of text on it makes 9, a fog has 20."""
LONGEST_SIDE = 640
_QUALITY = 88

#: The opening is looked at this often a second, that many times; later frames are sought one by one, at most so many.
_PER_SECOND, _OPENING, _LATER = 4, 16, 8
#: Seconds for the whole search; what has been found by then is taken.
_TIMEOUT = 60.0

_SHRINK = f"min(1,{LONGEST_SIDE}/max(iw*sar,ih))"
#: Frames a quarter of a second apart, as they are: none is repeated or blended. Their numbers are their times, so that
#: ffmpeg's constant rate for pictures, which old and new versions switch off in different words, changes nothing.
_FILTERS = (
    f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,1/{_PER_SECOND})',settb=1/{_PER_SECOND},setpts=N,"
    f"scale='max(1,iw*sar*{_SHRINK})':'max(1,ih*{_SHRINK})'"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How a frame looks at a glance."""

    brightness: float  #: mean luma, 0 to 255
    detail: float  #: standard deviation of luma

    @property
    def worth(self) -> float:
        """From 0 for black to 1 for a frame that is bright and detailed enough."""
        return (min(self.brightness / BRIGHT, 1.0) + min(self.detail / DETAILED, 1.0)) / 2


def best(looks: Sequence[Look]) -> int:
    """The number of the first look that is good enough, else of the first that comes nearest to it."""
    return max(range(len(looks)), key=lambda number: looks[number].worth)


def later(begin: float, seconds: float) -> list[float]:
    """Seconds of a video at which to look once the opening up to `begin` is known: at most one a second, evenly spread."""
    count = min(_LATER, math.ceil(seconds - begin)) if seconds > begin else 0
    return [begin + (seconds - begin) * (number + 0.5) / count for number in range(count)]


async def poster(video: Video, target: Path) -> Path:
    """The poster of a video as JPEG at `target`, taken unless it is there already; returns `target`.

    It is upright, in the video's proportions, and at most `LONGEST_SIDE` pixels long. Damaged frames are passed over.

    Raises:
        MediaError: no frame can be read.
        OSError: the disk is full, or `target` cannot be written.
    """
    if target.exists():
        return target
    with TemporaryDirectory(prefix=".poster-", dir=target.parent) as scratch:
        still = await _best_still(video, Path(scratch))
        if still is None:
            raise MediaError("No poster could be taken from this video.")
        await asyncio.to_thread(_put, still, target)
    return target


async def _best_still(video: Video, scratch: Path) -> Path | None:
    """The first good still, else the best of those that were found in time; None if there is no frame at all."""
    stills: dict[Path, Look] = {}

    async def found(start: float, count: int) -> bool:
        taken = await _take(video, start, count, scratch)
        stills.update(taken)
        return any(look.worth == 1.0 for look in taken.values())

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_TIMEOUT):
            # Most videos show something at once: then a single frame is decoded.
            if not (await found(0.0, 1) or await found(0.0, _OPENING)):
                for start in later(len(stills) / _PER_SECOND, video.seconds):
                    if await found(start, 1):
                        break
    return list(stills)[best(list(stills.values()))] if stills else None


async def _take(video: Video, start: float, count: int, scratch: Path) -> dict[Path, Look]:
    """So many frames, a quarter of a second apart, as RGB pictures; only those in front of the first damaged one.

    RGB, since ffmpeg would give a JPEG the video's own colour matrix, while every reader of one expects BT.601.
    """
    name = f"{start:.3f}-"
    pattern = f"{scratch}/{name}".replace("%", "%%") + "%02d.ppm"
    options = ("-map", "0:V:0", "-vf", _FILTERS, "-r", str(_PER_SECOND), "-frames:v", str(count), "-pix_fmt", "rgb24")
    before = ("-ss", f"{start:.3f}")
    await run(video.path, "-xerror", *options, "-f", "image2", pattern, before=before, within=_TIMEOUT)
    return await asyncio.to_thread(lambda: {still: _look(still) for still in sorted(scratch.glob(f"{name}*.ppm"))})


def _look(still: Path) -> Look:
    """Measured on a small copy, in which the noise of dark pictures is gone."""
    with Image.open(still) as picture:
        grey = picture.convert("L")
    grey.thumbnail((64, 64))
    figures = ImageStat.Stat(grey)
    return Look(brightness=figures.mean[0], detail=figures.stddev[0])


def _put(still: Path, target: Path) -> None:
    """Write the JPEG beside the still, and only then where it is looked for."""
    draft = still.with_suffix(".jpg")
    with Image.open(still) as picture:
        picture.save(draft, quality=_QUALITY, optimize=True, progressive=True)
    draft.replace(target)
