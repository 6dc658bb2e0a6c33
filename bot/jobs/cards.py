"""When the status card of a job is worth an edit: pure functions."""

from __future__ import annotations

from bot.jobs.job import ACTIVE, Job, Status

SHOW_EVERY = 10.0
"""Seconds between two edits of one card while its job is active."""


def face(job: Job) -> str:
    """What the card of this job would say, in short: two jobs with the same face have the same card."""
    progress = f" {job.progress}" if job.status is Status.IN_PROGRESS else ""
    return f"{job.status}{progress} {job.reason or ''}".rstrip()


def wants_showing(job: Job, now: float) -> bool:
    """Whether an active job's card is to be edited now; the card of a job that ended is brought up to date by its step."""
    if job.status not in ACTIVE or face(job) == job.shown:
        return False
    return job.shown_at is None or not 0 <= now - job.shown_at < SHOW_EVERY
