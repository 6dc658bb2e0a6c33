"""Upgrades from every release there was: with rows in every status, and killed on the way."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, create_engine, insert, select, update

from bot.jobs import migrate
from bot.jobs.job import ACTIVE, Job, Status
from bot.jobs.store import Conflict, Store
from bot.jobs.tables import row_of
from tests.integration.durability.conftest import Bench, Start

MakeJob = Callable[..., Job]
SCRIPTS = Path(migrate.__file__).with_name("migrations")


def _revisions() -> list[str]:
    """Oldest first; the newest is one of them, since it is an old one tomorrow."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def _at(connection: Connection, revision: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS))
    command.upgrade(config, revision)


def _old(file: Path, revision: str, rows: list[Job]) -> None:
    """A database as the release of that revision left it, in the columns it had."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        _at(connection, revision)
        table = Table("jobs", MetaData(), autoload_with=connection)
        for job in rows:
            connection.execute(insert(table).values({k: v for k, v in row_of(job).items() if k in table.c}))
    engine.dispose()


def _every(make_job: MakeJob) -> list[Job]:
    made = {"video_id": "v", "submitted_at": 1.0, "deadline_at": 9e9, "reason": "why"}
    return [
        make_job(status=status, due_at=0.0 if status in ACTIVE else None, **({} if status is Status.QUEUED else made))
        for status in Status
    ]


@pytest.mark.parametrize("revision", _revisions())
async def test_rows_of_every_release_live_on(bench: Bench, tmp_path: Path, make_job: MakeJob, revision: str):
    """All ten statuses are read as they were; those at work go on, and only the queued one is paid."""
    await bench.store.close()
    bench.database.unlink()
    rows = _every(make_job)
    _old(bench.database, revision, rows)
    store = await Store.open(f"sqlite:///{bench.database}")
    assert [await store.get(job.id) for job in rows] == rows
    await store.close()

    bench.store = await Store.open(f"sqlite:///{bench.database}", clock=bench.clock)
    queued, submitting, *_ = rows
    async with bench.working():
        assert (await bench.settled(queued)).status is Status.COMPLETED
        assert (await bench.settled(submitting)).status is Status.UNCONFIRMED
        for job in rows[2:4]:
            await bench.until(job, lambda seen: seen.revision > 0)
    assert len(bench.api.posts) == 1
    assert [await bench.store.get(job.id) for job in rows[4:]] == rows[4:]
    await bench.store.close()  # the bench itself closes the one it had
    assert {path.name for path in tmp_path.iterdir()} >= {"reelcord.db", "spool"}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_an_upgrade_that_is_killed_leaves_the_old_or_the_new(
    start: Start, tmp_path: Path, make_job: MakeJob, seed: int
):
    """At a moment drawn by lot; nothing in between, and the next start ends what was begun."""
    file, rows, first = tmp_path / "reelcord.db", _every(make_job), _revisions()[0]
    _old(file, first, rows)
    child = await start("upgrade", f"sqlite:///{file}")
    assert child.stdout is not None
    with closing(sqlite3.connect(file, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        assert await asyncio.wait_for(child.stdout.readline(), 60) == b"ready\n"
    await asyncio.sleep(random.Random(seed).random() * 0.05)
    child.kill()
    await child.wait()
    with closing(sqlite3.connect(file)) as reader:
        ((now,),) = reader.execute("SELECT version_num FROM alembic_version")
        columns = {name for _, name, *_ in reader.execute("PRAGMA table_info(jobs)")}
    assert now in (first, _revisions()[-1])
    assert ("original_url" in columns) is (now != first)
    store = await Store.open(f"sqlite:///{file}")
    assert [await store.get(job.id) for job in rows] == rows
    await store.close()


class _Older:
    """A release that still runs while a newer one has brought the database up to date: it knows its own columns."""

    def __init__(self, file: Path, revision: str) -> None:
        metadata = MetaData()
        made = create_engine("sqlite://")
        with made.begin() as connection:
            _at(connection, revision)
            self._jobs = Table("jobs", metadata, autoload_with=connection)
        made.dispose()
        self._engine = create_engine(f"sqlite:///{file}")

    def add(self, job: Job) -> None:
        """Insert a row as that release does."""
        with self._engine.begin() as connection:
            connection.execute(insert(self._jobs).values(self._known(job)))

    def save(self, job: Job) -> int:
        """Claim and save a row as that release does; returns how many were changed."""
        where = (self._jobs.c.id == job.id, self._jobs.c.revision == job.revision)
        free = {"revision": job.revision + 1, "lease_owner": None, "lease_until": None}
        with self._engine.begin() as connection:
            return connection.execute(update(self._jobs).where(*where).values(self._known(job) | free)).rowcount

    def read(self, job_id: str) -> dict[str, Any]:
        """A row in the columns of that release."""
        with self._engine.begin() as connection:
            return dict(connection.execute(select(self._jobs).where(self._jobs.c.id == job_id)).mappings().one())

    def known(self, job: Job) -> dict[str, Any]:
        """What that release would read of a job that is leased to nobody."""
        return self._known(job) | {"lease_owner": None, "lease_until": None}

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _known(self, job: Job) -> dict[str, Any]:
        return {name: value for name, value in row_of(job).items() if name in self._jobs.c}


@pytest.fixture(params=_revisions())
def older(bench: Bench, request: pytest.FixtureRequest) -> Iterator[_Older]:
    """Each release there was, on the newest database."""
    release = _Older(bench.database, request.param)
    yield release
    release.close()


async def test_what_an_older_release_writes_meanwhile_is_read_well(bench: Bench, make_job: MakeJob, older: _Older):
    """During a rolling upgrade: rows in every status, new and changed, and its orders are brought by the new one."""
    rows = _every(make_job)
    for job in rows:
        older.add(job)
    assert [await bench.store.get(job.id) for job in rows] == rows
    assert [older.save(job.evolve(reason="older")) for job in rows] == [1] * len(rows)
    assert [await bench.store.get(job.id) for job in rows] == [
        replace(job.evolve(reason="older"), revision=1) for job in rows
    ]
    async with bench.working():
        assert (await bench.settled(rows[0])).status is Status.COMPLETED
    assert len(bench.api.posts) == 1


async def test_what_the_new_release_writes_is_read_well_by_an_older_one(bench: Bench, make_job: MakeJob, older: _Older):
    """And changed by it: what it does not know of a row stays there, and of two that save one copy the first wins."""
    rows = [job.evolve(original_url="https://bot/a", original_until=2.5) for job in _every(make_job)]
    for job in rows:
        await bench.store.add(job)
    assert [older.read(job.id) for job in rows] == [older.known(job) for job in rows]
    assert [older.save(job.evolve(reason="older")) for job in rows] == [1] * len(rows)
    assert [await bench.store.get(job.id) for job in rows] == [
        replace(job.evolve(reason="older"), revision=1) for job in rows
    ]
    with pytest.raises(Conflict):
        await bench.store.save(rows[0])
    saved = await bench.store.save(replace(rows[0], revision=1))
    assert older.save(rows[0]) == 0
    assert older.read(saved.id) == older.known(saved)
