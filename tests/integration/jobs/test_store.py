"""What the store keeps, finds and forgets, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bot.jobs.job import Job, Standing, Status
from bot.jobs.store import Store
from bot.jobs.upkeep import FURTHEST, KEEP_INPUTS
from tests.integration.jobs.rows import Hands, with_files

MakeJob = Callable[..., Job]
QUEUED = {Status.QUEUED}


async def test_a_job_comes_back_as_it_went_in(store: Store, make_job: MakeJob):
    """Every field, 64-bit ids, nested JSON and the files byte for byte."""
    job = with_files(make_job())
    await store.add(job)
    assert await store.get(job.id, with_files=True) == job
    without = job.submission.model_copy(update={"files": ()})
    assert await store.get(job.id) == replace(job, submission=without)
    assert await store.get("nobody") is None


async def test_who_reads_waits_for_nobody_who_writes(tmp_path: Path, make_job: MakeJob):
    """Another program may be in the middle of a long write."""
    store = await Store.open(f"sqlite:///{tmp_path}/reelcord.db")
    job = make_job()
    await store.add(job)
    with closing(sqlite3.connect(tmp_path / "reelcord.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with asyncio.timeout(30):
            assert await store.get(job.id) == job
    await store.close()


async def test_of_user_finds_ones_own_at_work_first(store: Store, make_job: MakeJob):
    """By the start of the id or a part of the prompt; what LIKE would take for a wildcard is a letter.

    Whoever has too many at work is sent to this list to see which: one that is over must not push them out of it.
    """
    old = make_job(id="abc", prompt="A red Fox", created_at=1.0)
    new = make_job(id="xyz", prompt="100% done_", created_at=2.0, status=Status.COMPLETED)
    other = make_job(destination=replace(old.destination, user_id=3))
    for job in (old, new, other):
        await store.add(job)
    me = old.destination.user_id
    newer = make_job(id="new", created_at=3.0, destination=old.destination)
    older = make_job(id="end", created_at=0.5, status=Status.FAILED)
    await store.add(newer)
    await store.add(older)
    assert await store.of_user(me) == [newer, old, new, older]
    assert await store.of_user(me, limit=2) == [newer, old]
    assert await store.of_user(me, search="AB") == [old]
    assert await store.of_user(me, search="red f") == [old]
    assert await store.of_user(me, search="0%") == [new]
    assert await store.of_user(me, search="%") == [new]
    assert await store.of_user(me, statuses={Status.QUEUED}) == [newer, old]


async def test_counts(store: Store, make_job: MakeJob):
    """By status, and the active ones by upstream."""
    for status in (Status.QUEUED, Status.QUEUED, Status.FAILED):
        await store.add(make_job(status=status))
    assert await store.counts() == {Status.QUEUED: 2, Status.FAILED: 1}
    assert await store.waiting() == {"octopusx": 2}


async def test_the_sweep_forgets_old_pictures_and_nothing_else(store: Store, hands: Hands, make_job: MakeJob):
    """A week after the end; a job that is still waiting, or has ended since, keeps them."""
    old = with_files(make_job(id="b", status=Status.FAILED, finished_at=hands.now))
    late = with_files(make_job(id="d", status=Status.FAILED, finished_at=hands.now + 2))
    kept = [with_files(make_job(id="a")), with_files(make_job(id="c")), late]
    for job in (old, *kept):
        await store.add(job)
    hands.now += KEEP_INPUTS
    await store.upkeep.sweep()
    assert await store.get("b", with_files=True) == old
    hands.now += 1
    await store.upkeep.sweep()
    swept = await store.get("b", with_files=True)
    assert swept is not None
    assert swept.submission.files == ()
    assert [await store.get(job.id, with_files=True) for job in kept] == kept


async def test_a_row_says_how_long_its_files_are_needed(store: Store, make_job: MakeJob):
    """Whether a step is still to come, when it ended, and until when a link leads to the original."""
    over = {"due_at": None, "finished_at": 7.0}
    rows = {
        "active": make_job(id="active", status=Status.DELIVERING, created_at=3.0),
        "told": make_job(id="told", status=Status.COMPLETED, finished_at=7.0, original_until=9.0),
        "kept": make_job(id="kept", status=Status.COMPLETED, original_until=9.0, **over),
        "held": make_job(id="held", status=Status.HELD, **over),
    }
    for job in rows.values():
        await store.add(job)
    assert await store.upkeep.standings({*rows, "nobody"}) == {
        "active": Standing(at_work=True, held=False, ended_at=3.0, original_until=None),
        "told": Standing(at_work=True, held=False, ended_at=7.0, original_until=9.0),
        "kept": Standing(at_work=False, held=False, ended_at=7.0, original_until=9.0),
        "held": Standing(at_work=False, held=True, ended_at=7.0, original_until=None),
    }
    assert await store.upkeep.standings(set()) == {}


async def test_a_link_of_ours_is_forgotten_with_its_file(store: Store, make_job: MakeJob):
    """Not that of a job whose step is still to come, and not the service's own."""
    link = {"status": Status.COMPLETED, "original_url": "https://bot/a", "original_until": 9.0}
    first, last = make_job(id="a", due_at=None, **link), make_job(id="e", due_at=None, **link)
    working, other = make_job(id="b", due_at=1.0, **link), make_job(id="c", due_at=None, **link)
    elsewhere = make_job(id="d", due_at=None, **link | {"original_until": None})
    for job in (first, last, working, other, elsewhere):
        await store.add(job)
    await store.upkeep.forget_originals({"a", "b", "d", "e"})
    for job in (first, last):
        assert await store.get(job.id) == replace(job, original_url=None, original_until=None)
    for job in (working, other, elsewhere):
        assert await store.get(job.id) == job


async def test_a_clock_that_stepped_back_strands_no_row(store: Store, hands: Hands, make_job: MakeJob):
    """A row put off by a clock that was a day ahead is due now; one that was put off as far as may be is not."""
    far = make_job(due_at=hands.now + FURTHEST + 1)
    for job in (far, make_job(due_at=hands.now + FURTHEST), make_job(due_at=hands.now + 1)):
        await store.add(job)
    await store.upkeep.sweep()
    assert await store.claim(QUEUED, owner="w", limit=9, lease=60) == [replace(far, due_at=hands.now)]


async def test_a_step_back_of_the_clock_brings_forward_what_it_put_off(store: Store, hands: Hands, make_job: MakeJob):
    """By as much as it stepped; what is due stays so, and a lease is cut to its length, never made longer."""
    due, later = make_job(id="due", due_at=hands.now), make_job(id="later", due_at=hands.now + 600.5)
    for job in (due, later):
        await store.add(job)
    long, short = make_job(id="long", due_at=hands.now - 2), make_job(id="short", due_at=hands.now - 1)
    for job, lease in ((long, 60.5), (short, 59.5)):
        await store.add(job)
        assert await store.claim(QUEUED, owner="w", limit=1, lease=lease) == [job]

    await store.upkeep.step_back(600, lease=60)

    assert [await store.get(job.id) for job in (due, later)] == [due, replace(later, due_at=hands.now + 0.5)]
    hands.now += 59.25
    assert await store.leased() == 2
    hands.now += 0.25
    assert await store.leased() == 1
    hands.now += 0.5
    assert await store.leased() == 0


async def test_one_is_shown_twenty_five_of_ones_jobs(store: Store, make_job: MakeJob):
    """As many as Discord lists in one menu; the newest."""
    jobs = [make_job(created_at=float(number)) for number in range(26)]
    for job in jobs:
        await store.add(job)
    assert await store.of_user(jobs[0].destination.user_id) == jobs[:0:-1]
