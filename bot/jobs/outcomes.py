"""What comes of a step: saved whatever the database does, and shown on the card of a running job."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.cards import face, wants_showing
from bot.jobs.delivery import Delivery, Undeliverable
from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.jobs.within import within

SHOW_TIMEOUT = 5.0
SHOW_SLOTS = 16
"""Cards edited at once for running jobs; beyond that an edit is left out, never waited for."""
PATIENCE = 30.0
"""Seconds for which a save that fails is tried again; its step is then taken again later."""
PAID_PATIENCE = 600.0
"""The same for what came of a POST, which is never sent again."""
LAST_TRY = 1.0
"""Seconds for the last try of a program that ends."""

_DATABASE_ERRORS = (SQLAlchemyError, OSError)
_T = TypeVar("_T")
_log = structlog.stdlib.get_logger(__name__)


class Outcomes:
    """Writes what steps return, and tells people of it while a job runs."""

    def __init__(self, store: Store, delivery: Delivery, clock: Callable[[], float]) -> None:
        self._store = store
        self._delivery = delivery
        self._clock = clock
        self._showing = asyncio.Semaphore(SHOW_SLOTS)

    async def save(self, saved: Job, job: Job, *, patient: bool = False) -> None:
        """Save what a step made of the job `saved`, and give the row back; `patient` waits until its card can be edited.

        Raises:
            Conflict: the row was changed by another and what it says stands; a paid id is recorded even so.
        """
        showing = wants_showing(job, self._clock()) and (patient or not self._showing.locked())
        if saved.status is Status.SUBMITTING and job.video_id is not None:
            written = await self._record(job, release=not showing)
        else:
            # After a POST the row says `submitting`: given up, what the service said would become a lost answer.
            patience = PAID_PATIENCE if saved.status is Status.SUBMITTING else PATIENCE
            written = await _insist(lambda: self._store.save(job, release=not showing), patience=patience)
        if showing:
            await self._show(written)

    async def _record(self, job: Job, *, release: bool) -> Job:
        """Save a paid video's id, whatever it takes."""
        try:
            return await _insist(lambda: self._store.record_submitted(job, release=release), patience=PAID_PATIENCE)
        except BaseException as error:  # a drain that ran out of time as well, most likely between two tries
            if not isinstance(error, asyncio.CancelledError) or not await self._recorded_at_last(job):
                _log.warning(
                    "A video was paid for and its id could not be saved", action="video_id_lost", **job.log_context()
                )
            raise

    async def _recorded_at_last(self, job: Job) -> bool:
        try:
            await within(LAST_TRY, self._store.record_submitted(job))
        except Exception:  # noqa: BLE001 - whatever it was, the caller says what is lost by it
            return False
        return True

    async def _show(self, job: Job) -> None:
        """Bring a running job's card up to date, as far as that goes; then give the row back."""
        try:
            async with self._showing, asyncio.timeout(SHOW_TIMEOUT):
                await self._delivery.show(job)
            shown = face(job)
        except Undeliverable as error:  # said at each change of a card that only a dead token could edit
            _log.debug("The card is out of reach", action="card_failed", error=str(error), **job.log_context())
            shown = job.shown
        except Exception as error:  # noqa: BLE001 - a card is never worth a job
            _log.info("The card was not edited", action="card_failed", error=repr(error), **job.log_context())
            shown = job.shown
        job = job.evolve(shown=shown, shown_at=self._clock())
        await _insist(lambda: self._store.save(job), patience=PATIENCE)


async def _insist(write: Callable[[], Awaitable[_T]], *, patience: float) -> _T:
    """Write to a database that may be locked or full at the moment, again and again for `patience` seconds."""
    loop = asyncio.get_running_loop()
    end, wait = loop.time() + patience, 0.1
    while True:
        try:
            return await write()
        except _DATABASE_ERRORS as error:
            if loop.time() + wait > end:
                raise
            _log.warning("A save failed; trying again", action="save_failed", error=type(error).__name__)
        await asyncio.sleep(wait)
        wait = min(wait * 2, 5.0)
