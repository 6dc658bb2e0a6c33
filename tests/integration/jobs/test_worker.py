"""The loop: lanes, leases, rest, and outliving whatever fails."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.errors import SettingsError
from bot.jobs.cards import SHOW_EVERY
from bot.jobs.job import Job, Status
from bot.jobs.steps.base import TRIES

MakeJob = Callable[..., Job]
OPENAI = "/v1/videos/[^/]+$"


def _row(bench: Any, column: str, job: Job) -> Any:
    connection = sqlite3.connect(bench.database)
    try:
        return connection.execute(f"SELECT {column} FROM jobs WHERE id = ?", [job.id]).fetchone()[0]
    finally:
        connection.close()


async def test_downloads_never_starve_polls(bench: Any, make_job: MakeJob):
    """Four slow downloads fill their own lane; the other jobs are asked about all the same."""
    slow = [await bench.add(make_job()) for _ in range(4)]
    gate = bench.api.faults.add("/files/|/content$", times=-1, hold=asyncio.Event())
    async with bench.working():
        await bench.api.wait_for(lambda: gate.hits >= 4)
        other = await bench.add(make_job(), fail="no")
        assert (await bench.settled(other)).status is Status.FAILED
        gate.hold.set()
        for job in slow:
            assert (await bench.settled(job)).status is Status.COMPLETED


async def test_the_lease_of_a_long_step_is_renewed(bench: Any, make_job: MakeJob):
    """So nobody else claims a row whose worker is alive."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add("/v1/videos$", method="POST", hold=asyncio.Event())
    async with bench.working(lease=3.0):
        await asyncio.wait_for(fault.reached.wait(), 30)
        until = _row(bench, "lease_until", job)
        await bench.api.wait_for(lambda: _row(bench, "lease_until", job) > until)
        fault.hold.set()
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert _row(bench, "lease_owner", job) is None


async def test_one_slow_post_holds_up_no_other(bench: Any, make_job: MakeJob):
    """An encode takes a quarter of an hour: its lease is renewed all the while, and others go past it."""
    slow = await bench.add(make_job())
    bench.place.holds = {f"post {slow.id}": asyncio.Event()}
    async with bench.working(lease=3.0):
        await bench.api.wait_for(lambda: f"post {slow.id}" in bench.place.waiting)
        until = _row(bench, "lease_until", slow)
        other = await bench.add(make_job())
        assert (await bench.settled(other)).status is Status.COMPLETED
        await bench.api.wait_for(lambda: _row(bench, "lease_until", slow) > until)
        bench.place.holds[f"post {slow.id}"].set()
        assert (await bench.settled(slow)).status is Status.COMPLETED
    assert bench.place.posts == [slow.id, other.id]


async def test_a_drain_that_cannot_wait_for_an_encode_leaves_the_video_to_the_next_start(bench: Any, make_job: MakeJob):
    """Broken off, its row given back: the next start looks, and posts the file that is here."""
    job = await bench.add(make_job())
    bench.place.holds = {"post": asyncio.Event()}
    async with bench.working(drain=0.02):
        await bench.api.wait_for(lambda: "post" in bench.place.waiting)
    assert _row(bench, "lease_owner", job) is None
    assert (await bench.store.get(job.id)).status is Status.DELIVERING
    bench.place.holds = {}
    async with bench.working():
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert (bench.place.looks, bench.place.posted) == ([job.id], [job.id])
    (task,) = bench.api.tasks.values()
    assert len(task.downloads) == 1


async def test_a_row_nobody_announced_is_found_within_a_second(bench: Any, make_job: MakeJob):
    """Another process may add rows without waking this worker."""
    async with bench.working():
        await asyncio.sleep(0.05)
        job = make_job(status=Status.CANCELLED)
        await bench.store.add(job)
        await bench.settled(job)


async def test_a_worker_with_nothing_to_do_rests(bench: Any, make_job: MakeJob):
    """Neither a row due later nor one whose service has no key keeps it spinning."""
    await bench.add(make_job(due_at=time.time() + 50))
    await bench.add(make_job())
    await bench.add(make_job(status=Status.DELIVERING))
    async with bench.working(names=["uniall"]):
        await asyncio.sleep(0.05)
        worked, started = time.process_time(), time.monotonic()
        for _ in range(6):
            await asyncio.sleep(0.05)
        assert time.process_time() - worked < 0.4 * (time.monotonic() - started)


async def test_jobs_of_a_service_without_a_key_wait(bench: Any, make_job: MakeJob):
    """One log line at start; once the key is back they go on."""
    job = await bench.add(make_job())
    with capture_logs() as logs:
        async with bench.working(names=["uniall"]) as worker:
            await asyncio.sleep(0.05)
            worker.wake()
            await asyncio.sleep(0.05)
    missing = [line for line in logs if line.get("action") == "upstream_missing"]
    assert [(line["upstream"], line["jobs"]) for line in missing] == [("octopusx", 1)]
    assert await bench.store.get(job.id) == job
    async with bench.working():
        assert (await bench.settled(job)).status is Status.COMPLETED


async def test_a_card_is_edited_on_change_and_at_most_every_ten_seconds(bench: Any, make_job: MakeJob):
    """Generating at once; then progress, but not each time; the end without waiting."""
    job = await bench.add(make_job(), stuck=True)
    faults = [
        bench.api.faults.add(OPENAI, method="GET", times=4, status=200, body={"status": "processing", "progress": done})
        for done in (10, 20, 30)
    ]
    async with bench.working():
        await bench.api.wait_for(lambda: faults[0].hits == 4)
        assert bench.place.shown == [(Status.IN_PROGRESS, 0)]
        bench.advance(SHOW_EVERY)
        await bench.api.wait_for(lambda: faults[1].hits == 4)
        assert len(bench.place.shown) == 2
        bench.api.faults.add(OPENAI, method="GET", times=-1, status=200, body={"status": "failed"})
        await bench.settled(job)
    assert bench.place.shown[-1][0] is Status.FAILED
    assert len(bench.place.shown) == 3


async def test_a_card_that_cannot_be_edited_holds_up_nothing(bench: Any, make_job: MakeJob):
    """The news of a running job is a courtesy."""
    job = await bench.add(make_job())
    bench.place.refuse_show = [RuntimeError("a bug in the adapter")]
    async with bench.working():
        assert (await bench.settled(job)).status is Status.COMPLETED


async def test_a_step_that_fails_unforeseen_is_taken_again(bench: Any, make_job: MakeJob):
    """Each try later than the one before, up to the end that holds the video."""
    job = await bench.add(make_job())
    bench.place.refuse_post = [RuntimeError("a bug in the adapter")] * (TRIES + 1)
    async with bench.working():
        waiting = await bench.until(job, lambda seen: seen.attempts == 1)
        assert waiting.status is Status.DELIVERING
        held = await bench.rushed(job)
    assert held.status is Status.HELD
    assert bench.place.refuse_post == []


async def test_a_database_in_trouble_does_not_end_the_worker(bench: Any, make_job: MakeJob):
    """Locked, full or away: it is logged and tried again, and the worker lives."""
    trouble = sqlite3.connect(bench.database, isolation_level=None, check_same_thread=False)
    async with bench.working():
        # In a thread: the worker may be in the middle of a transaction, and must be let end it.
        await asyncio.to_thread(trouble.execute, "ALTER TABLE jobs RENAME TO away")
        bench.wake()
        await asyncio.sleep(0.05)
        await asyncio.to_thread(trouble.execute, "ALTER TABLE away RENAME TO jobs")
        job = await bench.add(make_job())
        assert (await bench.settled(job)).status is Status.COMPLETED
    trouble.close()
    assert len(bench.api.posts) == 1


async def test_a_clock_set_back_stops_nothing(bench: Any, make_job: MakeJob):
    """The time is corrected by a minute while a job runs."""
    bench.clock.ahead = 60
    job = await bench.add(make_job())
    async with bench.working():
        await bench.until(job, lambda seen: seen.polls >= 1)
        bench.clock.ahead = 0
        async with asyncio.timeout(30):  # half of what the clock was set back by
            while (await bench.store.get(job.id)).due_at is not None:
                bench.advance(5)
                await asyncio.sleep(0.01)
    assert (await bench.store.get(job.id)).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/videos$"), ("GET", "/files/")], ids=["submitting", "delivering"]
)
async def test_a_clock_that_jumps_ahead_takes_no_step_away(bench: Any, make_job: MakeJob, method: str, path: str):
    """The machine slept for an hour: our own leases look lapsed, but their steps are still at work, and go on alone."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add(path, method=method, hold=asyncio.Event())
    async with bench.working(job_timeout=36_000.0):
        await asyncio.wait_for(fault.reached.wait(), 30)
        before = (await bench.store.get(job.id)).status
        bench.advance(3600)
        await asyncio.sleep(0.05)
        assert (await bench.store.get(job.id)).status is before
        assert bench.place.posts == []
        fault.hold.set()
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert bench.place.posts == [job.id]


async def test_rows_that_could_not_be_taken_over_are_taken_over_by_the_next_start(bench: Any, make_job: MakeJob):
    """Killed, or kept out of the database, right after it found a dead worker: that one is not forgotten with its leases."""
    job = await bench.add(make_job())
    held = bench.api.faults.add("/v1/videos/", method="GET", times=-1, hold=asyncio.Event())
    dead = await bench.process()
    await asyncio.wait_for(held.reached.wait(), 30)
    dead.kill()
    await dead.wait()
    bench.api.faults.clear()
    held.hold.set()
    trouble = sqlite3.connect(bench.database, isolation_level=None)
    trouble.execute("ALTER TABLE jobs RENAME TO away")
    with capture_logs() as logs:
        async with bench.working():
            await bench.api.wait_for(lambda: any(line.get("action") == "store_failed" for line in logs))
        trouble.execute("ALTER TABLE away RENAME TO jobs")
        trouble.close()
        assert _row(bench, "lease_owner", job) is not None
        async with bench.working():
            assert (await bench.settled(job)).status is Status.COMPLETED
    assert [line["rows"] for line in logs if line.get("action") == "jobs_taken_over"] == [1]


async def test_a_worker_leaves_nothing_behind(bench: Any, make_job: MakeJob):
    """A polite end is no death: nothing is leased, no file is left, and the next start takes nothing over."""
    job = await bench.add(make_job(), stuck=True)
    held = bench.api.faults.add("/v1/videos/", method="GET", times=-1, hold=asyncio.Event())
    with capture_logs() as logs:
        async with bench.working(drain=0.05):
            await asyncio.wait_for(held.reached.wait(), 30)
        assert _row(bench, "lease_owner", job) is None
        assert list((bench.data_dir / "workers").iterdir()) == []
        async with bench.working(drain=0.05):
            await asyncio.sleep(0.02)
    assert [line for line in logs if line.get("action") == "jobs_taken_over"] == []


async def test_a_stop_returns_at_once_when_nothing_is_at_work(bench: Any):
    """The whole program has 20 seconds to end, and nothing that hangs on how long steps are waited for."""
    async with asyncio.timeout(30), bench.working(drain=3600):
        await asyncio.sleep(0.02)


async def test_a_data_folder_that_cannot_be_made_is_a_setting_to_fix(bench: Any):
    """Named in one line, before anything is claimed."""
    bench.data_dir.joinpath("spool").write_text("in the way")
    with pytest.raises(SettingsError, match=r"^DATA_DIR: .*spool cannot be written"):
        async with bench.working():
            await asyncio.sleep(0.05)
