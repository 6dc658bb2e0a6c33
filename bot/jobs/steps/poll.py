"""Asking how a video is getting on. Nothing but the service's own word, or the job's deadline, ends a paid job."""

from __future__ import annotations

import structlog

from bot.api.client import VIDEO_PATH, WRAPPER_PATH
from bot.api.errors import Busy, NotKnown, Unauthorized
from bot.api.replies import Reply, State
from bot.jobs.job import Job, Status, ended
from bot.jobs.steps.base import OUTAGE, Save, Tools, over

NOT_KNOWN_FOR = 60.0
"""Seconds after the POST in which new-api may still answer `task_not_exist` for a task it has just made."""
LONG = 600.0
"""Seconds after which a job has run past its usual time."""
NOT_KNOWN_TRIES = 10
"""How often in a row that answer is doubted afterwards: with waits doubling from 5 s to a minute, about 7 minutes."""

_log = structlog.stdlib.get_logger(__name__)


async def poll(job: Job, _save: Save, tools: Tools) -> Job:
    """In progress: ask once, or where this may be the last word, on both routes."""
    job = job.evolve(polls=job.polls + 1)
    try:
        reply = await _ask(job, tools)
    except Unauthorized:
        return _waiting(job, tools)
    except Busy as error:
        return _unanswered(job, tools, error.retry_after)
    if reply is None:
        return _unknown(job, tools)
    return _judged(job, reply, tools)


async def _ask(job: Job, tools: Tools) -> Reply | None:
    """What the service says; None where it does not know the video.

    On Sora-type channels new-api's OpenAI route repeats the upstream's last words, and a failure or time-out on
    new-api's own side shows only in the wrapper: so it is asked every fourth time once a job runs long, and at the end.
    """
    now = tools.clock()
    long = now - (job.submitted_at or now) >= LONG
    if long and job.polls % 4 == 0 and (reply := await _retrieve(job, _other(job), tools)) is not None:
        return reply
    reply = await _retrieve(job, job.submission.poll_path, tools)
    doubtful = over(job, now) if reply else not _young(job, now)
    if doubtful and (reply is None or reply.state is State.RUNNING):
        return await _retrieve(job, _other(job), tools) or reply
    return reply


async def _retrieve(job: Job, path: str, tools: Tools) -> Reply | None:
    assert job.video_id is not None
    try:
        with tools.upstreams.asking(job.upstream) as api:
            return await api.retrieve(job.video_id, path)
    except NotKnown:
        return None


def _judged(job: Job, reply: Reply, tools: Tools) -> Job:
    now = tools.clock()
    if reply.state is State.DONE:
        _log.info("The video is made", action="video_made", polls=job.polls, **job.log_context())
        return job.evolve(status=Status.DELIVERING, video_url=reply.video_url, progress=100, reason=None, due_at=now)
    if reply.state is State.FAILED:
        said = (reply.reason or "no reason given").rstrip(". ")
        _log.info(
            "The service failed the job",
            action="job_failed",
            error=said,
            request_id=reply.request_id,
            **job.log_context(),
        )
        return ended(job, Status.FAILED, f"The service could not make this video: {said}.", now)
    if over(job, now):
        return _expired(job, tools)
    progress = max(job.progress, reply.progress or 0)
    return job.evolve(progress=progress, attempts=0, reason=None, due_at=tools.poll_at(job))


def _unknown(job: Job, tools: Tools) -> Job:
    """The service answered that it does not know the video. A replica that lags says so too, so once proves nothing."""
    if _young(job, tools.clock()):
        return job.evolve(due_at=tools.poll_at(job))
    if job.attempts + 1 < NOT_KNOWN_TRIES:
        due_at = max(tools.poll_at(job), tools.retry_at(job, longest=60.0))
        return job.evolve(attempts=job.attempts + 1, due_at=due_at)
    reason = (
        "The service took this and now does not know it. It may have been charged: ask the bot's operator to check."
    )
    _log.warning("The service forgot the job", action="job_forgotten", **job.log_context())
    return ended(job, Status.FAILED, reason, tools.clock())


def _unanswered(job: Job, tools: Tools, retry_after: float | None) -> Job:
    if over(job, tools.clock() - OUTAGE):
        return _expired(job, tools)
    if tools.upstreams.is_down(job.upstream):
        return _waiting(job, tools)
    due_at = max(tools.poll_at(job), tools.retry_at(job, retry_after=retry_after))
    # Half the tries at most: after hours of silence, "not known" is still to be heard more than once.
    return job.evolve(attempts=min(job.attempts + 1, NOT_KNOWN_TRIES // 2), due_at=due_at)


def _waiting(job: Job, tools: Tools) -> Job:
    """The service is in trouble, and its breaker sets the pace: whoever waits longer is the next to find out."""
    return job.evolve(due_at=tools.poll_at(job), reason=tools.upstreams.why(job))


def _expired(job: Job, tools: Tools) -> Job:
    _log.warning("The job ran past its deadline", action="job_expired", polls=job.polls, **job.log_context())
    reason = "The service did not finish this in time, so the bot stopped waiting. It may have been charged."
    return ended(job, Status.EXPIRED, reason, tools.clock())


def _young(job: Job, now: float) -> bool:
    return now - (job.submitted_at or now) < NOT_KNOWN_FOR


def _other(job: Job) -> str:
    return WRAPPER_PATH if job.submission.poll_path == VIDEO_PATH else VIDEO_PATH
