"""What is posted of a video, rung by rung: the video itself, smaller and smaller, and at the foot its poster with a link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog

from bot.chat.cards import can_be_pressed
from bot.jobs.delivery import Original, Result, Undeliverable
from bot.media import Fitted, MediaError, Rung, fit, megabytes

DEFAULT_LIMIT = 10 * 1024 * 1024
"""Bytes a file may have anywhere: Discord's least, since January 2025."""
_SMALLER = (DEFAULT_LIMIT, 8 * 1024 * 1024, 1024 * 1024)
"""What may be taken where a larger file was refused: Discord's least, its least of former years, and nginx's default,
for a proxy in front of Discord."""
_FILES = 4  # how many sizes of the video are offered at the most
_HEADROOM = 0.99  # Discord measures the request, which is a little more than the file

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """How many bytes a file may have where it is to go, and the words for that."""

    size: int
    #: Such as "this server's 10 MB limit".
    words: str

    @classmethod
    def of_answer(cls, size: int) -> Self:
        """What Discord says an answer to an interaction may have."""
        return cls(size=size, words=f"the {megabytes(size)} limit here")


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One way to post a result."""

    path: Path
    #: Bytes.
    size: int
    #: What was done to the video, in a few words for the person; "": nothing.
    said: str
    #: The link that goes with it.
    original: Original | None
    #: A JPEG that stands for the video, to which only the link leads.
    poster: bool = False


async def rungs(result: Result, limit: Limit) -> AsyncIterator[Parcel]:
    """The ways to post a result, best first; the next is taken where Discord finds the last too large all the same.

    Raises:
        Undeliverable: none (more) fits, and there is no link to offer.
        OSError: the disk has no room for a smaller one.
    """
    link = result.original if result.original and can_be_pressed(result.original.url) else None
    sentence = "Discord finds the video too large for its place, even when made smaller."
    whole = megabytes(result.video.size)
    said = f"Discord refused the video ({whole}), even when made smaller"
    for turn in range(_FILES):
        try:
            fitted = await fit(result.video, int(limit.size * _HEADROOM))
        except MediaError as error:
            if turn == 0:
                sentence = f"{str(error).removesuffix('.')}: its place takes {megabytes(limit.size)}."
            said = f"the video ({whole}) cannot be made to fit {limit.words}"
            _log.info("No file that fits can be made", action="video_not_fitted", limit=limit.size, error=str(error))
            break
        file, changed = fitted.video, fitted.rung is not Rung.AS_IS
        if changed:
            _tell(fitted, limit)
        yield Parcel(
            path=file.path, size=file.size, said=what_was_done(fitted, limit), original=link if changed else None
        )
        limit = _below(file.size)
    if link is None or result.poster is None:
        raise Undeliverable(sentence)
    size = (await asyncio.to_thread(result.poster.stat)).st_size
    yield Parcel(path=result.poster, size=size, said=said, original=link, poster=True)
    raise Undeliverable(sentence)


def _tell(fitted: Fitted, limit: Limit) -> None:
    """Log what was made of a video, for whoever is asked about it."""
    _log.info(
        "A file that fits its place is made",
        action="video_fitted",
        rung=fitted.rung.value,
        original=fitted.original.size,
        size=fitted.video.size,
        limit=limit.size,
        tries=fitted.tries,
    )


def what_was_done(fitted: Fitted, limit: Limit) -> str:
    """What was done to a video to make it fit, in a few words; "": nothing."""
    if fitted.rung is Rung.AS_IS:
        return ""
    if fitted.rung is Rung.REMUXED:
        return "repacked without a change to the picture"
    made, original = fitted.video, fitted.original
    if original.size <= limit.size * _HEADROOM:
        return "re-encoded so that it plays everywhere"
    # Odd sides become even, and a turned picture is stored upright: neither is a smaller picture.
    smaller = min(made.width, made.height) < min(original.width, original.height) - 1
    at = f", at {made.width}x{made.height}" if smaller else ""
    return f"re-encoded from {megabytes(original.size)} to fit {limit.words}{at}"


def _below(refused: int) -> Limit:
    """What to try after a file of that many bytes was refused; one below all known limits is sent once more as it is."""
    size = next((size for size in _SMALLER if size < refused), _SMALLER[-1])
    return Limit(size=size, words=f"the {megabytes(size)} limit found here")
