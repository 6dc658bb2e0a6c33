"""What is posted of a video, rung by rung: the video itself, smaller and smaller, and at the foot a link to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.jobs.delivery import Original, Result, Undeliverable
from bot.media import Fitted, MediaError, Rung, fit, megabytes

DEFAULT_LIMIT = 10 * 1024 * 1024
"""Bytes a file may have anywhere: Discord's least, since January 2025."""
_HEADROOM = 0.99  # Discord measures the request, which is a little more than the file


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """How many bytes a file may have where it is to go, and the words for that."""

    size: int
    #: Such as "this server's 10 MB limit".
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One way to post a result."""

    path: Path
    #: What was done to the video, in a few words for the person; "": nothing.
    said: str
    #: The link that goes with it.
    original: Original | None


async def rungs(result: Result, limit: Limit) -> AsyncIterator[Parcel]:
    """The ways to post a result, best first; the next is taken where Discord finds the last too large all the same.

    Raises:
        Undeliverable: none (more) fits, and there is no link to offer.
    """
    for most in dict.fromkeys((limit.size, min(limit.size, DEFAULT_LIMIT))):
        try:
            fitted = await fit(result.video, int(most * _HEADROOM))
        except MediaError as error:
            raise Undeliverable(str(error)) from error
        changed = fitted.rung is not Rung.AS_IS
        said = _said(fitted, Limit(size=most, words=limit.words))
        yield Parcel(path=fitted.video.path, said=said, original=result.original if changed else None)
    raise Undeliverable("The video is too large for this place, even when made smaller.")


def _said(fitted: Fitted, limit: Limit) -> str:
    if fitted.rung is Rung.AS_IS:
        return ""
    if fitted.rung is Rung.REMUXED:
        return "repacked without a change to the picture"
    if fitted.original.size <= limit.size:
        return "re-encoded so that it plays everywhere"
    return f"re-encoded from {megabytes(fitted.original.size)} to fit {limit.words}"
