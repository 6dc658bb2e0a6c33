"""Bringing a video to its place, at least once and seen once; and saying on the card how a job ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import structlog

from bot.api.errors import BadFile, Busy, NotKnown, NotReady, Rejected, Unauthorized
from bot.jobs.cards import face
from bot.jobs.delivery import BrokenVideo, DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status, ended
from bot.jobs.steps.base import OUTAGE, Save, Tools

FETCH_TRIES = 10
"""How often a made video is fetched: with waits doubling from 10 s to 5 minutes, about half an hour in all.

Tries that nobody answered count up to half of them until `OUTAGE` is over.
"""
POST_TRIES = 60
"""How often its place is tried: about five hours, then it is kept for the person."""
ANNOUNCE_TRIES = 16
"""How often the card of a job that ended is tried: about an hour."""

_log = structlog.stdlib.get_logger(__name__)


async def deliver(job: Job, save: Save, tools: Tools) -> Job:
    """Delivering: fetch the video, then post it. A job found with `posting_at` looks for its message first."""
    video = tools.file_of(job)
    if not await asyncio.to_thread(video.exists):
        missing = await _fetch(job, video, tools)
        if missing is not None:
            return missing
    look_first = job.posting_at is not None
    if not look_first:
        job = await save(job.evolve(posting_at=tools.clock()))
    return await _post(job, video, tools, look_first=look_first)


async def _fetch(job: Job, video: Path, tools: Tools) -> Job | None:
    """Download the video; where that fails, the job that tries again or ends."""
    assert job.video_id is not None
    try:
        # A link is fetched without the key, so it shows nothing about a pause.
        await tools.upstreams.client(job.upstream).download(job.video_id, job.video_url, video)
    except Unauthorized as error:
        tools.upstreams.pause(job.upstream, error)
        return job.evolve(due_at=tools.after_pause())
    except (NotReady, BadFile, Busy, NotKnown, Rejected) as error:
        _log.warning(
            "The video could not be fetched", action="video_fetch_failed", error=str(error), **job.log_context()
        )
        return _fetch_again(job, tools, error.retry_after, silent=isinstance(error, Busy))
    return None


def _fetch_again(job: Job, tools: Tools, retry_after: float | None = None, *, silent: bool = False) -> Job:
    if silent and tools.clock() < (job.deadline_at or 0.0) + OUTAGE:
        job = job.evolve(attempts=min(job.attempts, FETCH_TRIES // 2 - 1))  # silence says nothing about the video
    if job.attempts + 1 >= FETCH_TRIES:
        reason = (
            "The video was made but could not be fetched from the service. It has been charged: ask the bot's operator."
        )
        return ended(job, Status.FAILED, reason, tools.clock())
    due_at = tools.retry_at(job, first=10.0, retry_after=retry_after)
    return job.evolve(attempts=job.attempts + 1, due_at=due_at)


async def _post(job: Job, video: Path, tools: Tools, *, look_first: bool) -> Job:
    try:
        posted = await tools.delivery.post(job, video, look_first=look_first)
    except Undeliverable as error:
        return ended(job, Status.HELD, str(error), tools.clock())
    except BrokenVideo as error:
        _log.warning("The fetched file is no video", action="video_fetch_failed", error=str(error), **job.log_context())
        await _forget(video)
        return _fetch_again(job, tools)
    except DeliveryDelayed as error:
        if job.attempts + 1 >= POST_TRIES:
            reason = "This place could not be reached for hours."
            return ended(job, Status.HELD, reason, tools.clock())
        return job.evolve(attempts=job.attempts + 1, due_at=tools.retry_at(job, retry_after=error.retry_after))
    job = ended(job, Status.COMPLETED, None, tools.clock())
    _log.info("The video is in its place", action="job_delivered", message_id=posted.message_id, **job.log_context())
    return job.evolve(message_id=posted.message_id, message_url=posted.url)


async def announce(job: Job, _save: Save, tools: Tools) -> Job:
    """Ended: say so on the card, drop what is no longer needed, and never be due again."""
    if job.status is not Status.HELD:
        await _forget(tools.file_of(job))
    try:
        await tools.delivery.show(job)
    except DeliveryDelayed as error:
        if job.attempts + 1 < ANNOUNCE_TRIES:
            return job.evolve(attempts=job.attempts + 1, due_at=tools.retry_at(job, retry_after=error.retry_after))
        _log.warning("The card could not be brought up to date", action="card_failed", **job.log_context())
    except Undeliverable as error:
        _log.info("The card is out of reach", action="card_failed", error=str(error), **job.log_context())
    # The token has served; a data: link would keep the whole video in the row.
    destination = replace(job.destination, token=None)
    url = None if job.video_url is not None and job.video_url.startswith("data:") else job.video_url
    return job.evolve(due_at=None, shown=face(job), shown_at=tools.clock(), destination=destination, video_url=url)


async def _forget(video: Path) -> None:
    await asyncio.to_thread(video.unlink, missing_ok=True)
