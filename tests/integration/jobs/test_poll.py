"""Polling: only the service's own word or the deadline ends a paid job, whatever happens on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.jobs.breaker import PAUSE
from bot.jobs.job import Job, Status
from bot.jobs.steps.base import OUTAGE
from bot.jobs.steps.poll import NOT_KNOWN_FOR, NOT_KNOWN_TRIES

MakeJob = Callable[..., Job]
OPENAI, WRAPPER = "/v1/videos/[^/]+$", "/v1/video/generations/[^/]+$"
NOT_EXIST = {"code": "task_not_exist", "message": "task_not_exist", "data": None}


def _gets(bench: Any, path: str = "") -> list[Any]:
    return [call for call in bench.api.log if call.method == "GET" and path in call.path]


def _wrapped(status: str, **data: Any) -> dict[str, Any]:
    return {"code": "success", "message": "", "data": {"task_id": "t", "status": status, **data}}


async def test_a_failure_is_told_in_the_services_words(bench: Any, make_job: MakeJob):
    """One sentence; nothing was posted."""
    job = await bench.add(make_job(), fail="Your request was blocked by our moderation system.")
    async with bench.working():
        ended = await bench.settled(job)
    assert ended.status is Status.FAILED
    assert ended.reason == "The service could not make this video: Your request was blocked by our moderation system."
    assert bench.place.posts == []


async def test_words_nobody_has_heard_of_are_still_running(bench: Any, make_job: MakeJob):
    """A status the reader does not know is no failure."""
    job = await bench.add(make_job(), odd_words=("NOT_START", "weird", "PENDING_REVIEW"))
    async with bench.working():
        assert (await bench.settled(job)).status is Status.COMPLETED


async def test_polls_of_one_job_are_never_closer_than_the_interval(bench: Any, make_job: MakeJob):
    """Not the first after the submit either: new-api's own look comes every 15 s, so sooner brings nothing."""
    await bench.add(make_job(), stuck=True)
    async with bench.working(poll_interval=0.1):
        await bench.api.wait_for(lambda: len(_gets(bench, "/v1/videos/")) >= 4)
    times = [bench.api.posts[0].time, *(call.time for call in _gets(bench, "/v1/videos/"))]
    assert min(after - before for before, after in pairwise(times)) > 0.095


async def test_progress_never_goes_down(bench: Any, make_job: MakeJob):
    """new-api says 30 % again where the upstream stops reporting."""
    job = await bench.add(make_job(), stuck=True)
    for progress in (70, 30):
        bench.api.faults.add(OPENAI, method="GET", status=200, body={"status": "processing", "progress": progress})
    last = bench.api.faults.add(OPENAI, method="GET", times=-1, status=200, body={"status": "queued", "progress": "0%"})
    async with bench.working():
        await bench.api.wait_for(lambda: last.hits >= 2)
        assert (await bench.store.get(job.id)).progress == 70


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True},
        {"status": 500, "body": {"code": "get_task_failed", "message": "no", "data": None}},
        {"status": 502, "body": "<html>Bad Gateway</html>"},
        {"status": 200, "body": "<html>Welcome</html>"},
        {"status": 429},
        {"status": 400, "body": {"code": "invalid_request", "message": "no", "data": None}},
        {"status": 200, "body": b"\xff\xfe\x00"},
    ],
    ids=["dropped", "500", "502 page", "200 page", "empty 429", "400", "bytes"],
)
async def test_an_answer_that_says_nothing_ends_nothing(bench: Any, make_job: MakeJob, fault: dict[str, Any]):
    """A GET is repeatable; the job is paid for and stays."""
    job = await bench.add(make_job())
    armed = bench.api.faults.add(OPENAI, method="GET", times=3, **fault)
    async with bench.working():
        while (await bench.store.get(job.id)).due_at is not None:
            bench.advance(5)
            await asyncio.sleep(0.01)
    assert (await bench.store.get(job.id)).status is Status.COMPLETED
    assert armed.hits == 3


async def test_retry_after_is_honoured_while_polling(bench: Any, make_job: MakeJob):
    """A proxy in front of the service may set it."""
    job = await bench.add(make_job())
    bench.api.faults.add(OPENAI, method="GET", status=429, headers={"Retry-After": "90"})
    async with bench.working():
        waiting = await bench.until(job, lambda seen: seen.attempts == 1)
        assert 80 < waiting.due_at - bench.clock() <= 90


async def test_an_id_that_is_not_known_yet_is_tolerated(bench: Any, make_job: MakeJob):
    """new-api may say task_not_exist, with 400, just after it has made the task."""
    job = await bench.add(make_job())
    bench.api.faults.add(OPENAI, method="GET", times=3, status=400, body=NOT_EXIST)
    async with bench.working():
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert _gets(bench, "/v1/video/generations/") == []


async def test_an_id_that_is_never_known_fails_honestly(bench: Any, make_job: MakeJob):
    """After a minute the other route is asked too; if neither ever knows it, it may have been charged, and we say so."""
    job = await bench.add(make_job(), insert_failed=True)
    async with bench.working():
        await bench.until(job, lambda seen: seen.polls >= 2)
        assert _gets(bench, "/v1/video/generations/") == []
        bench.advance(NOT_KNOWN_FOR)
        ended = await bench.rushed(job)
    assert ended.status is Status.FAILED
    assert "may have been charged" in str(ended.reason)
    assert len(_gets(bench, "/v1/video/generations/")) == NOT_KNOWN_TRIES
    assert 300 < ended.finished_at - ended.submitted_at < 900


@pytest.mark.parametrize(
    "answer",
    [
        (400, NOT_EXIST),
        (404, {"error": {"message": "Invalid URL (GET /v1/videos/x)", "type": "invalid_request_error"}}),
    ],
    ids=["task_not_exist", "no such route"],
)
async def test_a_service_that_forgets_for_a_moment_ends_nothing(
    bench: Any, make_job: MakeJob, answer: tuple[int, dict[str, Any]]
):
    """A replica that lags, a database being restored, a wrong base URL for a minute: one such answer proves nothing."""
    bench.api.clock = bench.clock  # so that nothing is done before the test lets time pass
    job = await bench.add(make_job(), seconds_to_done=NOT_KNOWN_FOR)
    async with bench.working():
        await bench.until(job, lambda seen: seen.polls >= 1)
        bench.advance(NOT_KNOWN_FOR + 1)
        gone = bench.api.faults.add("/v1/video", method="GET", times=6, status=answer[0], body=answer[1])
        done = await bench.rushed(job)
    assert gone.hits == 6
    assert done.status is Status.COMPLETED


async def test_a_refused_key_pauses_the_service_and_keeps_its_jobs(bench: Any, make_job: MakeJob):
    """new-api refuses the GETs of running tasks too once a key is exhausted: one log line, one probe a minute."""
    bench.api.clock = bench.clock  # so that nothing is done before the test lets time pass
    jobs = [await bench.add(make_job(), seconds_to_done=600) for _ in range(5)]

    def refusals() -> list[Any]:
        return [call for call in bench.api.log if call.status == 401]

    async with bench.working():
        for job in jobs:
            await bench.until(job, lambda seen: seen.polls >= 1)
        bench.api.key_exhausted = True
        with capture_logs() as logs:
            refused = await bench.api.wait_for(refusals)
            await bench.idle()
            queued = await bench.add(make_job())
            before = len(refusals())
            for _ in range(3):
                bench.advance(PAUSE * 1.05)
                seen = len(refusals())
                await bench.api.wait_for(lambda seen=seen: len(refusals()) > seen)
                await bench.idle()
            after = len(refusals())
        assert refused
        assert after - before == 3
        loud = [line["action"] for line in logs if line["log_level"] in ("warning", "error")]
        assert loud == ["upstream_paused"], "one line, however many jobs and probes are refused"
        statuses = {(await bench.store.get(job.id)).status for job in jobs}
        assert statuses <= {Status.IN_PROGRESS, Status.DELIVERING}
        assert (await bench.store.get(queued.id)).status is Status.QUEUED
        bench.api.key_exhausted = False
        for job in [*jobs, queued]:
            while (await bench.store.get(job.id)).due_at is not None:
                bench.advance(PAUSE)
                await asyncio.sleep(0.02)
            assert (await bench.store.get(job.id)).status is Status.COMPLETED
    assert len([call for call in bench.api.posts if call.created]) == 6


@pytest.mark.parametrize(
    ("wrapper", "status"),
    [
        (_wrapped("SUCCESS", data={"video_url": "{files}"}), Status.COMPLETED),
        (
            _wrapped("FAILURE", fail_reason="upstream returned error", result_url="upstream returned error"),
            Status.FAILED,
        ),
        (_wrapped("IN_PROGRESS", progress="30%"), Status.EXPIRED),
        (NOT_EXIST, Status.EXPIRED),
    ],
    ids=["done", "failed", "running", "not known"],
)
async def test_past_its_deadline_the_other_route_has_the_last_word(
    bench: Any, make_job: MakeJob, wrapper: dict[str, Any], status: Status
):
    """On Sora-type channels the first route repeats the upstream's last words for ever."""
    job = await bench.add(make_job())
    bench.api.faults.add(OPENAI, method="GET", times=-1, status=200, body={"status": "in_progress", "progress": 40})
    code = 400 if wrapper is NOT_EXIST else 200
    other = bench.api.faults.add(WRAPPER, method="GET", times=-1, status=code, body=wrapper)
    async with bench.working(job_timeout=500.0):
        await bench.until(job, lambda seen: seen.polls >= 2)
        assert other.hits == 0
        bench.advance(501)
        ended = await bench.settled(job)
    assert other.hits == 1
    assert ended.status is status
    if status is Status.EXPIRED:
        assert "may have been charged" in str(ended.reason)


async def test_a_failure_only_the_wrapper_knows_is_found_before_the_deadline(bench: Any, make_job: MakeJob):
    """A time-out on new-api's own side never shows on the first route, so a long job asks the wrapper now and then."""
    job = await bench.add(make_job())
    body = {"error": {"message": "internal error", "type": "server_error"}, "id": "task_x"}
    bench.api.faults.add(OPENAI, method="GET", times=-1, status=200, body=body)
    said = _wrapped("FAILURE", fail_reason="task timed out", data={"status": "in_progress"})
    bench.api.faults.add(WRAPPER, method="GET", times=-1, status=200, body=said)
    async with bench.working():
        polls = (await bench.until(job, lambda seen: seen.polls >= 2)).polls
        bench.advance(700)
        ended = await bench.settled(job)
    assert ended.reason == "The service could not make this video: task timed out."
    assert ended.polls <= polls + 6


async def test_a_video_finished_while_the_bot_was_off_is_not_expired(bench: Any, make_job: MakeJob):
    """The deadline passed during the outage; the first question afterwards finds it done."""
    job = await bench.add(make_job())
    hold = bench.api.faults.add(OPENAI, method="GET", times=-1, status=503)
    async with bench.working():
        await bench.until(job, lambda seen: seen.polls >= 1)
    bench.api.faults.clear()
    assert hold.hits
    bench.clock.ahead = 5000
    async with bench.working():
        assert (await bench.settled(job)).status is Status.COMPLETED


async def test_a_service_out_of_reach_past_the_deadline_is_waited_for(bench: Any, make_job: MakeJob):
    """The video may be there; only after hours is the job given up."""
    job = await bench.add(make_job())
    bench.api.faults.add("/v1/video", method="GET", times=-1, status=503)
    async with bench.working():
        running = await bench.until(job, lambda seen: seen.polls >= 1)
        bench.advance(running.deadline_at - bench.clock() + 60)
        await bench.until(job, lambda seen: seen.polls > running.polls)
        assert (await bench.store.get(job.id)).status is Status.IN_PROGRESS
        bench.advance(OUTAGE)
        assert (await bench.settled(job)).status is Status.EXPIRED


async def test_a_cancel_beats_the_poll_that_is_under_way(bench: Any, make_job: MakeJob):
    """The video comes back done in the same moment: the person's word stands, and nothing is posted."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add(OPENAI, method="GET", hold=asyncio.Event())
    async with bench.working():
        await asyncio.wait_for(fault.reached.wait(), 30)
        await asyncio.sleep(0.05)
        await bench.store.cancel(job.id, job.destination.user_id)
        bench.wake()
        cancelled = await bench.settled(job)
        fault.hold.set()
        await bench.api.wait_for(lambda: [call for call in _gets(bench) if call.status == 200])
        await asyncio.sleep(0.05)
    assert cancelled.status is Status.CANCELLED
    assert await bench.store.get(job.id) == cancelled
    assert bench.place.posts == []
    assert bench.place.shown[-1] == (Status.CANCELLED, 0)
