"""Videos as files: probe one, and make it fit a limit. A pure plan, then ffmpeg in its own process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.errors import ReelcordError


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
    faststart: bool  #: moov before mdat


def ffmpeg() -> str:
    """The ffmpeg to run: the one on PATH, else the one imageio-ffmpeg brings."""
    raise NotImplementedError


async def probe(path: Path) -> Video:
    """Open a file with ffmpeg and say what it holds.

    Raises:
        MediaError: it is not a whole video.
    """
    raise NotImplementedError


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """A video that fits, and what was done to make it so."""

    video: Video
    #: "" when untouched, else a few words: "re-encoded from 38 MB to fit the 10 MB limit here".
    note: str


async def fit(video: Video, limit: int) -> Fitted:
    """Make a video play everywhere within `limit` bytes: as is, remuxed, or re-encoded beside the original.

    Raises:
        MediaError: no rung of the ladder gives a watchable file of that size.
    """
    raise NotImplementedError
