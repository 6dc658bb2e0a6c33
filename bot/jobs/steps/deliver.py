"""Bringing a video to its place, at least once and seen once; and saying on the card how a job ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import structlog

from bot.api.errors import BadFile, Busy, NotKnown, NotReady, Rejected, Unauthorized
from bot.jobs.cards import face
from bot.jobs.delivery import DeliveryDelayed, Original, Posted, Result, Undeliverable
from bot.jobs.job import Job, Status, ended
from bot.jobs.steps.base import OUTAGE, Save, Tools
from bot.media import MediaError, Video, poster, probe

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
    """Delivering: fetch the video and post it. A job found with `posting_at` looks for its message first."""
    try:
        if job.posting_at is not None and (posted := await tools.delivery.find(job)):
            return _completed(job, posted, tools)
        video = await _video(job, tools)
        if isinstance(video, Job):
            return video
        job = await save(job.evolve(posting_at=tools.clock()))
        result = Result(video=video, poster=await _poster(video, job, tools), original=_original(job, tools))
        return _completed(job, await tools.delivery.post(job, result), tools)
    except Undeliverable as error:
        return ended(job, Status.HELD, str(error), tools.clock())
    except DeliveryDelayed as error:
        if job.attempts + 1 >= POST_TRIES:
            reason = "This place could not be reached for hours."
            return ended(job, Status.HELD, reason, tools.clock())
        return job.evolve(attempts=job.attempts + 1, due_at=tools.retry_at(job, retry_after=error.retry_after))


async def _video(job: Job, tools: Tools) -> Video | Job:
    """The video, fetched where it is not here yet and found whole; else the job that tries again or ends."""
    path = tools.videos.spooled(job.id)
    if not await asyncio.to_thread(path.exists):
        missing = await _fetch(job, path, tools)
        if missing is not None:
            return missing
    try:
        return await probe(path)
    except MediaError as error:
        _log.warning("The fetched file is no video", action="video_fetch_failed", error=str(error), **job.log_context())
        await asyncio.to_thread(tools.videos.forget, job.id)
        return _fetch_again(job, tools)


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


async def _poster(video: Video, job: Job, tools: Tools) -> Path | None:
    """A still of the video; that none can be had is no reason to keep the video back."""
    try:
        return await poster(video, tools.videos.poster(job.id))
    except (MediaError, OSError) as error:
        _log.warning("No still could be taken", action="poster_failed", error=str(error), **job.log_context())
        return None


def _original(job: Job, tools: Tools) -> Original | None:
    """The link to offer with anything but the original itself."""
    if tools.links:
        until = tools.clock() + tools.retention.originals_for
        return Original(url=tools.links.sign(f"/videos/{job.id}.mp4", int(until)), until=until)
    if job.video_url and tools.upstreams.client(job.upstream).is_public(job.video_url):
        return Original(url=job.video_url, until=None)
    return None


def _completed(job: Job, posted: Posted, tools: Tools) -> Job:
    _log.info("The video is in its place", action="job_delivered", message_id=posted.message_id, **job.log_context())
    offered = _original(job, tools) if posted.offers_original else None
    return ended(job, Status.COMPLETED, None, tools.clock()).evolve(
        message_id=posted.message_id,
        message_url=posted.url,
        original_url=offered and offered.url,
        original_until=offered and offered.until,
    )


async def announce(job: Job, _save: Save, tools: Tools) -> Job:
    """Ended: say so on the card, drop what is no longer needed, and never be due again."""
    if job.status is not Status.HELD:
        leave = tools.videos.keep if job.original_until else tools.videos.forget
        await asyncio.to_thread(leave, job.id)
    still = tools.videos.poster(job.id)
    try:
        await tools.delivery.show(job, still if await asyncio.to_thread(still.exists) else None)
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
