"""A clock that steps back and forth an hour: nothing is done twice for it, nothing waits for it, nothing is hammered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.jobs.job import Job, Status

MakeJob = Callable[..., Job]
HOUR = 3600.0
MOMENTS = {
    "sending": ("/v1/videos$", "POST"),
    "asking": ("/v1/videos/", "GET"),
    "downloading": ("/files/", "GET"),
}


@pytest.mark.parametrize("step", [-HOUR / 2, -HOUR])
async def test_a_step_back_puts_no_question_off(bench: Any, make_job: MakeJob, step: float):
    """Asked as soon as it would have been, and not once before: five minutes are five minutes."""
    bench.api.seconds_to_done = 0.0
    job = await bench.add(make_job())
    async with bench.working(poll_interval=300.0):
        before = await bench.until(job, Status.IN_PROGRESS)
        with capture_logs() as logs:
            bench.advance(step)
            moved = await bench.until(job, lambda seen: seen.due_at < before.due_at)
        assert moved.due_at - before.due_at == pytest.approx(step, abs=1)
        assert [line["seconds"] for line in logs if line["action"] == "clock_back"] == [pytest.approx(-step, abs=1)]
        assert moved.polls == 0
        bench.advance(361)
        ended = await bench.settled(job)
    assert (ended.status, ended.polls, len(bench.api.posts)) == (Status.COMPLETED, 1, 1)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("steps", [(-HOUR, HOUR), (HOUR - 60, -HOUR)])
async def test_a_clock_that_steps_under_a_step_changes_nothing(
    bench: Any, make_job: MakeJob, moment: str, steps: tuple[float, ...]
):
    """Whatever the worker is at: one POST, one question, one download and one video, without an hour's wait."""
    path, method = MOMENTS[moment]
    job = await bench.add(make_job())
    fault = bench.api.faults.add(path, method=method, hold=asyncio.Event())
    async with bench.working():
        await asyncio.wait_for(fault.reached.wait(), 30)
        for step in steps:
            bench.advance(step)
            await asyncio.sleep(0.05)
        fault.hold.set()
        ended = await bench.settled(job)
    (task,) = bench.api.tasks.values()
    assert (ended.status, len(bench.api.posts), len(task.downloads)) == (Status.COMPLETED, 1, 1)
    assert ended.polls < 20
    assert bench.place.posted == [job.id]


@pytest.mark.parametrize("jump", [1.5 * HOUR, -24 * HOUR])
async def test_a_jump_while_jobs_wait_are_leased_and_run_pays_and_posts_each_once(
    bench: Any, make_job: MakeJob, jump: float
):
    """Ahead by more than an hour, as when a wrong clock is set, or back by a day: no job ends for it, and none waits for it."""
    bench.api.seconds_to_done = 0.0
    running = await bench.add(make_job())
    async with bench.working(poll_interval=300.0):
        await bench.until(running, Status.IN_PROGRESS)
        fault = bench.api.faults.add("/v1/videos$", method="POST", after=True, hold=asyncio.Event())
        leased = await bench.add(make_job())
        await asyncio.wait_for(fault.reached.wait(), 30)
        waiting = await bench.add(make_job(due_at=bench.clock() + 120))
        with capture_logs() as logs:
            bench.advance(jump)
            if jump < 0:
                await bench.api.wait_for(lambda: [line for line in logs if line["action"] == "clock_back"])
        fault.hold.set()
        await bench.until(leased, lambda seen: seen.status is not Status.SUBMITTING)
        bench.advance(361)
        await bench.until(waiting, lambda seen: seen.video_id is not None)
        bench.advance(361)
        ended = [await bench.settled(job) for job in (running, leased, waiting)]
    assert [job.status for job in ended] == [Status.COMPLETED] * 3
    assert len(bench.api.posts) == len(bench.api.tasks) == 3
    assert sorted(bench.place.posted) == sorted(job.id for job in ended)


async def test_the_lease_of_a_worker_elsewhere_is_no_longer_for_a_step_back(bench: Any, make_job: MakeJob):
    """It died with another DATA_DIR, where nobody sees that: a minute later its row goes on."""
    job = await bench.add(make_job())
    await bench.store.claim({Status.QUEUED}, owner="elsewhere", limit=1, lease=60.0)
    async with bench.working():
        bench.advance(-HOUR)
        with capture_logs() as logs:
            await bench.api.wait_for(lambda: [line for line in logs if line["action"] == "clock_back"])
        assert bench.api.posts == []
        bench.advance(61)
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert len(bench.api.posts) == 1
