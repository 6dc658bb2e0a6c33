"""The promises that are open: made before a first answer, kept by the row it announced, or told to be broken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import fields
from typing import Any

import structlog
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.jobs.conditions import has_status
from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import ACTIVE
from bot.jobs.promise import TOKEN_SECONDS, BrokenPromise, Promise, TooMany
from bot.jobs.tables import jobs, promises
from bot.jobs.within import within

LONGEST = 300.0
"""Seconds after which a promise is broken although its process may live: pictures are read, or not, in far less."""
TELL_SECONDS = 5.0

_FIELDS = tuple(field.name for field in fields(Promise))
_log = structlog.stdlib.get_logger(__name__)


class Promises:
    """The rows of promises, in the store's database. Every method is one transaction."""

    def __init__(
        self,
        write: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        reader: AsyncEngine,
        clock: Callable[[], float],
    ) -> None:
        self._write = write
        self._reader = reader
        self._clock = clock

    async def make(self, promise: Promise, *, seconds: float, most: int = 0) -> bool:
        """Write a promise down; False: another process with this bot's token answers the interaction, or has.

        `most` is how many jobs the person may have at work, those that are being ordered among them; 0: any number.

        Raises:
            TimeoutError: it cannot be written in time, and is not.
            TooMany: the person has that many already.
        """
        end = asyncio.get_running_loop().time() + seconds
        return await within(seconds, self._make(promise, end, most))

    async def _make(self, promise: Promise, end: float, most: int) -> bool:
        try:
            async with self._write() as connection:
                if most and connection.dialect.name == "postgresql":  # one order of a person at a time, as on SQLite
                    await connection.execute(select(func.pg_advisory_xact_lock(promise.user_id)))
                await connection.execute(insert(promises).values(_row(promise)))
                # Asked last: on PostgreSQL the insert waits for another process that just turns its promise into a job.
                done = await connection.execute(select(jobs.c.id).where(jobs.c.id == promise.id))
                if taken := done.first() is not None:
                    await connection.execute(delete(promises).where(promises.c.id == promise.id))
                elif most and await _at_work(connection, promise.user_id) > most:
                    raise TooMany(f"{promise.user_id} has {most} jobs at work")
                _in_time(end)
        except IntegrityError:
            return False
        try:
            _in_time(end)
        except TimeoutError:  # the commit itself was slow, and the person has been refused meanwhile
            await self.forget(promise)
            raise
        return not taken

    async def forget(self, promise: Promise) -> None:
        """Drop a promise: the person knows what came of it."""
        async with self._write() as connection:
            await connection.execute(delete(promises).where(promises.c.id == promise.id))

    async def give_up(self, promise: Promise) -> None:
        """Leave it to the engine to tell the person."""
        async with self._write() as connection:
            await connection.execute(update(promises).where(promises.c.id == promise.id).values(owner=None))

    async def break_those_of(self, owners: Collection[str]) -> int:
        """Break the promises of processes that have ended, and those that are too old; returns how many."""
        late = promises.c.made_at < self._clock() - LONGEST
        theirs = (promises.c.owner.is_not(None), or_(promises.c.owner.in_(sorted(owners)), late))
        async with self._reader.connect() as connection:
            if (await connection.execute(select(promises.c.id).where(*theirs).limit(1))).first() is None:
                return 0  # as nearly always: nobody's turn to write is taken for it
        async with self._write() as connection:
            return (await connection.execute(update(promises).where(*theirs).values(owner=None))).rowcount

    async def broken(self) -> list[Promise]:
        """Those whose people are to be told, oldest first."""
        query = select(promises).where(promises.c.owner.is_(None)).order_by(promises.c.made_at)
        async with self._reader.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [Promise(**{name: row[name] for name in _FIELDS}) for row in rows]

    async def settle(self, delivery: Delivery) -> None:
        """Tell people of their broken promises; those out of reach just now are told the next time, while it is possible.

        All at once: where Discord hangs, the end of the program waits out one time-out, however many there are.
        """
        settling = [self._settle(promise, delivery) for promise in await self.broken()]
        for error in await asyncio.gather(*settling, return_exceptions=True):
            if error is not None:  # the database's; none is left at work behind the caller's back
                raise error

    async def _settle(self, promise: Promise, delivery: Delivery) -> None:
        # Tried once whatever its age: only Discord knows whether a token is dead, for a clock may have jumped ahead.
        if await _told(promise, delivery) or self._clock() - promise.made_at >= TOKEN_SECONDS:
            await self.forget(promise)


async def keep(connection: AsyncConnection, promise: Promise) -> None:
    """Drop a promise in the transaction that does what it announced.

    Raises:
        BrokenPromise: it is its process's no more.
    """
    mine = (promises.c.id == promise.id, promises.c.owner == promise.owner)
    if (await connection.execute(delete(promises).where(*mine))).rowcount == 0:
        raise BrokenPromise(f"{promise.id} was given up")


async def _at_work(connection: AsyncConnection, user_id: int) -> int:
    """How many jobs a person has at work or is ordering, by one statement: between two an order may become a job."""
    ordered = select(func.count()).select_from(jobs).where(jobs.c.user_id == user_id, has_status(ACTIVE))
    new = (promises.c.held_id.is_(None), promises.c.owner.is_not(None))
    ordering = select(func.count()).select_from(promises).where(promises.c.user_id == user_id, *new)
    both = select(ordered.scalar_subquery() + ordering.scalar_subquery())
    return (await connection.execute(both)).scalar_one()


async def _told(promise: Promise, delivery: Delivery) -> bool:
    """Whether nothing is left to be told."""
    about = {"job": promise.id, "command": promise.command}
    try:
        async with asyncio.timeout(TELL_SECONDS):
            await delivery.retract(promise)
    except Undeliverable as error:
        _log.info("A broken promise cannot be told of", action="promise_untold", error=str(error), **about)
    except (DeliveryDelayed, TimeoutError) as error:
        _log.info("A broken promise is told of later", action="promise_delayed", error=str(error), **about)
        return False
    except Exception:  # noqa: BLE001 - the others are told all the same
        _log.exception("A broken promise could not be told of", action="promise_delayed", **about)
        return False
    else:
        _log.info("A person was told that nothing was ordered", action="promise_broken", **about)
    return True


def _row(promise: Promise) -> dict[str, Any]:
    return {name: getattr(promise, name) for name in _FIELDS} | {"id": promise.id}


def _in_time(end: float) -> None:
    if asyncio.get_running_loop().time() > end:
        raise TimeoutError
