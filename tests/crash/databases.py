"""The database of a lane as one who is no bot sees it: read, held up, and put back to its first schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.jobs import migrate

OLDEST = "0001"
_SEIZE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK TABLE jobs, inputs, promises IN EXCLUSIVE MODE"}
_CHANGES_SCHEMA = """
SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
WHERE datname = current_database() AND locktype = 'relation' AND mode = 'AccessExclusiveLock' AND granted
"""


class Database:
    """One of either kind."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._kind = make_url(url).get_backend_name()
        self._engine = _engine(url)
        self._lock: AsyncConnection | None = None

    async def aclose(self) -> None:
        """Let it go, for its server to end."""
        await self.release()
        await self._engine.dispose()

    async def unfinished(self) -> list[str]:
        """Ids of the rows that want a step."""
        return [row[0] for row in await self._read("SELECT id FROM jobs WHERE due_at IS NOT NULL")]

    async def promises(self) -> list[str]:
        """Ids of the commands that are answered and neither saved as jobs nor told to be refused."""
        return [row[0] for row in await self._read("SELECT id FROM promises")]

    async def seize(self) -> None:
        """Keep others from writing, as a backup or another program would."""
        await self.release()
        self._lock = await self._engine.connect()
        await self._lock.exec_driver_sql(_SEIZE[self._kind])

    async def release(self) -> None:
        """Let them write."""
        if self._lock:
            await self._lock.close()
            self._lock = None

    async def is_being_migrated(self) -> bool:
        """Whether somebody is inside the transaction that changes the schema."""
        if self._kind == "postgresql":
            return bool(await self._read(_CHANGES_SCHEMA))
        async with _engine(self.url, patience=0).connect() as connection:
            try:
                await connection.exec_driver_sql(_SEIZE["sqlite"])
            except OperationalError:
                return True
        return False

    async def make_older(self) -> None:
        """Put it back to the first revision, with what that can hold of the rows; nobody has it open.

        A file that does not exist is made with no rows.
        """
        await (_make_older_schema(self._engine) if self._kind == "postgresql" else _make_older_file(self.url))

    async def dump(self) -> str:
        """All rows as text, where they lie in no file of the lane's own; a file holds nothing else afterwards.

        SQLite zeroes what is deleted, but a row that it has moved to another page to make room may stand in the unused
        bytes of the old one until those are needed.
        """
        if self._kind == "sqlite":
            async with self._engine.connect() as connection:
                await connection.exec_driver_sql("VACUUM")
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return ""
        tables = [row[0] for row in await self._read("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        rows = [row for table in tables for row in await self._read(f"SELECT row_to_json({table}) FROM {table}")]
        return "\n".join(json.dumps(row[0]) for row in rows)

    async def _read(self, query: str) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            return (await connection.exec_driver_sql(query)).all()


def _engine(url: str, patience: float = 30) -> AsyncEngine:
    """On SQLite without the driver's own BEGIN, and with no connection left open to a file that is to be replaced.

    `patience` are the seconds that it waits for the lock.
    """
    if not url.startswith("sqlite"):
        return create_async_engine(url)
    return create_async_engine(url, poolclass=NullPool, connect_args={"isolation_level": None, "timeout": patience})


async def _make_older_file(url: str) -> None:
    file = Path(str(make_url(url).database))
    older = file.with_suffix(".older")
    older.unlink(missing_ok=True)
    async with _engine(f"sqlite+aiosqlite:///{older}").begin() as connection:
        await connection.run_sync(_make_oldest)
    if file.exists():
        async with _engine(url).connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            await connection.exec_driver_sql("ATTACH ? AS older", (str(older),))
            for table in ("jobs", "inputs"):
                found = await connection.exec_driver_sql(f"PRAGMA older.table_info({table})")
                columns = ", ".join(row.name for row in found)
                await connection.exec_driver_sql(
                    f"INSERT INTO older.{table} ({columns}) SELECT {columns} FROM main.{table}"
                )
    for each in file.parent.glob(f"{file.name}-*"):
        each.unlink()
    older.replace(file)


async def _make_older_schema(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE SCHEMA older")
        await connection.exec_driver_sql("SET LOCAL search_path TO older")
        await connection.run_sync(_make_oldest)
        for table in ("jobs", "inputs"):
            found = await connection.exec_driver_sql(
                "SELECT column_name FROM information_schema.columns "
                f"WHERE table_schema = 'older' AND table_name = '{table}'"
            )
            columns = ", ".join(row[0] for row in found)
            await connection.exec_driver_sql(
                f"INSERT INTO older.{table} ({columns}) SELECT {columns} FROM public.{table}"
            )
        await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        await connection.exec_driver_sql("ALTER SCHEMA older RENAME TO public")


def _make_oldest(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    command.upgrade(config, OLDEST)
