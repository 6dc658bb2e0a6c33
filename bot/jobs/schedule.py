"""When to ask again: pure functions of the time, in Unix seconds. `roll` is a random number from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass

STRETCH_AFTER = 300.0
"""Seconds after which a job is asked about half as often: new-api itself looks only every 15 to 30 s."""
JITTER = 0.2
LONGEST = 600.0
"""Seconds: the longest wait a service may ask of us, so that a wrong Retry-After strands no job."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """The operator's patience with the video services, in seconds."""

    #: The least time between two polls of one job.
    poll_interval: float
    #: From submit to `expired`.
    job_timeout: float
    #: The same for a job that waits for cheap hours.
    off_peak_timeout: float


def next_poll(now: float, submitted_at: float, interval: float, roll: float) -> float:
    """When to ask next about a running job: never sooner than `interval` seconds from now."""
    pace = interval * 2 if now - submitted_at >= STRETCH_AFTER else interval
    return now + pace * (1 + JITTER * roll)


def retry_at(
    now: float, attempts: int, roll: float, *, first: float, longest: float, retry_after: float | None = None
) -> float:
    """When to try again after `attempts` earlier failures: doubling from `first` to `longest` seconds, with jitter.

    A service's Retry-After is obeyed where it asks for a longer wait, up to `LONGEST`.
    """
    wait = min(first * 2.0 ** min(attempts, 30), longest) * (1 + JITTER * roll)
    return now + max(wait, min(retry_after or 0.0, LONGEST))
