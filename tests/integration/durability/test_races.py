"""Many processes on one database: one of them has a row, and a take-over that dies is taken over itself."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from tests.integration.durability.conftest import Start
from tests.integration.jobs.conftest import NewDatabase

MakeJob = Callable[..., Job]


async def test_of_eight_processes_one_claims_a_row(new_database: NewDatabase, start: Start, make_job: MakeJob):
    """Released at one barrier over one due job, on SQLite and on PostgreSQL."""
    url, job = await new_database(), make_job()
    store = await Store.open(url)
    await store.add(job)
    child = await start("claim", url)
    said, _ = await asyncio.wait_for(child.communicate(), 60)
    claimed = [line.split()[1:] for line in said.decode().splitlines()[1:]]
    assert sorted(claimed) == [[]] * 7 + [[job.id]]
    await store.close()


async def test_of_eight_workers_one_sends_the_job(bench: Any, start: Start, make_job: MakeJob):
    """Eight processes begin at once over one due job: one POST, one video in its place."""
    job = await bench.add(make_job())
    child = await start("compete", f"sqlite:///{bench.database}", bench.api.url, bench.data_dir)
    assert await asyncio.wait_for(child.stdout.readline(), 60) == b"open\n"
    assert (await bench.until(job, lambda seen: seen.due_at is None, 60)).status is Status.COMPLETED
    assert len(bench.api.posts) == len(bench.api.tasks) == 1
    (task,) = bench.api.tasks.values()
    assert len(task.downloads) == 1


async def test_a_take_over_that_is_killed_is_taken_over_itself(bench: Any, start: Start, make_job: MakeJob):
    """The dead worker is forgotten only once its rows are free: no lease is waited for after the second death either."""
    job = await bench.add(make_job(), stuck=True)
    held = bench.api.faults.add("/v1/videos/", method="GET", times=-1, hold=asyncio.Event())
    first = await start("work", f"sqlite:///{bench.database}", bench.api.url, bench.data_dir)
    first.stdin.write(b"go\n")
    await asyncio.wait_for(held.reached.wait(), 30)
    first.kill()
    await first.wait()
    files = set((bench.data_dir / "workers").glob("*.alive"))

    second = await start("work", f"sqlite:///{bench.database}", bench.api.url, bench.data_dir)
    assert await asyncio.wait_for(second.stdout.readline(), 30) == b"open\n"
    with closing(sqlite3.connect(bench.database, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        second.stdin.write(b"go\n")
        await bench.api.wait_for(lambda: set((bench.data_dir / "workers").glob("*.alive")) - files)
        await asyncio.sleep(0.05)
        second.kill()
        await second.wait()

    bench.api.faults.clear()
    held.hold.set()
    seen = await bench.store.get(job.id)
    async with bench.working():
        await bench.until(job, lambda now: now.polls > seen.polls)  # at once: the lease alone would take a minute
    assert len(bench.api.posts) == 1
