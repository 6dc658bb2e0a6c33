"""Connecting to the database: SQLite set up so that what is committed stays committed, or PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, ExceptionContext, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import ReelcordError, SettingsError
from bot.jobs.migrate import NewerDatabaseError, upgrade

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
_EXAMPLE = "such as sqlite+aiosqlite:///data/reelcord.db or postgresql+asyncpg://user:password@host/reelcord"

_LOG_HEADS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")  # of a write-ahead log, by the byte order of its sums

BUSY = 30.0
"""Seconds that a statement waits where another holds a lock, or the server does not answer.

Without it a line to PostgreSQL that is cut and not closed, as by a firewall that forgets it, would hold its caller for
a quarter of an hour, and the server would keep what the lost transaction has locked for two hours.
"""

# FULL, not NORMAL: in WAL mode NORMAL may forget the last commits at a power loss, and a forgotten `submitting` is a
# second payment.
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # What was in a row that has changed is wiped from the file, such as the token of a job that ended. Debian's SQLite
    # does so by itself, others do not.
    "PRAGMA secure_delete = ON",
)


class DamagedDatabaseError(ReelcordError):
    """The file is a database, but not a whole one."""


async def connect(url: str) -> AsyncEngine:
    """An engine whose database answers, can be written and has the newest schema.

    Raises:
        SettingsError: one line that names DATABASE_URL and the fix; nothing was overwritten.
    """
    parsed = _parse(url)
    engine = _engine(parsed)
    try:
        if parsed.get_backend_name() == "sqlite":
            await _check(engine)
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    except DamagedDatabaseError as error:
        await engine.dispose()
        raise SettingsError(
            f"DATABASE_URL: {_shown(parsed)} is damaged ({error}): put a backup in its place, or save what can be "
            "read with `sqlite3 FILE .recover`; nothing was changed"
        ) from None
    except NewerDatabaseError as error:
        await engine.dispose()
        raise SettingsError(
            f"DATABASE_URL: {_shown(parsed)} was written by a newer release ({error}): run that release, "
            "or name another database"
        ) from None
    except Exception as error:  # drivers raise their own trees while connecting: OSError, asyncpg's, sqlite3's
        await engine.dispose()
        raise SettingsError(
            f"DATABASE_URL: {_shown(parsed)} cannot be used ({_first_line(error)}): check that the place exists, "
            "can be written and holds a Reelcord database, or name another"
        ) from error
    return engine


async def _check(engine: AsyncEngine) -> None:
    """Read the whole file: a damaged page is else met in the middle of a job, or never, while rows are missing.

    Raises:
        DamagedDatabaseError: a page is not what it should be.
    """
    async with engine.execution_options(reading=True).connect() as connection:
        try:
            found = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one()
        except DBAPIError as error:
            if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_CORRUPT:
                raise
            found = str(error.orig)
    if found != "ok":
        raise DamagedDatabaseError(" ".join(found.split()))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter of a port that is no number
        raise SettingsError(f"DATABASE_URL: not a database URL; write one {_EXAMPLE}") from None
    if "@" in (parsed.host or ""):
        raise SettingsError("DATABASE_URL: its password has an @, which ends it there; write %40 instead")
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    if parsed.drivername not in _DRIVERS.values():
        raise SettingsError(f"DATABASE_URL: {parsed.drivername} is not supported; write one {_EXAMPLE}")
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise SettingsError(f"DATABASE_URL: jobs in memory die with the program; name a file, {_EXAMPLE}")
        _make_file(parsed)
    return parsed


def _make_file(url: URL) -> None:
    file = Path(str(url.database))
    _check_log(file)
    if file.exists() and not os.access(file, os.W_OK):  # SQLite itself only finds out when the first order is saved
        raise SettingsError(f"DATABASE_URL: the file {file} cannot be written: change who may, or name another place")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file, timeout=0)) as connection:
            _write_ahead(connection)
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"DATABASE_URL: the file {file} cannot be made ({error}): name a place that can be written"
        ) from None


def _check_log(file: Path) -> None:
    """SQLite takes a log that does not begin as one for an empty one, and throws away the commits in it.

    Zeros are what a power loss leaves of a log that was just begun: nothing in that was committed yet.
    """
    log = Path(f"{file}-wal")
    try:
        with log.open("rb") as opened:
            head = opened.read(len(_LOG_HEADS[0]))
    except OSError:
        return
    if head.strip(b"\0") and head not in _LOG_HEADS:
        raise SettingsError(
            f"DATABASE_URL: {log} is damaged, and the last changes of {file} are in it: put a backup of both in their "
            f"place, or take {log.name} away to go on without those changes; nothing was changed"
        )


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL mode, which stays; SQLite itself does not wait where another program does the same."""
    for _ in range(200):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                return  # whoever connects is told what is wrong
            time.sleep(0.02)
        else:
            return


def _engine(url: URL) -> AsyncEngine:
    try:
        if url.get_backend_name() == "postgresql":
            return create_async_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=_bounded())
        engine = create_async_engine(url, hide_parameters=True)  # errors are logged: no prompt, no token
    except ModuleNotFoundError as error:
        raise SettingsError(f"DATABASE_URL: {error.name} is not installed; pip install 'reelcord[postgres]'") from None
    event.listen(engine.sync_engine, "connect", _set_up)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "handle_error", _drop_read_only)
    return engine


def _bounded() -> dict[str, Any]:
    """What asyncpg is told, so that nothing hangs for longer than `BUSY` on either side."""
    longest = f"{BUSY * 1000:.0f}"
    server = {"lock_timeout": longest, "idle_in_transaction_session_timeout": longest}
    return {"command_timeout": BUSY, "server_settings": server}


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver leaves BEGIN to us
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY * 1000:.0f}")
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and then writes may not be let through at all (SQLITE_BUSY, past any time-out):
    # those that write say so at once.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _drop_read_only(context: ExceptionContext) -> None:
    """SQLite opens a file that may only be read just now for reading, and stays so once it may be written again."""
    code = getattr(context.original_exception, "sqlite_errorcode", sqlite3.SQLITE_OK)
    if code & 0xFF == sqlite3.SQLITE_READONLY:  # the lower byte; the others say why
        context.is_disconnect = True  # so that no connection of the pool is used again


class Place:
    """The file of a SQLite database, which may be deleted or replaced under those who have it open.

    They would go on in a file that no other program sees, and the next start would pay for its jobs once more.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._url = engine.url
        self._file = Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None
        self._is = self._seen()

    def check(self) -> None:
        """See that it is the file that was opened; one that cannot be looked at just now is taken for it.

        Raises:
            SettingsError: it is gone, or is another one.
        """
        try:
            same = self._seen() == self._is
        except FileNotFoundError:
            same = False
        except OSError:
            return
        if not same:
            raise SettingsError(
                f"DATABASE_URL: {_shown(self._url)} was deleted or replaced while the bot ran: put the file back, "
                "or see what the jobs of the last minutes came to, then start the bot again"
            )

    def _seen(self) -> tuple[int, int] | None:
        if self._file is None:
            return None
        found = self._file.stat()
        return found.st_dev, found.st_ino


def _shown(url: URL) -> str:
    """A URL without user, password and options, of which the last may hold a password, too."""
    return URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).strip() or type(error).__name__).splitlines()[0]
