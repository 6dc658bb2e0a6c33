"""The port through which the engine brings results to people. Two adapters: DiscordDelivery, FolderDelivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.errors import ReelcordError
from bot.jobs.job import Job


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


class BrokenVideo(DeliveryError):  # noqa: N818
    """The file is not a whole video, and nothing was posted: the engine fetches it again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """A result that is in its place."""

    message_id: int | None
    url: str | None


class Delivery(Protocol):
    """Brings videos and news of jobs to their destinations."""

    async def post(self, job: Job, video: Path, *, look_first: bool) -> Posted:
        """Post the video so that it appears once, fitting the place's limit.

        `look_first`: an earlier try may have succeeded unseen, so search the place for this job's message before posting.

        Raises:
            Undeliverable: the place is gone or closed, or the video cannot be made to fit it.
            BrokenVideo: the file cannot be played.
            DeliveryDelayed: try again later.
        """
        ...

    async def show(self, job: Job) -> None:
        """Bring the status card up to date. Idempotent; posts nothing new.

        Raises:
            Undeliverable: the card can never be edited again.
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
