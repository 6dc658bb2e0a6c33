"""The port through which the engine brings results to people. Two adapters: DiscordDelivery, FolderDelivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.errors import ReelcordError
from bot.jobs.job import Job
from bot.jobs.promise import Promise
from bot.media import Video


class DeliveryError(ReelcordError):
    """The destination did not take what was brought."""


class Undeliverable(DeliveryError):  # noqa: N818 - named by what follows from it
    """The place cannot be posted to, and waiting will not change that; the job becomes `held`.

    `str()` is one plain sentence for the person.
    """


class DeliveryDelayed(DeliveryError):  # noqa: N818
    """The place cannot be reached now; try again after `retry_after` seconds (None: the engine's own backoff)."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LinkExpired(DeliveryError):  # noqa: N818
    """A link that the video service needs is dead and cannot be renewed, so nothing may be paid for with it.

    `str()` is one plain sentence for the person.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """A link to the video as the service made it, which needs no key."""

    url: str
    #: Unix seconds until which we answer it; None: the service's own link, which says nothing of its end.
    until: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a job has made, ready to be brought to its place."""

    video: Video
    #: A still that stands for the video, as JPEG; None: none could be had.
    poster: Path | None
    #: To be offered wherever something else than the original is posted; None: there is no link to it.
    original: Original | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """A result that is in its place."""

    message_id: int | None
    url: str | None
    #: Its message leads to the original, which is to be kept for that.
    offers_original: bool = False


class Delivery(Protocol):
    """Brings videos and news of jobs to their destinations."""

    async def find(self, job: Job) -> Posted | None:
        """The result of an earlier try that may have succeeded unseen; None where it is not there or cannot be looked for.

        Raises:
            DeliveryDelayed: try again later.
        """
        ...

    async def post(self, job: Job, result: Result) -> Posted:
        """Post the result so that it appears once, fitting the place's limit.

        Raises:
            Undeliverable: the place is gone or closed, or nothing that fits it can be made of the video.
            DeliveryDelayed: try again later.
        """
        ...

    async def show(self, job: Job, poster: Path | None = None) -> None:
        """Bring the status card up to date, with the poster of a video that is done. Idempotent.

        Of a job that is held the person is also told wherever they can be reached.

        Raises:
            Undeliverable: the card can never be edited again.
            DeliveryDelayed: try again later.
        """
        ...

    async def retract(self, promise: Promise) -> None:
        """Say on the card of a broken promise that nothing came of it. Idempotent.

        Raises:
            Undeliverable: the card can never be edited again, or was never shown.
            DeliveryDelayed: try again later.
        """
        ...

    async def renew(self, urls: Sequence[str]) -> Mapping[str, str]:
        """Fresh links for attachment URLs that may have expired: old to new, the same where nothing is known.

        Raises:
            LinkExpired: one of them is dead and will stay so.
            DeliveryDelayed: they cannot be renewed now.
        """
        ...
