"""A still that stands for a video: the first frame that is neither dark nor empty."""

from __future__ import annotations

from pathlib import Path

from bot.media.tool import run
from bot.media.video import MediaError, Video

_TIMEOUT = 60.0


async def poster(video: Video, target: Path) -> Path:
    """The still of a video as JPEG at `target`, taken unless it is there already; returns `target`.

    Raises:
        MediaError: no frame can be read.
    """
    if target.exists():
        return target
    part = target.with_name(f".{target.stem}.part.jpg")
    try:
        outcome = await run(video.path, "-map", "0:V:0", "-frames:v", "1", str(part), within=_TIMEOUT)
        if outcome.code != 0:
            raise MediaError("No still could be taken from this video.")
        part.replace(target)
    except TimeoutError:
        raise MediaError("No still could be taken from this video in time.") from None
    finally:
        part.unlink(missing_ok=True)
    return target
