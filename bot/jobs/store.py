"""The database of jobs: SQLAlchemy Core on SQLite or PostgreSQL, the same statements on both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Self

from sqlalchemy import RowMapping, case, false, func, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import ReelcordError
from bot.jobs.breaker import Scope
from bot.jobs.conditions import has_status, in_scope, may_be_claimed
from bot.jobs.database import Place, connect
from bot.jobs.job import ACTIVE, Job, Status, ended
from bot.jobs.promise import Promise
from bot.jobs.promises import Promises, keep
from bot.jobs.tables import FREE, file_rows, inputs, job_of, jobs, promises, row_of
from bot.jobs.upkeep import Upkeep

#: Never changes after the insert, so a save leaves it alone.
_FIXED = frozenset({"id", "command", "prompt", "recipe", "notes", "user_id", "guild_id", "upstream", "created_at"})


class Conflict(ReelcordError):  # noqa: N818 - what happened, caught by name
    """The row was changed by another since this copy was read; what is saved stands."""


class Store:
    """The rows of jobs. Every method is one transaction; returned jobs are without their files unless said.

    A database that is locked, full or away raises `sqlalchemy.exc.DBAPIError` or `OSError` from any method.
    """

    def __init__(self, engine: AsyncEngine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._reader = engine.execution_options(reading=True)
        self._clock = clock
        self._place = Place(engine)
        # SQLite has one writer: waiting here is fair, waiting in the file's lock is a poll.
        self._writers = asyncio.Semaphore(1 if engine.dialect.name == "sqlite" else 1000)
        self.promises = Promises(self._write, self._reader, clock)
        self.upkeep = Upkeep(self._write, self._reader, clock)

    @classmethod
    async def open(cls, url: str, *, clock: Callable[[], float] = time.time) -> Self:
        """Connect, bring the schema up to date, and check that it can be written.

        Raises:
            SettingsError: DATABASE_URL cannot be opened, is not a database, or is newer than this program.
        """
        return cls(await connect(url), clock)

    @asynccontextmanager
    async def _write(self) -> AsyncGenerator[AsyncConnection]:
        async with self._writers, self._engine.begin() as connection:
            self.check()
            yield connection

    def check(self) -> None:
        """See that the database is the one that was opened.

        Raises:
            SettingsError: its file was deleted or replaced; every method that writes raises it then.
        """
        self._place.check()

    async def add(self, job: Job, promise: Promise | None = None) -> None:
        """Insert a new job with its input files, durably; the promise of it is kept with that.

        Raises:
            Conflict: the job repeats another of which a repeat is already at work: each one is paid.
            BrokenPromise: the person is told that nothing is ordered.
        """
        async with self._write() as connection:
            if promise is not None:
                await keep(connection, promise)
            if job.parent_id is not None and await _is_repeated(connection, job):
                raise Conflict(f"{job.parent_id} is being repeated already")
            await connection.execute(insert(jobs).values(row_of(job)))
            if job.submission.files:
                await connection.execute(insert(inputs), file_rows(job))

    async def get(self, job_id: str, *, with_files: bool = False) -> Job | None:
        """One job."""
        async with self._reader.connect() as connection:
            result = await connection.execute(select(jobs).where(jobs.c.id == job_id))
            found = await _jobs(connection, result.mappings().all(), with_files=with_files)
        return found[0] if found else None

    async def after(self, promise: Promise, job_id: str) -> Job | None:
        """One job, once nothing more can come of what was begun to keep a promise.

        PostgreSQL may carry out a COMMIT after its sender has heard that the line broke. Until then it keeps the
        promise's row locked, so that is asked for first.
        """
        begun = select(promises.c.id).where(promises.c.id == promise.id).with_for_update()
        async with self._reader.connect() as connection:
            await connection.execute(begun)
            row = (await connection.execute(select(jobs).where(jobs.c.id == job_id))).mappings().one_or_none()
        return None if row is None else job_of(row)

    async def of_user(
        self, user_id: int, *, search: str = "", statuses: Collection[Status] = (), limit: int = 25
    ) -> list[Job]:
        """A person's jobs: those at work, then the others, newest first; `search` matches the id's start or a part of the prompt."""
        over = case((has_status(ACTIVE), 0), else_=1)
        query = select(jobs).where(jobs.c.user_id == user_id).order_by(over, jobs.c.created_at.desc()).limit(limit)
        if search:
            by_id = jobs.c.id.istartswith(search, autoescape=True)
            query = query.where(or_(by_id, jobs.c.prompt.icontains(search, autoescape=True)))
        if statuses:
            query = query.where(has_status(statuses))
        async with self._reader.connect() as connection:
            return [job_of(row) for row in (await connection.execute(query)).mappings()]

    async def claim(
        self,
        statuses: Collection[Status],
        *,
        owner: str,
        limit: int,
        lease: float,
        skip: Collection[Scope] = (),
        only: Scope | None = None,
        untold: str | None = None,
    ) -> list[Job]:
        """Lease up to `limit` due rows of these statuses for `lease` seconds, oldest due first; queued ones with files.

        A lapsed lease is no lease: the row of a worker that died is claimed again. With `untold`, rows whose reason
        begins otherwise, without their files.
        """
        now = self._clock()
        wanted = [jobs.c.due_at <= now, may_be_claimed(statuses, skip, now)]
        if only is not None:
            wanted.append(in_scope(only))
        if untold is not None:
            wanted.append(or_(jobs.c.reason.is_(None), not_(jobs.c.reason.startswith(untold, autoescape=True))))
        due = (
            select(jobs.c.id)
            .where(*wanted)
            .order_by(jobs.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)  # PostgreSQL's; SQLite has no row locks and leaves it out
            .cte("due")  # PostgreSQL may run a plain subquery twice and claim more than the limit
        )
        claim = (
            update(jobs)
            .where(jobs.c.id.in_(select(due.c.id)))
            .values(lease_owner=owner, lease_until=now + lease)
            .returning(*jobs.c)
        )
        async with self._write() as connection:
            rows = (await connection.execute(claim)).mappings().all()
            claimed = await _jobs(connection, rows, with_files=Status.QUEUED in statuses and untold is None)
        return sorted(claimed, key=lambda job: job.due_at or 0.0)

    async def renew(self, job_ids: Collection[str], *, owner: str, lease: float) -> None:
        """Keep the leases of rows whose step is still at work."""
        async with self._write() as connection:
            mine = update(jobs).where(jobs.c.id.in_(sorted(job_ids)), jobs.c.lease_owner == owner)
            await connection.execute(mine.values(lease_until=self._clock() + lease))

    async def disown(self, owners: Collection[str]) -> int:
        """Free every row leased by these workers, which do nothing more; returns how many rows that were."""
        theirs = (jobs.c.due_at.is_not(None), jobs.c.lease_owner.in_(sorted(owners)))
        async with self._write() as connection:
            return (await connection.execute(update(jobs).where(*theirs).values(**FREE))).rowcount

    async def leased(self) -> int:
        """How many rows wait for the worker that has leased them."""
        query = select(func.count()).where(jobs.c.due_at.is_not(None), jobs.c.lease_until > self._clock())
        async with self._reader.connect() as connection:
            return (await connection.execute(query)).scalar_one()

    async def save(self, job: Job, *, release: bool = True, promise: Promise | None = None) -> Job:
        """Write a job over the revision it was read at; `release` gives the lease back, and a promise of it is kept.

        Raises:
            Conflict: somebody else saved a newer revision.
            BrokenPromise: the person is told that nothing came of it.
        """
        where = (jobs.c.id == job.id, jobs.c.revision == job.revision)
        async with self._write() as connection:
            if promise is not None:
                await keep(connection, promise)
            result = await connection.execute(update(jobs).where(*where).values(_changes(job, release=release)))
            if result.rowcount == 0:
                raise Conflict(f"{job.id} is past revision {job.revision}")
        return replace(job, revision=job.revision + 1)

    async def written(self, job: Job, *, owner: str) -> Job | None:
        """What `save` would have returned to this worker, had not its answer alone been lost; None: it wrote nothing.

        A COMMIT that is still on its way is waited for, as in `after`. Another worker that has read the same row may
        save the same status at the same revision: it has the lease, or has saved at another moment.
        """
        query = select(jobs).where(jobs.c.id == job.id).with_for_update()
        async with self._reader.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        wanted = replace(job, revision=job.revision + 1)
        if row is None or _moment(job_of(row)) != _moment(wanted):
            return None
        leased = row["lease_owner"] == owner and row["lease_until"] > self._clock()
        return wanted if leased else None

    async def record_submitted(self, job: Job, *, release: bool = True) -> Job:
        """Write what a POST brought, whatever the revision, so that a paid video's id is never lost.

        Another worker may have found the row in `submitting` and called it unconfirmed meanwhile: we know better.

        Raises:
            Conflict: the row is gone or in any other status, and not for an earlier try whose answer was lost.
        """
        unknown = has_status({Status.SUBMITTING, Status.UNCONFIRMED})
        values = _changes(job, release=release) | {"revision": jobs.c.revision + 1}
        record = update(jobs).where(jobs.c.id == job.id, unknown).values(values).returning(jobs.c.revision)
        ours = (jobs.c.id == job.id, has_status({job.status}), jobs.c.video_id == job.video_id)
        tried = select(jobs.c.revision).where(*ours, jobs.c.polls == job.polls)  # nobody has asked for it since
        async with self._write() as connection:
            revision = (await connection.execute(record)).scalar_one_or_none()
            if revision is None:
                revision = (await connection.execute(tried)).scalar_one_or_none()
        if revision is None:
            raise Conflict(f"{job.id} is no longer being submitted")
        return replace(job, revision=revision)

    async def cancel(self, job_id: str, user_id: int) -> Job | None:
        """End a person's own job where that is possible: dropped for free while queued, no longer watched afterwards.

        Returns:
            The job as it now stands: `cancelled`, or unchanged where it is too late. None: this person has no such job.
        """
        query = select(jobs).where(jobs.c.id == job_id, jobs.c.user_id == user_id).with_for_update()
        async with self._write() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            if row is None:
                return None
            job = job_of(row)
            reason = _CANCELLED.get(job.status)
            if reason is None:
                return job
            job = ended(job, Status.CANCELLED, reason, self._clock())
            await connection.execute(update(jobs).where(jobs.c.id == job_id).values(_changes(job, release=True)))
        return replace(job, revision=job.revision + 1)

    async def try_write(self) -> None:
        """See that the database is there and takes what is written, by a change of no row: a full disk is not seen.

        Raises:
            SettingsError: as `check`.
        """
        async with self._write() as connection:
            await connection.execute(update(jobs).where(false()).values(attempts=0))

    async def counts(self) -> Mapping[Status, int]:
        """How many jobs stand in each status."""
        query = select(jobs.c.status, func.count()).group_by(jobs.c.status)
        async with self._reader.connect() as connection:
            return {Status(word): count for word, count in await connection.execute(query)}

    async def waiting(self) -> Mapping[str, int]:
        """How many active jobs each upstream has."""
        query = select(jobs.c.upstream, func.count()).where(has_status(ACTIVE)).group_by(jobs.c.upstream)
        async with self._reader.connect() as connection:
            return dict((await connection.execute(query)).all())

    async def next_due(
        self, statuses: Collection[Status] = frozenset(Status), *, skip: Collection[Scope] = ()
    ) -> float | None:
        """When the earliest unleased row of these statuses is due."""
        wanted = (jobs.c.due_at.is_not(None), may_be_claimed(statuses, skip, self._clock()))
        query = select(jobs.c.due_at).where(*wanted).order_by(jobs.c.due_at).limit(1)
        async with self._reader.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()


_CANCELLED = {
    Status.QUEUED: "Cancelled before it was sent: nothing was charged.",
    Status.IN_PROGRESS: "The bot stopped watching this video; the video service may still make it and charge for it.",
}


async def _is_repeated(connection: AsyncConnection, job: Job) -> bool:
    """Whether another repeat of the same job is at work; the parent's row is locked, so that of two only one finds none."""
    await connection.execute(select(jobs.c.id).where(jobs.c.id == job.parent_id).with_for_update())
    of_this_person = jobs.c.user_id == job.destination.user_id  # only they may repeat it, and this is indexed
    twin = select(jobs.c.id).where(
        of_this_person, jobs.c.parent_id == job.parent_id, jobs.c.id != job.id, has_status(ACTIVE)
    )
    return (await connection.execute(twin)).first() is not None


def _moment(job: Job) -> tuple[object, ...]:
    """What tells one save of a job that goes on from every other one."""
    return job.status, job.revision, job.due_at, job.posting_at


def _changes(job: Job, *, release: bool) -> dict[str, Any]:
    """The columns a save writes."""
    changed = {name: value for name, value in row_of(job).items() if name not in _FIXED}
    return changed | {"revision": job.revision + 1} | (FREE if release else {})


async def _jobs(connection: AsyncConnection, rows: Sequence[RowMapping], *, with_files: bool) -> list[Job]:
    """The jobs of rows, with their input files where wanted."""
    files: dict[str, list[RowMapping]] = {}
    if with_files and rows:
        ids = [row["id"] for row in rows]
        query = select(inputs).where(inputs.c.job_id.in_(ids)).order_by(inputs.c.job_id, inputs.c.position)
        for file in (await connection.execute(query)).mappings():
            files.setdefault(file["job_id"], []).append(file)
    return [job_of(row, files.get(row["id"], ())) for row in rows]
