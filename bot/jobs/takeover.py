"""What a worker does about the dead and the living beside it: takes over what dead ones left, names those that live."""

from __future__ import annotations

from contextlib import suppress

import structlog

from bot.jobs.delivery import Delivery
from bot.jobs.presence import Presence
from bot.jobs.store import Store
from bot.jobs.within import within

LAST_WORDS = 2.0
"""Seconds to tell people, at the end, of what their commands came to while the program was told to stop."""

_log = structlog.stdlib.get_logger(__name__)


class Takeover:
    """Hands leases and promises on, from the dead to this worker and from this worker to whoever comes next."""

    def __init__(self, store: Store, delivery: Delivery, presence: Presence) -> None:
        self._store = store
        self._delivery = delivery
        self._presence = presence

    async def take_over(self) -> None:
        """Free the rows of workers that died with their leases, and break their promises: a restart goes on at once."""
        if dead := self._presence.departed():
            await self._store.promises.break_those_of(dead)
            if rows := await self._store.disown(dead):
                _log.info("Rows of a worker that died are taken over", action="jobs_taken_over", rows=rows)
            self._presence.bury(dead)  # last: who dies on the way here leaves them to the next

    async def name_others(self) -> None:
        """Say who else is at work; the rows of one that died with another DATA_DIR are free once their leases lapse."""
        rows = await self._store.leased()
        if (near := self._presence.neighbours()) or rows:
            _log.info(
                "Another program works on this database or in this DATA_DIR; its rows are left to it",
                action="others_at_work",
                programs=len(near),
                rows=rows,
            )

    async def settle(self) -> None:
        """Tell people whose command came to nothing because a process died in the middle of it."""
        await self.take_over()
        await self._store.promises.break_those_of(())
        await self._store.promises.settle(self._delivery)

    async def hand_on(self) -> None:
        """Give every lease back, those of steps that were broken off too; where that fails, the next start does it."""
        await self._store.disown([self._presence.owner])
        if await self._store.promises.break_those_of([self._presence.owner]):
            with suppress(TimeoutError):
                await within(LAST_WORDS, self._store.promises.settle(self._delivery))
        self._presence.leave()
