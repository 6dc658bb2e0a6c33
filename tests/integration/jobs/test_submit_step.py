"""The step that costs money, alone: what it writes before it sends, and the job it makes of each answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.api.errors import Unauthorized
from bot.jobs.breaker import Scope
from bot.jobs.delivery import DeliveryDelayed, LinkExpired
from bot.jobs.job import Job, Status
from bot.jobs.steps import STEPS, Tools
from bot.jobs.steps.submit import BUSY_TRIES, NO_ANSWER, submit
from bot.jobs.store import Conflict
from bot.requests.base import Submission
from tests.integration.jobs.rows import Hands

MakeJob = Callable[..., Job]
NOW = Hands.now
POST = {"path": "/v1/videos$", "method": "POST"}
INVALID = {"error": {"message": "Invalid token", "type": "x", "code": ""}}
LINKED = Submission(
    upstream="octopusx",
    submit_path="/v1/videos",
    fields={"model": "veo_3_1", "prompt": "p", "image": "https://cdn/old", "images": ["https://cdn/2", 3, "https://x"]},
    links=("image", "images", "video"),
)


async def _queued(bench: Any, make_job: MakeJob, **changes: Any) -> Job:
    job = make_job(**changes)
    await bench.store.add(job)
    return job


@pytest.mark.parametrize(("patient", "seconds"), [(False, 7200.0), (True, 172_800.0)])
async def test_a_job_that_was_taken_runs(bench: Any, make_job: MakeJob, tools: Tools, patient: bool, seconds: float):
    """It has its id, its deadline and the time of its first poll; its tries and its reason are over."""
    submission = make_job().submission.model_copy(update={"patient": patient})
    job = await _queued(bench, make_job, submission=submission, attempts=3, reason="Busy.")

    running = await submit(job, bench.store.save, tools)

    (post,) = bench.api.posts
    assert running == job.evolve(
        status=Status.IN_PROGRESS,
        video_id=post.task_id,
        submitted_at=NOW,
        deadline_at=NOW + seconds,
        due_at=NOW + 15,
        reason=None,
        revision=1,
    )


async def test_what_is_sent_is_in_the_row_before_it_leaves(bench: Any, make_job: MakeJob, tools: Tools):
    """The row says `submitting` and since when, with fresh links, no old reason and its tries so far; no POST was before."""
    bench.place.fresh = {"https://cdn/old": "https://cdn/new", "https://cdn/2": "https://cdn/3"}
    fields = LINKED.fields | {"image": "https://cdn/new", "images": ["https://cdn/3", 3, "https://x"]}
    job = await _queued(bench, make_job, submission=LINKED, attempts=3, reason="Busy.")
    seen: list[int] = []

    async def save(changed: Job) -> Job:
        seen.append(len(bench.api.posts))
        return await bench.store.save(changed)

    await submit(job, save, tools)

    assert seen == [0]
    submission = LINKED.model_copy(update={"fields": fields})
    assert await bench.store.get(job.id) == job.evolve(
        status=Status.SUBMITTING, due_at=NOW, attempts=3, reason=None, submission=submission, revision=1
    )
    assert [post.json for post in bench.api.posts] == [fields]


async def test_a_row_that_another_has_changed_is_not_sent(bench: Any, make_job: MakeJob, tools: Tools):
    """It was cancelled, or another worker has it: the save fails, and with it the step."""
    job = await _queued(bench, make_job)
    await bench.store.save(job)

    with pytest.raises(Conflict):
        await submit(job, bench.store.save, tools)

    assert bench.api.posts == []


@pytest.mark.parametrize(
    "fault",
    [{"after": True, "drop": True}, {"after": True, "status": 200, "body": {"object": "video"}}],
    ids=["lost", "no id"],
)
async def test_an_answer_that_says_nothing_is_the_end(
    bench: Any, make_job: MakeJob, tools: Tools, fault: dict[str, Any]
):
    """Unconfirmed, at once: there may be a video."""
    bench.api.faults.add(**POST, **fault)
    job = await _queued(bench, make_job)

    ended = await submit(job, bench.store.save, tools)

    assert (ended.status, ended.video_id, ended.due_at, ended.finished_at) == (Status.UNCONFIRMED, None, NOW, NOW)
    assert "press Again" in str(ended.reason)


async def test_a_refused_request_is_over(bench: Any, make_job: MakeJob, tools: Tools):
    """With the service's own sentence."""
    bench.api.faults.add(**POST, status=400, body={"code": "x", "message": "no seconds", "data": None})
    job = await _queued(bench, make_job)

    ended = await submit(job, bench.store.save, tools)

    assert (ended.status, ended.due_at, ended.finished_at) == (Status.FAILED, NOW, NOW)
    assert ended.reason == "The video service refused the request: no seconds."


@pytest.mark.parametrize(
    ("attempts", "headers", "wait"), [(0, {}, 5.0), (1, {}, 10.0), (9, {}, 120.0), (0, {"Retry-After": "40"}, 40.0)]
)
async def test_a_busy_service_is_asked_again(
    bench: Any, make_job: MakeJob, tools: Tools, attempts: int, headers: dict[str, str], wait: float
):
    """Back in the queue, one try further, after waits that double from 5 s to 2 minutes or as it asks."""
    bench.api.faults.add(**POST, status=429, body=b"", headers=headers)
    job = await _queued(bench, make_job, attempts=attempts)

    again = await submit(job, bench.store.save, tools)

    assert again == job.evolve(
        attempts=attempts + 1, due_at=NOW + wait, reason="The video service is busy; trying again.", revision=1
    )


async def test_a_service_is_asked_so_often_and_no_more(bench: Any, make_job: MakeJob, tools: Tools):
    """The last try that comes back busy ends the job, unpaid, and so does any after it; the one before does not."""
    bench.api.faults.add(**POST, status=429, times=-1, body=b"")
    before, last, after = [await _queued(bench, make_job, attempts=BUSY_TRIES + n) for n in (-1, 0, 1)]

    again = await submit(before, bench.store.save, tools)
    assert (again.status, again.attempts) == (Status.QUEUED, BUSY_TRIES)
    for job in (last, after):
        ended = await submit(job, bench.store.save, tools)
        assert (ended.status, ended.due_at, ended.finished_at) == (Status.FAILED, NOW, NOW)
        assert "nothing was charged" in str(ended.reason)


async def test_a_refused_key_costs_no_try(bench: Any, make_job: MakeJob, tools: Tools):
    """It is the operator's to mend: the job waits in the queue, with what tries it had."""
    bench.api.faults.add(**POST, status=401, body=INVALID)
    job = await _queued(bench, make_job, attempts=3)

    waiting = await submit(job, bench.store.save, tools)

    assert waiting == job.evolve(reason=waiting.reason, due_at=waiting.due_at, revision=1)
    assert "key" in str(waiting.reason)
    assert waiting.due_at is not None
    assert waiting.due_at > NOW


@pytest.mark.parametrize(("headers", "wait"), [({}, 5.0), ({"Retry-After": "40"}, 40.0)])
async def test_a_service_that_is_away_costs_no_try(
    bench: Any, make_job: MakeJob, tools: Tools, headers: dict[str, str], wait: float
):
    """However often it was tried: the wait is the shortest, or what the service asks for."""
    bench.api.faults.add(**POST, status=503, body=INVALID, headers=headers)
    job = await _queued(bench, make_job, attempts=BUSY_TRIES)

    waiting = await submit(job, bench.store.save, tools)

    assert waiting == job.evolve(reason=NO_ANSWER, due_at=NOW + wait, revision=1)


@pytest.mark.parametrize(
    ("down", "answer", "code", "status"),
    [
        (False, 401, "", Status.IN_PROGRESS),
        (True, 400, "", Status.IN_PROGRESS),
        (True, 400, "task_not_exist", Status.IN_PROGRESS),
        (True, 401, "", Status.QUEUED),
        (True, 502, "", Status.QUEUED),
    ],
    ids=["well", "well again", "knows no such video", "key still refused", "still silent"],
)
async def test_a_service_in_trouble_is_asked_before_anything_is_risked(
    bench: Any, make_job: MakeJob, tools: Tools, down: bool, answer: int, code: str, status: Status
):
    """By a GET for a video that nobody has; while it is well that is left out, and while it is not, nothing is sent."""
    if down:
        tools.upstreams.refused(Scope(upstream="octopusx"), Unauthorized("Refused.", status=401))
    body = {"error": INVALID["error"] | {"code": code}}
    question = bench.api.faults.add(path="/v1/videos/none$", method="GET", status=answer, body=body)
    job = await _queued(bench, make_job)

    after = await submit(job, bench.store.save, tools)

    assert (after.status, question.reached.is_set()) == (status, down)
    assert len(bench.api.posts) == (status is Status.IN_PROGRESS)


async def test_links_that_cannot_be_renewed_now_are_renewed_later(bench: Any, make_job: MakeJob, tools: Tools):
    """The row stays as it was but for the try: nothing was about to be sent."""
    bench.place.refuse_renew = [DeliveryDelayed("Discord is down", retry_after=40)]
    job = await _queued(bench, make_job, submission=LINKED)

    again = await submit(job, bench.store.save, tools)

    reason = "The link of a picture could not be renewed; trying again."
    assert again == job.evolve(attempts=1, due_at=NOW + 40, reason=reason)
    assert await bench.store.get(job.id) == job
    assert bench.api.posts == []


async def test_a_dead_link_ends_the_job_before_it_is_sent(bench: Any, make_job: MakeJob, tools: Tools):
    """With the sentence of who knows why."""
    bench.place.refuse_renew = [LinkExpired("A picture's link has expired.")]
    job = await _queued(bench, make_job, submission=LINKED)

    ended = await submit(job, bench.store.save, tools)

    assert (ended.status, ended.reason) == (Status.FAILED, "A picture's link has expired.")
    assert (ended.due_at, ended.finished_at) == (NOW, NOW)
    assert bench.api.posts == []


async def test_a_job_found_being_submitted_is_unconfirmed(bench: Any, make_job: MakeJob, tools: Tools):
    """Whoever sent it has died; nothing is sent, and nothing saved but the end."""
    job = await _queued(bench, make_job, status=Status.SUBMITTING)

    ended = await STEPS[Status.SUBMITTING](job, bench.store.save, tools)

    assert (ended.status, ended.due_at, ended.finished_at) == (Status.UNCONFIRMED, NOW, NOW)
    assert "interrupted" in str(ended.reason)
    assert bench.api.posts == []
    assert await bench.store.get(job.id) == job
