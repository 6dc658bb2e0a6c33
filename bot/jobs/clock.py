"""A clock that steps back, as NTP lets it: what is due by the old time would wait for as long as it stepped."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.tables import jobs, promises

LEAST = 5.0
"""Seconds: a smaller step back delays nobody much, and a busy machine reads two clocks not quite at one moment."""

_log = structlog.stdlib.get_logger(__name__)


class StepsBack:
    """How far the wall clock fell behind the one that never steps, since what that put off was last mended."""

    def __init__(self, clock: Callable[[], float], steady: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._steady = steady
        self._ahead = self._read()

    def seconds(self) -> float:
        """Seconds of a step back that is not mended yet; 0.0: there was none worth it."""
        ahead = self._read()
        if self._ahead - ahead >= LEAST:
            return self._ahead - ahead
        self._ahead = ahead
        return 0.0

    def mended(self, seconds: float) -> None:
        """What waited for the old time waits no more."""
        self._ahead -= seconds
        _log.warning("The clock stepped back: what was due then is due as soon", action="clock_back", seconds=seconds)

    def _read(self) -> float:
        return self._clock() - self._steady()


async def bring_forward(connection: AsyncConnection, now: float, seconds: float, lease: float) -> None:
    """Have all that is to come, come as soon as it would have before the clock stepped back.

    Each worker of a database may do so: done twice, a question comes early. Leases are only cut to their length, so
    that a worker that lives has the time to renew them.
    """
    await connection.execute(update(jobs).where(jobs.c.due_at > now).values(due_at=jobs.c.due_at - seconds))
    await connection.execute(update(jobs).where(jobs.c.lease_until > now + lease).values(lease_until=now + lease))
    await connection.execute(update(promises).where(promises.c.made_at > now).values(made_at=now))
