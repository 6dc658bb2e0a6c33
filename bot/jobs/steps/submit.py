"""Sending a job: the one step that costs money, so what it is about to do is saved before it is done."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from pydantic import JsonValue

from bot.api.errors import Ambiguous, ApiError, Busy, Rejected, Unauthorized
from bot.api.replies import Reply
from bot.jobs.delivery import DeliveryDelayed, LinkExpired
from bot.jobs.job import Job, Status, ended
from bot.jobs.schedule import retry_at
from bot.jobs.steps.base import LOST_ANSWER, OUTAGE, Save, Tools
from bot.requests.base import Submission

BUSY_TRIES = 20
"""How often a busy service is asked again: with waits doubling from 5 s to 2 minutes, about half an hour in all."""
_BUSY_FIRST, _BUSY_LONGEST = 5.0, 120.0
NO_ANSWER = "The video service does not answer; trying again."

_log = structlog.stdlib.get_logger(__name__)


async def submit(job: Job, save: Save, tools: Tools) -> Job:
    """Queued: send it, once. The row says `submitting`, durably, before the POST leaves."""
    try:
        submission = await _renewed(job.submission, tools)
    except DeliveryDelayed as error:
        return _again(job, tools, "The link of a picture could not be renewed; trying again.", error.retry_after)
    except LinkExpired as error:
        return ended(job, Status.FAILED, str(error), tools.clock())
    if tools.upstreams.is_down(job.upstream) and (error := await _still_down(job, tools)):
        return _refused(job, tools, error)
    sending = job.evolve(status=Status.SUBMITTING, submission=submission, reason=None, attempts=job.attempts)
    job = await save(sending.evolve(due_at=tools.clock()))  # when, too: it tells this save from another worker's
    try:
        with tools.upstreams.sending(job) as api:
            reply = await api.submit(job.submission)
    except Ambiguous as error:
        return _unconfirmed(job, tools, error.request_id)
    except (Rejected, Busy, Unauthorized) as error:  # after anything else the worker has to call it unconfirmed
        return _refused(job, tools, error)
    return _submitted(job, tools, reply)


async def _still_down(job: Job, tools: Tools) -> Busy | Unauthorized | None:
    """Ask a service that was in trouble about a video that nobody has, before anything is risked on it."""
    try:
        with tools.upstreams.asking(job.upstream) as api:
            await api.retrieve("none", job.submission.poll_path)
    except (Busy, Unauthorized) as error:
        return error if tools.upstreams.is_down(job.upstream) else None
    except ApiError:
        return None  # most likely NotKnown: it lives
    return None


def _submitted(job: Job, tools: Tools, reply: Reply) -> Job:
    if reply.video_id is None:
        return _unconfirmed(job, tools, reply.request_id)
    now = tools.clock()
    timeout = tools.pace.off_peak_timeout if job.submission.patient else tools.pace.job_timeout
    job = job.evolve(
        status=Status.IN_PROGRESS, video_id=reply.video_id, submitted_at=now, deadline_at=now + timeout, reason=None
    )
    _log.info(
        "The video service took the job", action="job_submitted", request_id=reply.request_id, **job.log_context()
    )
    return job.evolve(due_at=tools.poll_at(job))


def _refused(job: Job, tools: Tools, error: Rejected | Busy | Unauthorized) -> Job:
    """Nothing was created."""
    match error:
        case Rejected():
            _log.info("The video service refused the job", action="job_rejected", code=error.code, **job.log_context())
            return ended(job, Status.FAILED, error.sentence, tools.clock())
        case Busy(code="model_not_found") if tools.clock() - job.created_at > OUTAGE:
            return ended(job, Status.FAILED, error.sentence, tools.clock())  # retired, and no outage of its channel
        case Busy(status=429):
            return _again(job, tools, "The video service is busy; trying again.", error.retry_after)
        case _:
            return _waiting(job, tools, error.retry_after)


async def interrupted(job: Job, _save: Save, tools: Tools) -> Job:
    """Submitting, and yet claimed: whoever was sending it died, and nobody knows how far it came."""
    reason = (
        "The bot was interrupted while sending this, so the video may or may not be in the making and charged; "
        "press Again to order it anew, which is charged too."
    )
    return ended(job, Status.UNCONFIRMED, reason, tools.clock())


def _again(job: Job, tools: Tools, reason: str, retry_after: float | None) -> Job:
    """Back in the queue, since nothing was created; after a bounded time, the end."""
    if job.attempts >= BUSY_TRIES:
        reason = "The video service stayed busy, so this was given up: nothing was charged."
        return ended(job, Status.FAILED, reason, tools.clock())
    due_at = tools.retry_at(job, first=_BUSY_FIRST, longest=_BUSY_LONGEST, retry_after=retry_after)
    return job.evolve(status=Status.QUEUED, attempts=job.attempts + 1, due_at=due_at, reason=reason)


def _waiting(job: Job, tools: Tools, retry_after: float | None) -> Job:
    """Back in the queue for as long as it takes, since nothing was created; the person may cancel.

    The breaker sets the pace: whoever has waited longer is the next to find out.
    """
    reason = tools.upstreams.why(job) or NO_ANSWER
    due_at = retry_at(tools.clock(), 0, tools.roll(), first=_BUSY_FIRST, longest=_BUSY_FIRST, retry_after=retry_after)
    return job.evolve(status=Status.QUEUED, attempts=job.attempts, due_at=due_at, reason=reason)


def _unconfirmed(job: Job, tools: Tools, request_id: str | None) -> Job:
    _log.warning("The answer to a POST was lost", action="job_unconfirmed", request_id=request_id, **job.log_context())
    return ended(job, Status.UNCONFIRMED, LOST_ANSWER, tools.clock())


async def _renewed(submission: Submission, tools: Tools) -> Submission:
    """The submission with fresh links in the fields that hold some: attachment URLs die in about a day."""
    given = {field: submission.fields[field] for field in submission.links if field in submission.fields}
    urls = [url for value in given.values() for url in _urls(value)]
    if not urls:
        return submission
    fresh = await tools.delivery.renew(urls)
    renewed = {field: _replaced(value, fresh) for field, value in given.items()}
    return submission.model_copy(update={"fields": submission.fields | renewed})


def _urls(value: JsonValue) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _replaced(value: JsonValue, fresh: Mapping[str, str]) -> JsonValue:
    if isinstance(value, list):
        return [_replaced(each, fresh) for each in value]
    return fresh.get(value, value) if isinstance(value, str) else value
