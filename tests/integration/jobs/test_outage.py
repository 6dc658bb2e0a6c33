"""A video service that is down: nothing hammers it, nothing is given up, people are told, and it goes on by itself."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.jobs.breaker import LONGEST, THRESHOLD
from bot.jobs.cards import SHOW_EVERY
from bot.jobs.job import Job, Status
from bot.jobs.steps.base import OUTAGE
from bot.requests.base import Submission
from bot.sandbox.video_api import VideoApiSandbox

MakeJob = Callable[..., Job]
MAKING = 600.0
DOWN = "The video service does not answer at the moment; this goes on by itself once it does."
KLING_DOWN = "Kling does not answer at the moment; this goes on by itself once it does."
OVERLOADED = {"error": {"message": "System is overloaded", "type": "new_api_error", "code": ""}}
KLING, VEO = "/v1/video/generations$", "/v1/videos$"


def _task(code: str) -> dict[str, Any]:
    return {"code": code, "message": "upstream error", "data": None}


@pytest.fixture
def kling(make_job: MakeJob) -> MakeJob:
    """Makes a queued job of /kling, with a prompt of its own so that its POSTs are told apart."""

    def make(number: int = 0, **changes: Any) -> Job:
        fields: dict[str, Any] = {"model": "kling-v1", "prompt": f"fox {number}", "duration": 5}
        submission = Submission(
            upstream="octopusx", submit_path="/v1/video/generations", fields=fields, maker="Kling", **changes
        )
        return make_job(command="kling", submission=submission)

    return make


@pytest.fixture(autouse=True)
def one_clock(bench: Any) -> None:
    """Nothing is done before the test lets time pass."""
    bench.api.clock = bench.clock
    bench.api.seconds_to_done = MAKING


async def _wait_out(bench: Any, arrived: Callable[[], int], seconds: float = 3600.0) -> int:
    """Let that time pass, a third of a minute at a time; how many requests came in it, each of them dealt with."""
    before, end = arrived(), bench.clock() + seconds
    while bench.clock() < end:
        bench.advance(LONGEST / 3)
        await asyncio.sleep(0.02)
    await bench.idle()
    return arrived() - before


async def _over(bench: Any, jobs: list[Job], status: Status) -> None:
    """Let time pass until all these jobs have ended so: a minute, or until one is due, for each step that is taken."""
    while True:
        seen = [await bench.store.get(job.id) for job in jobs]
        if all(job.due_at is None for job in seen):
            assert {job.status for job in seen} == {status}
            return
        due = min(job.due_at for job in seen if job.due_at is not None)
        bench.advance(max(LONGEST, due - bench.clock()))
        async with asyncio.timeout(30):
            while [await bench.store.get(job.id) for job in jobs] == seen:  # noqa: ASYNC110 - a row tells nobody
                await asyncio.sleep(0.01)


async def _says(bench: Any, job: Job, reason: str) -> Job:
    """The job, once it says this; seconds pass meanwhile."""
    async with asyncio.timeout(30):
        while (seen := await bench.store.get(job.id)).reason != reason:
            bench.advance(6)
            await asyncio.sleep(0.02)
        return seen


async def test_an_hour_without_the_service_costs_some_sixty_questions(bench: Any, make_job: MakeJob):
    """However many jobs wait: none is lost or given up, none is paid for twice, and one answer ends it for all."""
    running = [await bench.add(make_job(), fail="no") for _ in range(4)]
    async with bench.working():
        for job in running:
            await bench.until(job, lambda seen: seen.polls >= 1)
        down = bench.api.faults.add("/v1/", times=-1, status=503, body=OVERLOADED)
        with capture_logs() as logs:
            await _says(bench, running[0], DOWN)
            queued = [await bench.add(make_job(), fail="no") for _ in range(4)]
            assert 1 <= await _wait_out(bench, lambda: down.hits) < 80
            told = [await bench.until(job, lambda seen: seen.reason == DOWN) for job in [*running, *queued]]
            bench.api.faults.clear()
            await _over(bench, [*running, *queued], Status.FAILED)
    assert [job.status for job in told] == [Status.IN_PROGRESS] * 4 + [Status.QUEUED] * 4
    assert [call.created for call in bench.api.posts] == [True] * 8, "no POST went to a service that was down"
    said = [line["action"] for line in logs if line["action"].startswith("upstream_")]
    assert said == ["upstream_down", "upstream_resumed"]
    loud = [line["action"] for line in logs if line["action"].startswith("api_") and line["log_level"] != "debug"]
    assert 3 <= len(loud) < 12, "what led to it is told, and no probe that failed afterwards"


async def test_a_queued_job_outlives_an_hour_of_refused_connections(bench: Any, make_job: MakeJob):
    """Nothing was created, so no number of tries ends it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    job = await bench.add(make_job())
    async with bench.working(url=f"http://127.0.0.1:{port}"):
        for _ in range(60):
            revision = (await bench.store.get(job.id)).revision
            bench.advance(LONGEST)
            await bench.until(job, lambda seen, then=revision: seen.revision > then)
        waiting = await bench.store.get(job.id)
        assert (waiting.status, waiting.attempts) == (Status.QUEUED, 0)
        async with VideoApiSandbox(quality="tiny", port=port, clock=bench.clock) as api:
            api.next(fail="no")
            await _over(bench, [job], Status.FAILED)
            assert [call.created for call in api.posts] == [True]


async def test_one_commands_channel_that_is_down_stops_no_other(bench: Any, make_job: MakeJob, kling: MakeJob):
    """new-api's channels fail separately: Kling's jobs wait to be sent, those it has are asked about, and Veo works."""
    async with bench.working():
        had = await bench.add(kling(), fail="no")
        await bench.until(had, Status.IN_PROGRESS)
        down = bench.api.faults.add(KLING, method="POST", times=-1, status=503, body=_task("fail_to_fetch_task"))
        waiting = [await bench.add(kling(number), fail="no") for number in range(1, 5)]
        told = [await _says(bench, job, KLING_DOWN) for job in waiting]
        veo = await bench.add(make_job(), fail="no")
        await bench.until(veo, Status.IN_PROGRESS)
        assert await _wait_out(bench, lambda: down.hits, seconds=600) <= 10
        await _over(bench, [had, veo], Status.FAILED)
        bench.api.faults.clear()
        await _over(bench, waiting, Status.FAILED)
    assert {(job.status, job.attempts) for job in told} == {(Status.QUEUED, 0)}
    assert sum(call.created for call in bench.api.posts) == 6


async def test_answers_that_are_lost_again_and_again_leave_few_in_doubt(bench: Any, kling: MakeJob):
    """A POST that may have been carried out is never repeated; so the jobs behind it are held back, and probed rarely."""
    lost = bench.api.faults.add(KLING, method="POST", times=-1, after=True, status=500, body=_task("do_request_failed"))
    async with bench.working():
        first = [await bench.add(kling(number), fail="no") for number in range(THRESHOLD)]
        for job in first:
            assert (await bench.settled(job)).status is Status.UNCONFIRMED
        waiting = [await bench.add(kling(number), fail="no") for number in range(THRESHOLD, 30)]
        await bench.until(waiting[-1], lambda seen: seen.reason == KLING_DOWN)
        await _wait_out(bench, lambda: lost.hits)
        probes = lost.hits - THRESHOLD
        assert 1 <= probes <= 11
        statuses = Counter([(await bench.store.get(job.id)).status for job in waiting])
        assert statuses == {Status.UNCONFIRMED: probes, Status.QUEUED: len(waiting) - probes}
    posted = Counter(call.json["prompt"] for call in bench.api.posts)
    assert set(posted.values()) == {1}


async def test_a_command_is_told_of_its_channel_or_of_the_service_but_once(
    bench: Any, make_job: MakeJob, kling: MakeJob
):
    """Both are down, and an hour passes: no card is edited to and fro."""
    bench.api.faults.add(KLING, method="POST", times=-1, status=503, body=_task("fail_to_fetch_task"))
    async with bench.working():
        running = await bench.add(make_job(), stuck=True)
        await bench.until(running, lambda seen: seen.polls >= 1)
        job = await bench.add(kling())
        await _says(bench, job, KLING_DOWN)
        down = bench.api.faults.add("/v1/video", method="GET", times=-1, drop=True)
        await _says(bench, job, DOWN)
        await _says(bench, running, DOWN)
        bench.advance(SHOW_EVERY)
        await asyncio.sleep(0.05)
        shown = len(bench.place.shown)
        await _wait_out(bench, lambda: down.hits, seconds=600)
    assert len(bench.place.shown) == shown


async def test_a_service_that_is_down_is_asked_for_free_before_anything_is_sent(bench: Any, make_job: MakeJob):
    """A queued job may be the probe: its POST could be lost, so a question that costs nothing goes first."""
    gets = bench.api.faults.add("/v1/video", method="GET", times=-1, drop=True)
    async with bench.working():
        running = await bench.add(make_job(), fail="no")
        await _says(bench, running, DOWN)
        await bench.store.cancel(running.id, running.destination.user_id)
        queued = await bench.add(make_job(), fail="no")
        await _wait_out(bench, lambda: gets.hits, seconds=300)
        assert len(bench.api.posts) == 1
        gets.times = 0
        await _over(bench, [queued], Status.FAILED)
    assert len(bench.api.posts) == 2


async def test_a_video_that_only_the_service_has_is_waited_for(bench: Any, make_job: MakeJob):
    """It is down just when the video is made: the file is fetched when it is back, and not asked for meanwhile."""
    job = await bench.add(make_job(), url="content")
    async with bench.working(job_timeout=7200.0):
        await bench.until(job, Status.IN_PROGRESS)
        content = bench.api.faults.add("/content$", times=-1, drop=True)
        bench.advance(MAKING)
        await bench.until(job, Status.DELIVERING)
        for _ in range(40):
            bench.advance(LONGEST * 2)
            await asyncio.sleep(0.01)
        assert content.hits < 80
        assert (await bench.store.get(job.id)).status is Status.DELIVERING
        bench.api.faults.clear()
        await _over(bench, [job], Status.COMPLETED)
    assert len(bench.api.posts) == 1


async def test_a_model_that_was_there_before_is_waited_for(bench: Any, kling: MakeJob):
    """new-api switches off a channel that fails too often, and then knows no channel for its models: that is an outage."""
    gone = {"error": {"message": "No available channel", "type": "new_api_error", "code": "model_not_found"}}
    async with bench.working():
        first = await bench.add(kling(0), fail="no")
        await bench.until(first, Status.IN_PROGRESS)
        bench.api.faults.add(KLING, method="POST", times=-1, status=503, body=gone)
        job = await bench.add(kling(1), fail="no")
        await _says(bench, job, KLING_DOWN)
        other = job.submission.model_copy(update={"fields": {"model": "nobody-knows", "prompt": "p"}})
        wrong = await bench.add(kling().evolve(command="video", submission=other), fail="no")
        assert (await bench.settled(wrong)).reason == "This model is not available now: choose another one."
        bench.api.faults.clear()
        await _over(bench, [job], Status.FAILED)


async def test_a_model_that_stays_away_is_given_up(bench: Any, kling: MakeJob):
    """For hours it is an outage; then it is retired, and the person is told so: nothing was charged."""
    gone = {"error": {"message": "No available channel", "type": "new_api_error", "code": "model_not_found"}}
    async with bench.working():
        first = await bench.add(kling(0), fail="no")
        await bench.until(first, Status.IN_PROGRESS)
        post = bench.api.faults.add(KLING, method="POST", times=-1, status=503, body=gone)
        job = await bench.add(kling(1), fail="no")
        await _says(bench, job, KLING_DOWN)
        bench.advance(OUTAGE - 600)
        asked = post.hits
        await bench.api.wait_for(lambda: post.hits > asked)
        await bench.until(job, Status.QUEUED)
        bench.advance(601)
        await _over(bench, [job], Status.FAILED)
    assert (await bench.store.get(job.id)).reason == "This model is not available now: choose another one."


async def test_an_empty_account_keeps_nobody_from_being_asked_about(bench: Any, make_job: MakeJob):
    """new-api refuses POSTs for want of funds with 403; what is paid for is asked about and brought all the same."""
    async with bench.working():
        running = await bench.add(make_job(), fail="no")
        await bench.until(running, Status.IN_PROGRESS)
        bench.api.balance = 0
        with capture_logs() as logs:
            queued = await bench.add(make_job(), fail="no")
            waiting = await bench.until(queued, lambda seen: seen.reason is not None)
            await _over(bench, [running], Status.FAILED)
        bench.api.balance = 10**9
        await _over(bench, [queued], Status.FAILED)
    assert (waiting.status, waiting.reason) == (
        Status.QUEUED,
        "The video service does not accept the bot's key at the moment; this goes on by itself once that is put right.",
    )
    assert [line["action"] for line in logs if line["log_level"] == "error"] == ["upstream_paused"]


async def test_a_paid_job_is_kept_hours_past_its_deadline_while_nobody_answers(bench: Any, make_job: MakeJob):
    """And ends in the end, in a sentence."""
    job = await bench.add(make_job(), stuck=True)
    async with bench.working():
        await bench.until(job, lambda seen: seen.polls >= 1)
        down = bench.api.faults.add("/v1/", times=-1, drop=True)
        bench.advance(7200)
        await bench.api.wait_for(lambda: down.hits)
        assert (await bench.store.get(job.id)).status is Status.IN_PROGRESS
        bench.advance(OUTAGE)
        await _over(bench, [job], Status.EXPIRED)


async def test_the_engine_says_what_it_leaves_alone(bench: Any, kling: MakeJob):
    """For whoever orders, and for those who watch over the bot."""
    bench.api.faults.add(KLING, method="POST", times=-1, status=503, body=_task("fail_to_fetch_task"))
    async with bench.working() as worker:
        assert worker.troubles() == []
        await _says(bench, await bench.add(kling()), KLING_DOWN)
        (trouble,) = worker.troubles()
    assert (trouble.scope.upstream, trouble.scope.command, trouble.cause, trouble.who, trouble.sentence) == (
        "octopusx",
        "kling",
        "down",
        "Kling",
        KLING_DOWN,
    )
