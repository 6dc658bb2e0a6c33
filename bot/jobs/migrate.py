"""Bringing the schema up to date at start, in one transaction: configured in code, so that a wheel is enough."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.errors import ReelcordError

_FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x7265656C  # any fixed number: processes that start together take their turns on PostgreSQL


class NewerDatabaseError(ReelcordError):
    """The database was written by a newer release of this program."""


def upgrade(connection: Connection) -> None:
    """Apply the revisions the database lacks, within the connection's transaction.

    Raises:
        NewerDatabaseError: the database is at a revision this release does not know.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise NewerDatabaseError(f"its revision {current} is not known")
    command.upgrade(config, "head")
