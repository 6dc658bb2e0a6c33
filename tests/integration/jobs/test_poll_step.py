"""The step that asks, alone: which route it asks, and the job it makes of each answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from bot.api.client import VIDEO_PATH, WRAPPER_PATH
from bot.api.errors import Unauthorized
from bot.jobs.breaker import Scope
from bot.jobs.job import Job, Status
from bot.jobs.steps import Tools
from bot.jobs.steps.base import OUTAGE
from bot.jobs.steps.poll import LONG, NOT_KNOWN_FOR, NOT_KNOWN_TRIES, poll
from tests.integration.jobs.rows import Hands

MakeJob: TypeAlias = Callable[..., Job]
NOW = Hands.now
NOT_EXIST = (400, {"code": "task_not_exist", "message": "task_not_exist", "data": None})
AWAY = (503, {"error": {"message": "System is overloaded", "type": "x", "code": ""}})
REFUSED = (401, {"error": {"message": "Invalid token", "type": "x", "code": ""}})
Answer: TypeAlias = tuple[int, dict[str, Any]]


def _says(status: str, **more: Any) -> Answer:
    return 200, {"id": "task_7", "status": status, **more}


RUNNING, DONE = _says("in_progress"), _says("completed", video_url="https://cdn/v.mp4")


class Service:
    """The video service, which says the same again and again on each of its two routes."""

    def __init__(self, bench: Any) -> None:
        self._bench = bench

    def says(self, path: str, answer: Answer, **headers: str) -> None:
        """What it answers on that route from now on."""
        status, body = answer
        where = path.replace("{id}", "task_7") + "$"
        self._bench.api.faults.add(where, method="GET", times=-1, status=status, body=body, headers=headers)

    def asked(self) -> list[str]:
        """The routes that it was asked on, in that order."""
        return [call.path.replace("task_7", "{id}") for call in self._bench.api.log]


@pytest.fixture
def service(bench: Any) -> Service:
    """What is asked."""
    return Service(bench)


@pytest.fixture
def job(make_job: MakeJob) -> Job:
    """A running job after two questions, two minutes old, of which the last try failed."""
    return make_job(
        status=Status.IN_PROGRESS,
        video_id="task_7",
        submitted_at=NOW - 120,
        deadline_at=NOW + 1,
        due_at=NOW - 1,
        polls=2,
        attempts=2,
        progress=40,
        reason="Old.",
    )


async def _poll(job: Job, tools: Tools) -> Job:
    async def save(_job: Job) -> Job:
        raise AssertionError("nothing is to be saved ahead of a question")

    return await poll(job, save, tools)


@pytest.mark.parametrize(
    ("had", "said", "progress"), [(40, {}, 40), (0, {}, 0), (40, {"progress": 30}, 40), (40, {"progress": 41}, 41)]
)
async def test_a_video_in_the_making_is_asked_about_again(
    job: Job, tools: Tools, service: Service, had: int, said: dict[str, int], progress: int
):
    """After the interval, whatever was tried before; its progress grows or stays. A second before its end that is all."""
    service.says(VIDEO_PATH, _says("in_progress", **said))

    again = await _poll(job.evolve(progress=had), tools)

    assert again == job.evolve(polls=3, progress=progress, attempts=0, reason=None, due_at=NOW + 15)
    assert service.asked() == [VIDEO_PATH]


async def test_a_made_video_is_to_be_brought_at_once(job: Job, tools: Tools, service: Service):
    """By the link that was told, with tries of its own."""
    service.says(VIDEO_PATH, DONE)

    done = await _poll(job, tools)

    assert done == job.evolve(
        status=Status.DELIVERING, polls=3, progress=100, reason=None, due_at=NOW, video_url="https://cdn/v.mp4"
    )
    assert done.attempts == 0


async def test_a_failed_video_is_over(job: Job, tools: Tools, service: Service):
    """In the service's own words, as one sentence."""
    service.says(VIDEO_PATH, _says("failed", error={"message": "The prompt was refused."}))

    ended = await _poll(job, tools)

    reason = "The service could not make this video: The prompt was refused."
    assert ended == job.evolve(status=Status.FAILED, polls=3, reason=reason, due_at=NOW, finished_at=NOW)


@pytest.mark.parametrize("poll_path", [VIDEO_PATH, WRAPPER_PATH])
@pytest.mark.parametrize(
    ("answer", "status"),
    [(RUNNING, Status.EXPIRED), (NOT_EXIST, Status.EXPIRED), (DONE, Status.DELIVERING)],
    ids=["running", "not known", "done"],
)
async def test_the_last_word_is_the_other_routes(
    job: Job, tools: Tools, service: Service, poll_path: str, answer: Answer, status: Status
):
    """From the very second of the deadline on; a job is polled by either route."""
    other = {VIDEO_PATH: WRAPPER_PATH, WRAPPER_PATH: VIDEO_PATH}[poll_path]
    service.says(poll_path, RUNNING)
    service.says(other, answer)
    submission = job.submission.model_copy(update={"poll_path": poll_path})

    after = await _poll(job.evolve(submission=submission, deadline_at=NOW), tools)

    assert (after.status, after.due_at) == (status, NOW)
    assert service.asked() == [poll_path, other]


async def test_what_is_done_past_its_deadline_is_not_doubted(job: Job, tools: Tools, service: Service):
    """The other route is asked where the first has no last word, and nowhere else."""
    service.says(VIDEO_PATH, DONE)

    assert (await _poll(job.evolve(deadline_at=NOW), tools)).status is Status.DELIVERING
    assert service.asked() == [VIDEO_PATH]


@pytest.mark.parametrize(
    ("age", "polls", "asked"),
    [
        (LONG, 3, [WRAPPER_PATH]),
        (LONG + 1, 7, [WRAPPER_PATH]),
        (LONG - 1, 3, [VIDEO_PATH]),
        *((LONG, polls, [VIDEO_PATH]) for polls in (4, 5, 6)),
        (None, 3, [VIDEO_PATH]),
    ],
)
async def test_every_fourth_question_about_a_long_job_is_the_other_routes(
    job: Job, tools: Tools, service: Service, age: float | None, polls: int, asked: list[str]
):
    """A failure on new-api's own side shows only there. One question is then enough."""
    for path in (VIDEO_PATH, WRAPPER_PATH):
        service.says(path, RUNNING)

    await _poll(job.evolve(submitted_at=None if age is None else NOW - age, polls=polls), tools)

    assert service.asked() == asked


async def test_a_long_job_that_the_other_route_does_not_know_is_asked_about_by_its_own(
    job: Job, tools: Tools, service: Service
):
    """Not every service has both."""
    service.says(VIDEO_PATH, RUNNING)
    service.says(WRAPPER_PATH, NOT_EXIST)

    again = await _poll(job.evolve(submitted_at=NOW - LONG, polls=3), tools)

    assert again == job.evolve(submitted_at=NOW - LONG, polls=4, attempts=0, reason=None, due_at=NOW + 30), (
        "asked half as often, and known"
    )
    assert service.asked() == [WRAPPER_PATH, VIDEO_PATH]


@pytest.mark.parametrize("age", [0, NOT_KNOWN_FOR - 1, None])
async def test_an_id_that_is_not_known_yet_costs_no_try(job: Job, tools: Tools, service: Service, age: float | None):
    """new-api may not have written it down; nobody else is asked."""
    service.says(VIDEO_PATH, NOT_EXIST)
    young = job.evolve(submitted_at=None if age is None else NOW - age)

    assert await _poll(young, tools) == young.evolve(polls=3, due_at=NOW + 15)
    assert service.asked() == [VIDEO_PATH]


@pytest.mark.parametrize(("attempts", "wait"), [(0, 15), (1, 15), (2, 20), (3, 40), (NOT_KNOWN_TRIES - 2, 60)])
async def test_an_id_that_neither_route_knows_is_doubted(
    job: Job, tools: Tools, service: Service, attempts: int, wait: float
):
    """With waits that double from 5 s to a minute, and are never shorter than the interval."""
    for path in (VIDEO_PATH, WRAPPER_PATH):
        service.says(path, NOT_EXIST)
    known = job.evolve(submitted_at=NOW - NOT_KNOWN_FOR, attempts=attempts)

    assert await _poll(known, tools) == known.evolve(polls=3, attempts=attempts + 1, due_at=NOW + wait)
    assert service.asked() == [VIDEO_PATH, WRAPPER_PATH]


@pytest.mark.parametrize("attempts", [NOT_KNOWN_TRIES - 1, NOT_KNOWN_TRIES])
async def test_an_id_that_is_never_known_is_over(job: Job, tools: Tools, service: Service, attempts: int):
    """It may have been charged, and that is said."""
    for path in (VIDEO_PATH, WRAPPER_PATH):
        service.says(path, NOT_EXIST)

    ended = await _poll(job.evolve(attempts=attempts), tools)

    assert (ended.status, ended.due_at, ended.finished_at) == (Status.FAILED, NOW, NOW)
    assert "may have been charged" in str(ended.reason)


@pytest.mark.parametrize(
    ("attempts", "after", "headers", "wait"),
    [
        (0, 1, {}, 15),
        (1, 2, {}, 15),
        (3, 4, {}, 40),
        (5, 5, {}, 160),
        (9, 5, {}, 300),
        (0, 1, {"Retry-After": "90"}, 90),
    ],
)
async def test_silence_is_waited_out(
    job: Job, tools: Tools, service: Service, attempts: int, after: int, headers: dict[str, str], wait: float
):
    """With waits that double from 5 s to 5 minutes, or as it asks; it costs half the tries at most, and the row nothing."""
    service.says(VIDEO_PATH, AWAY, **headers)
    tried = job.evolve(attempts=attempts)

    assert await _poll(tried, tools) == tried.evolve(polls=3, attempts=after, due_at=NOW + wait)


@pytest.mark.parametrize(
    ("late", "status"), [(OUTAGE - 1, Status.IN_PROGRESS), (OUTAGE, Status.EXPIRED), (OUTAGE + 1, Status.EXPIRED)]
)
async def test_silence_ends_a_job_hours_past_its_deadline(
    job: Job, tools: Tools, service: Service, late: float, status: Status
):
    """And not before: the video may be there."""
    service.says(VIDEO_PATH, AWAY)

    after = await _poll(job.evolve(deadline_at=NOW - late), tools)

    assert after.status is status
    if status is Status.EXPIRED:
        assert (after.due_at, after.finished_at) == (NOW, NOW)
        assert "may have been charged" in str(after.reason)


async def test_a_service_that_is_down_is_said_to_be(job: Job, tools: Tools, service: Service):
    """The breaker sets the pace, so no wait grows and no try is counted, whatever it asks for."""
    service.says(VIDEO_PATH, AWAY, **{"Retry-After": "90"})
    tools.upstreams.refused(Scope(upstream="octopusx"), Unauthorized("Refused.", status=401))

    waiting = await _poll(job, tools)

    assert waiting == job.evolve(polls=3, due_at=NOW + 15, reason=tools.upstreams.why(job))


async def test_a_refused_key_costs_no_try(job: Job, tools: Tools, service: Service):
    """Hours past the deadline too: it is the operator's to mend."""
    service.says(VIDEO_PATH, REFUSED)
    late = job.evolve(deadline_at=NOW - 2 * OUTAGE)

    waiting = await _poll(late, tools)

    assert waiting == late.evolve(polls=3, due_at=NOW + 15, reason=tools.upstreams.why(job))
    assert "key" in str(waiting.reason)
