"""Opening a database: created, kept up to date, refused in one line where it cannot be used."""

from __future__ import annotations

import asyncio
import sqlite3
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import SettingsError
from bot.jobs import migrate
from bot.jobs.database import connect
from bot.jobs.job import TERMINAL, Job, Status
from bot.jobs.store import Store
from bot.jobs.tables import jobs, metadata, row_of

MakeJob = Callable[..., Job]


def _differences(connection: Connection) -> list[Any]:
    return compare_metadata(MigrationContext.configure(connection), metadata)


async def test_the_revisions_make_the_tables_the_code_expects(new_database: Any):
    """A table changed without a revision, or the other way round, is a defect."""
    engine = await connect(await new_database())
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


async def test_opening_twice_changes_nothing(new_database: Any, make_job: MakeJob):
    """What is there stays there."""
    url, job = await new_database(), make_job()
    for _ in range(2):
        store = await Store.open(url)
        if await store.get(job.id) is None:
            await store.add(job)
        await store.close()
    store = await Store.open(url)
    assert await store.get(job.id) == job
    await store.close()


async def test_a_connection_that_may_only_read_is_given_up(tmp_path: Path):
    """One that was opened while the file could not be written would fail every save until the next start."""
    engine = await connect(f"sqlite:///{tmp_path}/reelcord.db")
    async with engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(OperationalError, match="attempt to write a readonly database"):
        await _write(engine)
    await _write(engine)
    await engine.dispose()


async def _write(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE kites (name TEXT)")


async def test_rows_of_the_first_release_live_on(new_database: Any, make_job: MakeJob):
    """In every status: read as they were, with no link to an original, and saved as any other."""
    url = await new_database()
    old = [make_job(status=status, video_id="v", posting_at=1.5, message_url="https://d/1") for status in Status]
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[make_url(url).drivername]
    engine = create_async_engine(make_url(url).set(drivername=driver))
    async with engine.begin() as connection:
        await connection.run_sync(_as_first_released)
        for job in old:
            row = {name: value for name, value in row_of(job).items() if not name.startswith("original_")}
            await connection.execute(insert(jobs).values(row))
    await engine.dispose()

    store = await Store.open(url)
    for job in old:
        assert await store.get(job.id) == job
        changed = job.evolve(original_url="https://bot/a", original_until=2.5)
        assert await store.get((await store.save(changed)).id) == replace(changed, revision=1)
    await store.close()


def _as_first_released(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    command.upgrade(config, "0001")


async def test_programs_that_start_together_take_turns(new_database: Any):
    """A bot and a headless worker may open an empty database in the same moment."""
    url = await new_database()
    stores = await asyncio.gather(*(Store.open(url) for _ in range(6)))
    for store in stores:
        assert await store.counts() == {}
        await store.close()


@pytest.mark.parametrize("statuses", [{Status.QUEUED}, TERMINAL])
@pytest.mark.parametrize("due", ["due_at <= 5", "due_at IS NOT NULL"])
async def test_claims_read_only_rows_that_want_a_step(tmp_path: Path, statuses: set[Status], due: str):
    """A million finished rows cost nothing: the index of due rows does not hold them."""
    engine = await connect(f"sqlite:///{tmp_path}/reelcord.db")
    words = ", ".join(f"'{status}'" for status in statuses)
    free = f"status IN ({words}) AND (lease_until IS NULL OR lease_until <= 5)"
    query = f"EXPLAIN QUERY PLAN SELECT id FROM jobs WHERE {due} AND {free} ORDER BY due_at LIMIT 8"
    async with engine.connect() as connection:
        plan = (await connection.execute(text(query))).all()
    await engine.dispose()
    assert plan[0].detail.startswith("SEARCH jobs USING INDEX ix_jobs_due (status=? AND due_at")


async def test_a_newer_database_is_refused(new_database: Any):
    """An older release would not understand its rows."""
    url = await new_database()
    engine = await connect(url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: .*written by a newer release"):
        await connect(url)


async def test_sqlite_forgets_nothing_at_a_power_loss_and_wipes_what_it_is_told_to_forget(tmp_path: Path):
    """FULL, since NORMAL in WAL mode may forget a `submitting`; foreign keys drop the files with their job; wiped tokens."""
    engine = await connect(f"sqlite:///{tmp_path}/deep/down/reelcord.db")
    async with engine.connect() as connection:
        found = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        ]
    assert found == ["wal", 2, 1, 30_000, 1]
    await engine.dispose()


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path):
    """Somebody's notes under the database's name are not overwritten."""
    file = tmp_path / "reelcord.db"
    file.write_bytes(b"my holiday notes\n" * 500)
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: .*file is not a database"):
        await Store.open(f"sqlite+aiosqlite:///{file}")
    assert file.read_bytes() == b"my holiday notes\n" * 500


async def test_another_programs_tables_are_refused_and_left_as_they_are(tmp_path: Path):
    """A table `jobs` that is not ours stops the revisions, all of them."""
    file = tmp_path / "reelcord.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE jobs (title TEXT)")
    database.close()
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: .*table jobs already exists"):
        await Store.open(f"sqlite:///{file}")
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("jobs",)]
    database.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "not a database URL"),
        ("mysql://localhost/x", "mysql is not supported"),
        ("sqlite://", "jobs in memory die with the program"),
        ("sqlite:////dev/null/x/reelcord.db", "the file /dev/null/x/reelcord.db cannot be made"),
        ("sqlite:////", "unable to open database file"),
        ("postgresql://bot:s3cret@127.0.0.1:1/x", "cannot be used"),
    ],
)
async def test_a_url_that_cannot_work_is_one_line_that_says_what_to_do(url: str, says: str):
    """And it never holds the password."""
    with pytest.raises(SettingsError) as caught:
        await Store.open(url)
    line = str(caught.value)
    assert line.startswith("DATABASE_URL: ")
    assert says in line
    assert "s3cret" not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bot:s3@cret@127.0.0.1:1/x",
        "postgresql://bot:s3:cret@127.0.0.1:1/x",
        "postgresql://bot:s3@s3:cret@127.0.0.1:1/x",
        "postgresql://bot:s3/cret@127.0.0.1:1/x",
        "postgresql://bot:s3#cret?@127.0.0.1:1/x",
        "postgresql://bot:s3%zzcret@127.0.0.1:1/x",
        "postgresql://bot:s3cret@127.0.0.1:port/x",
        "postgresql://bot:s3cret@[::1/x",
        "postgresql://s3cret@127.0.0.1:1/x",
        "postgresql://127.0.0.1:1/x?user=bot&password=s3cret",
        "postgresql://bot:s3cret@127.0.0.1:1/x?ssl=s3cret",
        "postgresql//bot:s3cret@127.0.0.1:1/x",
        "mysql://bot:s3cret@127.0.0.1:1/x",
        "bot:s3cret@127.0.0.1",
        "s3cret",
    ],
)
async def test_a_password_is_never_said_however_the_url_is_misspelt(url: str):
    """A password with an @ in it ends where nobody meant it to, and its rest passes for the host or the port."""
    with pytest.raises(SettingsError) as caught:
        await Store.open(url)
    shown = "".join(traceback.format_exception(caught.value))
    assert [part for part in ("s3", "cret") if part in str(caught.value)] == []
    assert [part for part in ("s3cret", "s3@cret", "cret@") if part in shown] == []


async def test_an_error_of_the_database_tells_no_value(new_database: Any, make_job: MakeJob):
    """It ends in the log, where neither a prompt nor the token of an interaction belongs."""
    store = await Store.open(await new_database())
    job = make_job()
    await store.add(job)
    with pytest.raises(IntegrityError) as caught:
        await store.add(job)
    await store.close()
    assert str(job.destination.token) not in str(caught.value)
    assert job.prompt not in str(caught.value)
