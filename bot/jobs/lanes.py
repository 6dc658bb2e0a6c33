"""The lanes of a worker: how much of each kind of work goes on at once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.jobs.job import TERMINAL, Status


@dataclass(frozen=True, slots=True)
class Lane:
    """Statuses whose steps share slots, so that none waits behind work of another kind."""

    statuses: frozenset[Status]
    slots: int
    #: Its steps ask the video service with the operator's key, so they wait while that is down or refuses.
    asks: bool = False


SENDING = Lane(frozenset({Status.QUEUED}), 8, asks=True)
ASKING = Lane(frozenset({Status.IN_PROGRESS}), 64, asks=True)
#: Jobs that cannot go on for the moment, whose cards say so: few at once, since thousands may wait.
TELLING = Lane(SENDING.statuses | ASKING.statuses, 4)
LANES = (
    ASKING,  # first, since a question that finds a service still down has cost nobody anything
    SENDING,
    Lane(frozenset({Status.DELIVERING}), 16),  # most wait: for a download, or for their turn to be encoded
    Lane(TERMINAL | {Status.SUBMITTING}, 4),
)
