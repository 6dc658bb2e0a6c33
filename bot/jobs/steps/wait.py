"""Telling people that their job waits for a service that does not answer: the one step that leaves its job as it is."""

from __future__ import annotations

from bot.jobs.cards import SHOW_EVERY, face, wants_showing
from bot.jobs.job import Job
from bot.jobs.steps.base import Save, Tools


async def tell(job: Job, _save: Save, tools: Tools) -> Job:
    """Waiting for a service: the card says so, once. It stays due, so that it goes on with the first sign of life."""
    sentence = tools.upstreams.why(job)
    if sentence is None:
        return job
    now, told = tools.clock(), job.evolve(reason=sentence)
    if face(told) == job.shown or wants_showing(told, now):
        return told
    return job.evolve(due_at=(job.shown_at or now) + SHOW_EVERY)  # edited a moment ago
