"""A database as an older release has left it: the same rows under the first schema."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from bot.jobs import migrate

OLDEST = "0001"


def make_older(database: Path) -> None:
    """Replace a database that nobody has open by one of the first revision, with what that can hold of the rows.

    One that does not exist is made with no rows.
    """
    older = database.with_suffix(".older")
    _make(older)
    if database.exists():
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("ATTACH ? AS older", (str(older),))
            for table in ("jobs", "inputs"):
                columns = ", ".join(_columns(connection, "older", table))
                connection.execute(f"INSERT INTO older.{table} ({columns}) SELECT {columns} FROM main.{table}")
    for each in database.parent.glob(f"{database.name}-*"):
        each.unlink()
    older.replace(database)


def _make(path: Path) -> None:
    path.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
        command.upgrade(config, OLDEST)
    engine.dispose()


def _columns(connection: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})")]
