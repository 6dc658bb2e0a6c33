"""The database of jobs: SQLAlchemy Core on SQLite or PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Self

from bot.errors import ReelcordError
from bot.jobs.job import Job, Status


class Conflict(ReelcordError):  # noqa: N818 - what happened, caught by name
    """The row was changed by another since this copy was read; what is saved stands."""


class Store:
    """The rows of jobs. Every method is one transaction; returned jobs are without their files unless said."""

    @classmethod
    async def open(cls, url: str, *, clock: Callable[[], float] = time.time) -> Self:
        """Connect, bring the schema up to date, and check that it can be written.

        Raises:
            SettingsError: DATABASE_URL cannot be opened.
        """
        raise NotImplementedError

    async def add(self, job: Job) -> None:
        """Insert a new job with its input files, durably."""
        raise NotImplementedError

    async def get(self, job_id: str, *, with_files: bool = False) -> Job | None:
        """One job."""
        raise NotImplementedError

    async def of_user(
        self, user_id: int, *, search: str = "", statuses: Collection[Status] = (), limit: int = 25
    ) -> list[Job]:
        """A person's jobs, newest first; `search` matches the id's start or a part of the prompt."""
        raise NotImplementedError

    async def claim(
        self,
        statuses: Collection[Status],
        *,
        owner: str,
        limit: int,
        lease: float,
        skip_upstreams: Collection[str] = (),
    ) -> list[Job]:
        """Lease up to `limit` due rows of these statuses for `lease` seconds, oldest due first; queued ones with files."""
        raise NotImplementedError

    async def renew(self, job_ids: Collection[str], *, owner: str, lease: float) -> None:
        """Keep the leases of rows whose step is still at work."""
        raise NotImplementedError

    async def save(self, job: Job, *, release: bool = True) -> Job:
        """Write a job over the revision it was read at; `release` gives the lease back.

        Raises:
            Conflict: somebody else saved a newer revision.
        """
        raise NotImplementedError

    async def counts(self) -> Mapping[Status, int]:
        """How many jobs stand in each status."""
        raise NotImplementedError

    async def next_due(self) -> float | None:
        """When the earliest unleased row is due."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the connections."""
