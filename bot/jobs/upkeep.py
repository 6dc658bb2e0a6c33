"""What is done to many rows now and then: what nobody needs is forgotten, what a clock put off is brought back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.jobs.clock import bring_forward
from bot.jobs.job import Standing
from bot.jobs.tables import FREE, inputs, jobs, standing_of

KEEP_INPUTS = 7 * 86_400.0
"""Seconds for which the pictures of a job that ended are kept, so that it can be asked for again."""
FURTHEST = 3600.0
"""Seconds: no step is ever put off longer, so a row due later was written by a clock that has since stepped back."""

_CHUNK = 500  # a statement takes a limited number of values


class Upkeep:
    """The rows of jobs that have ended, and all that wait, in the store's database. Every method is one transaction."""

    def __init__(
        self,
        write: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        reader: AsyncEngine,
        clock: Callable[[], float],
    ) -> None:
        self._write = write
        self._reader = reader
        self._clock = clock

    async def sweep(self) -> None:
        """Forget the pictures of jobs that ended long ago, and bring back rows that a clock put off for too long."""
        now = self._clock()
        old = exists().where(jobs.c.id == inputs.c.job_id, jobs.c.finished_at < now - KEEP_INPUTS)
        async with self._write() as connection:
            await connection.execute(delete(inputs).where(old))
            await connection.execute(update(jobs).where(jobs.c.due_at > now + FURTHEST).values(due_at=now, **FREE))

    async def step_back(self, seconds: float, *, lease: float) -> None:
        """Put nothing off for the reason that the clock stepped back by so much."""
        async with self._write() as connection:
            await bring_forward(connection, self._clock(), seconds, lease)

    async def standings(self, job_ids: Collection[str]) -> Mapping[str, Standing]:
        """How these jobs stand, by id; those that do not exist are left out."""
        row, wanted = jobs.c, sorted(job_ids)
        query = select(row.id, row.status, row.due_at, row.finished_at, row.created_at, row.original_until)
        found: dict[str, Standing] = {}
        async with self._reader.connect() as connection:
            for start in range(0, len(wanted), _CHUNK):
                some = query.where(row.id.in_(wanted[start : start + _CHUNK]))
                found |= {each["id"]: standing_of(each) for each in (await connection.execute(some)).mappings()}
        return found

    async def forget_originals(self, job_ids: Collection[str]) -> None:
        """Offer our links to these originals no more, since the files go; a job that wants a step decides itself."""
        ours = (jobs.c.due_at.is_(None), jobs.c.original_until.is_not(None))
        wanted = sorted(job_ids)
        async with self._write() as connection:
            for start in range(0, len(wanted), _CHUNK):
                some = update(jobs).where(jobs.c.id.in_(wanted[start : start + _CHUNK]), *ours)
                await connection.execute(some.values(original_url=None, original_until=None))
