"""What every step works with, and what becomes of a job whose step raised something unexpected."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from bot.jobs.breaker import PAUSE
from bot.jobs.delivery import Delivery
from bot.jobs.disk import Disk
from bot.jobs.job import TERMINAL, Job, Status, ended
from bot.jobs.schedule import Pace, next_poll, retry_at
from bot.jobs.upstreams import Upstreams
from bot.jobs.videos import Retention, Videos
from bot.links import Links

TRIES = 20
"""How often a step may raise something unexpected: with the waits between, about an hour and a half."""

OUTAGE = 21_600.0
"""Seconds for which an outage is waited out where it may be none: a paid job's past its deadline, since the video may be
there, and an unpaid one's whose model is not to be had any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What the steps work with."""

    upstreams: Upstreams
    delivery: Delivery
    videos: Videos
    retention: Retention
    disk: Disk
    #: Signs links to originals; None: the service's own are offered where they need no key.
    links: Links | None
    pace: Pace
    clock: Callable[[], float]
    roll: Callable[[], float] = random.random

    def poll_at(self, job: Job) -> float:
        """When to ask next about a running job."""
        now = self.clock()
        return next_poll(now, job.submitted_at or now, self.pace.poll_interval, self.roll())

    def retry_at(
        self, job: Job, *, first: float = 5.0, longest: float = 300.0, retry_after: float | None = None
    ) -> float:
        """When the job's step is to be tried again."""
        return retry_at(self.clock(), job.attempts, self.roll(), first=first, longest=longest, retry_after=retry_after)

    def after_pause(self) -> float:
        """When a job whose service is in trouble or has no key looks again, where its claim does not wait for that."""
        return self.clock() + PAUSE


Save: TypeAlias = Callable[[Job], Awaitable[Job]]
"""Writes a job ahead of what follows; raises Conflict where another has changed it."""

Step: TypeAlias = Callable[[Job, Save, Tools], Awaitable[Job]]

LOST_ANSWER = (
    "The answer of the video service was lost, so the video may or may not be in the making and charged; "
    "press Again to order it anew, which is charged too."
)


def over(job: Job, now: float) -> bool:
    """Whether a running job has reached its own deadline."""
    return job.deadline_at is not None and now >= job.deadline_at


def after_error(saved: Job, tools: Tools) -> Job:
    """What becomes of a job whose step raised something unexpected; `saved` is the job as its row now is.

    A row saved as `submitting` is never put back: its POST may have been carried out.
    """
    now = tools.clock()
    if saved.status is Status.SUBMITTING:
        return ended(saved, Status.UNCONFIRMED, LOST_ANSWER, now)
    again = saved.evolve(attempts=saved.attempts + 1, due_at=tools.retry_at(saved))
    if saved.status is Status.IN_PROGRESS:  # paid for: as long as it may still come, keep asking
        reason = "The bot could not make out how this video was getting on and gave up; it may have been charged."
        return ended(saved, Status.EXPIRED, reason, now) if over(saved, now) else again
    if saved.attempts < TRIES:
        return again
    if saved.status in TERMINAL:
        return saved.evolve(due_at=None)
    if saved.status is Status.DELIVERING:
        return ended(saved, Status.HELD, "The bot could not post the video.", now)
    return ended(
        saved, Status.FAILED, "Something went wrong inside the bot before this was sent; nothing was charged.", now
    )
