"""Fetching a made video: whole and playable, by either route; nothing but a clear end gives it up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from bot.api.errors import BadFile, Busy, NotKnown, NotReady, TooLarge, Unauthorized
from bot.api.replies import is_content_route
from bot.jobs.breaker import Scope
from bot.jobs.delivery import Original
from bot.jobs.job import Job, Status, ended
from bot.jobs.steps.base import OUTAGE, Tools
from bot.media import MediaError, Video, megabytes, probe

FETCH_TRIES = 10
"""How often a made video is fetched: with waits doubling from 10 s to 5 minutes, about half an hour in all.

Tries that nobody answered, or for which the disk had no room, count up to half of them until `OUTAGE` is over.
"""
DISK_FULL = "The bot's disk is full; this goes on by itself once there is room."

_NOT_FETCHED = (
    "The video was made but could not be fetched from the service. It has been charged: ask the bot's operator."
)

_log = structlog.stdlib.get_logger(__name__)


async def fetch(job: Job, tools: Tools) -> Video | Job:
    """The video, fetched where it is not here yet and found whole; else the job that tries again or ends.

    What came broken by the link is fetched by the service's content route at once, where that is another way.

    Raises:
        NoRoom: the disk is full.
        OSError: it cannot be written.
    """
    path = tools.videos.spooled(job.id)
    if await asyncio.to_thread(path.exists) and (video := await _probed(job, path, tools)):
        return video
    if not tools.upstreams.has(job.upstream):
        return job.evolve(due_at=tools.after_pause())  # until its service has a key again
    for link in _routes(job):
        if (missing := await _download(job, link, path, tools)) is not None:
            return missing
        if video := await _probed(job, path, tools):
            tools.disk.took()
            return video
    return _again(job, tools)


def wait_for_room(job: Job, tools: Tools) -> Job | None:
    """The job that goes on once there is room on the disk; None where there has been none for hours."""
    job = _counted(job, tools, silent=True)
    if job.attempts + 1 >= FETCH_TRIES:
        return None
    return job.evolve(attempts=job.attempts + 1, due_at=tools.retry_at(job, first=10.0), reason=DISK_FULL)


def public_link(job: Job, tools: Tools) -> Original | None:
    """The service's own link to the video, where it is known to need no key."""
    if job.video_url is None or not tools.upstreams.has(job.upstream):
        return None
    return (
        Original(url=job.video_url, until=None)
        if tools.upstreams.client(job.upstream).is_public(job.video_url)
        else None
    )


def offering(job: Job, original: Original | None) -> Job:
    """The job with the link that its message or its card offers."""
    return job.evolve(original_url=original and original.url, original_until=original and original.until)


def failed(job: Job, reason: str, original: Original | None, tools: Tools) -> Job:
    """The end of a job whose video is not to be had here; where the service's own link leads to it, that is offered."""
    return offering(ended(job, Status.FAILED, reason, tools.clock()), original)


def _routes(job: Job) -> Sequence[str | None]:
    """What to fetch by, in this order; None is the service's content route alone."""
    return (job.video_url, None) if job.video_url and not is_content_route(job.video_url) else (None,)


async def _probed(job: Job, path: Path, tools: Tools) -> Video | None:
    """What is in the file; where that is no whole video the file is dropped."""
    try:
        return await probe(path)
    except MediaError as error:
        _log.warning("The fetched file is no video", action="video_fetch_failed", error=str(error), **job.log_context())
        await asyncio.to_thread(tools.videos.forget, job.id)
        return None


async def _download(job: Job, link: str | None, video: Path, tools: Tools) -> Job | None:
    """Download the video; where that fails, the job that tries again or ends."""
    assert job.video_id is not None
    upstreams = tools.upstreams
    try:
        if link is not None:  # on another host, so it shows nothing about the service
            await upstreams.client(job.upstream).download(job.video_id, link, video)
        elif upstreams.may_ask(job.upstream):
            with upstreams.asking(job.upstream) as api:
                await api.download(job.video_id, None, video)
        else:
            return job.evolve(due_at=tools.after_pause(), reason=upstreams.why(job))
    except Unauthorized as error:
        upstreams.refused(Scope(upstream=job.upstream), error)
        return job.evolve(due_at=tools.after_pause(), reason=upstreams.why(job))
    except TooLarge as error:
        _log.warning("The video is too large to be fetched", action="video_too_large", **job.log_context())
        has = f" It has {megabytes(error.size)}." if error.size else ""
        return failed(job, error.sentence + has, public_link(job, tools), tools)
    except (NotReady, BadFile, Busy, NotKnown) as error:
        _log.warning(
            "The video could not be fetched", action="video_fetch_failed", error=str(error), **job.log_context()
        )
        return _again(job, tools, error.retry_after, silent=isinstance(error, Busy))
    return None


def _again(job: Job, tools: Tools, retry_after: float | None = None, *, silent: bool = False) -> Job:
    job = _counted(job, tools, silent=silent)
    if job.attempts + 1 >= FETCH_TRIES:
        return failed(job, _NOT_FETCHED, None, tools)
    due_at = tools.retry_at(job, first=10.0, retry_after=retry_after)
    return job.evolve(attempts=job.attempts + 1, due_at=due_at, reason=None)


def _counted(job: Job, tools: Tools, *, silent: bool) -> Job:
    """The job with those of its attempts that tell against the video."""
    attempts = job.attempts
    if silent and tools.clock() < (job.deadline_at or 0.0) + OUTAGE:
        attempts = min(attempts, FETCH_TRIES // 2 - 1)  # silence says nothing about the video
    elif attempts >= FETCH_TRIES:
        attempts = 0  # they were spent on its place, and the file was lost since
    return job.evolve(attempts=attempts)
