"""What two transactions at one moment may do to the same rows; only PostgreSQL lets two write at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from bot.jobs.job import Job, Status
from bot.jobs.store import Conflict, Store
from tests.integration.jobs.rows import Hands, with_files

MakeJob = Callable[..., Job]
WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"

pytestmark = pytest.mark.parametrize("new_database", [pytest.param("postgres", id="two writers")], indirect=True)


@pytest.fixture
async def url(new_database: Any) -> str:
    """An empty database."""
    return await new_database()


@pytest.fixture
async def store(url: str, hands: Hands) -> AsyncIterator[Store]:
    """The store in it."""
    store = await Store.open(url, clock=hands)
    yield store
    await store.close()


@pytest.fixture
async def other(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of another program to the database."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def _until_waiting(other: asyncpg.Connection, *tasks: asyncio.Task[Any]) -> None:
    """Until each task waits for a lock, or is done although it should."""
    async with asyncio.timeout(30):
        while True:
            if (await other.fetchval(WAITING) or 0) >= sum(not task.done() for task in tasks):
                return
            await asyncio.sleep(0.01)


async def test_a_repeat_waits_for_its_twin_that_is_being_written(
    store: Store, other: asyncpg.Connection, make_job: MakeJob
):
    """Nobody sees a row before its commit, and each of the two would be paid. A neighbour's repeat need not wait."""
    for name in ("o", "p", "q"):
        await store.add(make_job(id=name, status=Status.FAILED))
    async with other.transaction():
        await other.execute("LOCK TABLE inputs")  # the first twin is held at its pictures, its row is inserted
        first = asyncio.create_task(store.add(with_files(make_job(id="first", parent_id="p"))))
        await _until_waiting(other, first)
        second = asyncio.create_task(store.add(make_job(id="second", parent_id="p")))
        await _until_waiting(other, first, second)
        async with asyncio.timeout(30):
            for name in ("o", "q"):
                await store.add(make_job(id=f"of {name}", parent_id=name))

    await first
    with pytest.raises(Conflict):
        await second
    assert await store.get("second") is None


async def test_a_job_that_is_just_being_sent_is_not_cancelled(
    store: Store, other: asyncpg.Connection, make_job: MakeJob
):
    """Its row is read once the worker has committed, not before: cancelled, the video would be paid and lost."""
    job = make_job()
    await store.add(job)
    async with other.transaction():
        await other.execute("UPDATE jobs SET status = 'submitting', revision = 1 WHERE id = $1", job.id)
        cancelled = asyncio.create_task(store.cancel(job.id, job.destination.user_id))
        await _until_waiting(other, cancelled)

    sending = job.evolve(status=Status.SUBMITTING, revision=1)
    assert (await cancelled, await store.get(job.id)) == (sending, sending)


async def test_a_claimer_does_not_wait_for_a_row_that_another_is_claiming(
    store: Store, other: asyncpg.Connection, make_job: MakeJob
):
    """It takes the next ones, or however many workers there are would go one at a time."""
    jobs = [make_job(due_at=float(place)) for place in range(3)]
    for job in jobs:
        await store.add(job)
    async with other.transaction(), asyncio.timeout(30):
        await other.execute("SELECT id FROM jobs WHERE id = $1 FOR UPDATE", jobs[0].id)
        assert await store.claim({Status.QUEUED}, owner="w", limit=9, lease=60) == jobs[1:]
