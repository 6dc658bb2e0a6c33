"""The worker: claims rows that are due, runs the step of their status, saves what comes of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import structlog

from bot.api.client import VideoApi
from bot.errors import SettingsError
from bot.jobs.breaker import Scope
from bot.jobs.clock import StepsBack
from bot.jobs.delivery import Delivery
from bot.jobs.disk import Disk
from bot.jobs.job import ACTIVE, Job, Status
from bot.jobs.lanes import LANES, SENDING, TELLING, Lane
from bot.jobs.outcomes import Outcomes
from bot.jobs.presence import Presence
from bot.jobs.schedule import Pace
from bot.jobs.steps import STEPS, Step, Tools, after_error, tell
from bot.jobs.store import Conflict, Store
from bot.jobs.sweep import sweep
from bot.jobs.takeover import Takeover
from bot.jobs.upstreams import Trouble, Upstreams
from bot.jobs.videos import Retention, Videos
from bot.links import Links

LEASE = 60.0
"""Seconds after which the rows of a worker that died are claimed by another."""
DRAIN = 15.0
"""Seconds that steps in flight have to finish once the worker is told to stop."""
SWEEP_EVERY = 600.0
REST = 1.0
"""Seconds the worker sleeps at most: another process may have added a row."""

_T = TypeVar("_T")
_log = structlog.stdlib.get_logger(__name__)


class Worker:
    """The loop of the engine. Several may work on one database, in one process or many."""

    def __init__(
        self,
        store: Store,
        apis: Mapping[str, VideoApi],
        delivery: Delivery,
        *,
        pace: Pace,
        data_dir: Path,
        links: Links | None,
        retention: Retention,
        owner: str,
        clock: Callable[[], float] = time.time,
        lease: float = LEASE,
        drain: float = DRAIN,
    ) -> None:
        self._store = store
        self._upstreams = Upstreams(apis, clock)
        self._tools = Tools(
            upstreams=self._upstreams,
            delivery=delivery,
            videos=Videos(data_dir),
            retention=retention,
            disk=Disk(),
            links=links,
            pace=pace,
            clock=clock,
        )
        self._clock = clock
        self._steps_back = StepsBack(clock)
        self._lease = lease
        self._drain_for = drain
        self._owner = owner
        self._presence = Presence(data_dir / "workers", self._owner)
        self._takeover = Takeover(store, delivery, self._presence)
        #: Each step at work, its lane and its job as claimed; one cancelled or brought elsewhere meanwhile may be here twice.
        self._busy: dict[asyncio.Task[None], tuple[Lane, Job]] = {}
        self._changed = asyncio.Event()
        self._outcomes = Outcomes(store, delivery, clock)
        self._stopping = False
        self._ended = asyncio.Event()

    def wake(self) -> None:
        """A row was added or changed: look at once."""
        self._changed.set()

    def troubles(self) -> Sequence[Trouble]:
        """The services, and the commands' channels at them, that this process leaves alone at the moment."""
        return self._upstreams.troubles()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when the steps in flight have finished or have been left safely saved."""
        self._stopping = True
        self._changed.set()

    async def run(self) -> None:
        """Work until `stop`. Whatever fails on the way is logged and tried again.

        Raises:
            SettingsError: DATA_DIR cannot be written, or the database was deleted under the worker.
        """
        self._appear()
        await self._guarded(self._takeover.take_over(), None)
        await self._guarded(self._takeover.name_others(), None)
        chores = [
            asyncio.create_task(self._every(self._lease / 3, self._renew_leases)),
            asyncio.create_task(self._every(self._lease / 3, self._takeover.settle)),
            asyncio.create_task(self._every(SWEEP_EVERY, self._sweep)),
        ]
        try:
            await self._guarded(self._name_missing(), None)
            while not self._stopping:
                self._changed.clear()
                rest = await self._guarded(self._turn(), REST)
                if rest > 0 and not self._stopping:
                    await _pause(self._changed, rest)
        finally:
            await self._drain()
            self._ended.set()
            await asyncio.gather(*chores, return_exceptions=True)
            await self._guarded(self._takeover.hand_on(), None)

    def _appear(self) -> None:
        try:
            self._tools.videos.make_folders()
            self._presence.appear()
        except OSError as error:
            raise SettingsError(f"DATA_DIR: {error.filename} cannot be written ({error.strerror})") from error

    async def _turn(self) -> float:
        """Claim what is due in every lane; returns the seconds until there may be more."""
        self._store.check()
        if seconds := self._steps_back.seconds():
            await self._store.upkeep.step_back(seconds, lease=self._lease)
            self._steps_back.mended(seconds)
        rest = REST
        for lane in LANES:
            if self._free(lane):
                rest = min(rest, await self._claim(lane))
        troubles = self._upstreams.troubles()
        services = {trouble.scope for trouble in troubles if trouble.scope.command is None}
        for trouble in troubles:
            statuses = TELLING.statuses if trouble.scope in services else SENDING.statuses
            skip = services - {trouble.scope}  # who waits for the whole service is told of that alone
            await self._take(TELLING, statuses, skip=skip, only=trouble.scope, untold=trouble.opening)
        return rest

    async def _claim(self, lane: Lane) -> float:
        # A made video may lie on another host, or here: whether its service is needed is for its step to say.
        skip = self._upstreams.shut(sends=lane is SENDING) if lane.asks else frozenset[Scope]()
        for scope in skip & self._upstreams.ready():
            if await self._take(lane, lane.statuses, most=1, skip=skip - {scope}, only=scope):
                self._upstreams.probe(scope)
        due = await self._store.next_due(lane.statuses, skip=skip)
        now = self._clock()
        if due is None or due > now:
            return REST if due is None else max(due - now, 0.001)
        return 0.0 if await self._take(lane, lane.statuses, skip=skip) else REST

    async def _take(self, lane: Lane, statuses: Collection[Status], *, most: int | None = None, **which: Any) -> bool:
        """Claim as many jobs as a lane has slots for, and set to work on them; says whether there was any."""
        free = self._free(lane)
        limit = free if most is None else min(most, free)
        if limit == 0 or self._stopping:
            return False
        claimed = await self._store.claim(statuses, owner=self._owner, limit=limit, lease=self._lease, **which)
        for job in claimed:
            if job.status in ACTIVE and job.id in self._at_work(ACTIVE):
                continue  # our own: the clock jumped, as after a machine's sleep, and its lease only looked lapsed
            task = asyncio.create_task(self._work(lane, job), name=f"job {job.id}")
            self._busy[task] = lane, job
            task.add_done_callback(self._done)
        return bool(claimed)

    def _free(self, lane: Lane) -> int:
        return lane.slots - sum(taken is lane for taken, _ in self._busy.values())

    async def _work(self, lane: Lane, job: Job) -> None:
        structlog.contextvars.bind_contextvars(job=job.id)  # of this task: each line that its step logs names the job
        try:
            step = tell if lane is TELLING else STEPS[job.status]
            await self._outcomes.save(*await self._run_step(step, job), patient=lane is TELLING)
        except Conflict:
            _log.info(
                "Another changed the job meanwhile: what this step found is dropped",
                action="job_superseded",
                job=job.id,
            )
        except Exception:  # noqa: BLE001 - the worker outlives any job's trouble
            _log.exception(
                "The job could not be saved; its step is taken again later", action="job_not_saved", job=job.id
            )

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._busy[task]
        self._changed.set()

    async def _run_step(self, step: Step, job: Job) -> tuple[Job, Job]:
        """Run a step; returns the job as its row now is, and as it should be."""
        saved = job

        async def save(changed: Job) -> Job:
            nonlocal saved
            saved = await self._save_ahead(changed)
            return saved

        try:
            result = await step(job, save, self._tools)
        except Conflict:
            raise
        except Exception:  # noqa: BLE001 - as above
            _log.exception("A step failed in a way nobody foresaw", action="step_failed", **saved.log_context())
            result = after_error(saved, self._tools)
        return saved, result

    async def _save_ahead(self, changed: Job) -> Job:
        """Save what a step is about to do; where only the answer to that is lost, it is saved all the same."""
        try:
            return await self._store.save(changed, release=False)
        except Conflict:
            raise
        except Exception:
            found = await self._store.written(changed, owner=self._owner)
            if found is None:
                raise
            return found

    async def _every(self, seconds: float, chore: Callable[[], Awaitable[None]]) -> None:
        """Do a chore now and then; it is let finish when the worker ends."""
        while not self._ended.is_set():
            await self._guarded(chore(), None)
            await _pause(self._ended, seconds)

    async def _renew_leases(self) -> None:
        if self._busy:
            await self._store.renew(self._at_work(), owner=self._owner, lease=self._lease)

    async def _sweep(self) -> None:
        await self._store.upkeep.sweep()
        await sweep(self._store, self._tools.videos, self._tools.retention, self._clock())

    def _at_work(self, statuses: Collection[Status] = frozenset(Status)) -> set[str]:
        return {job.id for _, job in self._busy.values() if job.status in statuses}

    async def _name_missing(self) -> None:
        waiting = await self._store.waiting()
        for name in sorted(self._upstreams.missing & waiting.keys()):
            _log.warning(
                "A video service has jobs but no key: they wait until it has one",
                action="upstream_missing",
                upstream=name,
                jobs=waiting[name],
            )

    async def _guarded(self, work: Awaitable[_T], otherwise: _T) -> _T:
        try:
            return await work
        except SettingsError:
            raise
        except Exception:  # noqa: BLE001 - the worker outlives its database's trouble
            _log.exception("The database did not do what was asked; trying again", action="store_failed")
            return otherwise

    async def _drain(self) -> None:
        if self._busy:
            await asyncio.wait(self._busy, timeout=self._drain_for)
        if late := list(self._busy):
            # A row left in `submitting` becomes unconfirmed at the next start; any other step is taken again.
            left = self._at_work()
            _log.warning(
                "Steps were cancelled: they did not finish in time", action="steps_cancelled", jobs=sorted(left)
            )
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def _pause(until: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await until.wait()
    except TimeoutError:
        pass
