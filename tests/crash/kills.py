"""How the bot is brought to a moment, and what is let go once it is dead."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from bot.sandbox.faults import Fault
from tests.acceptance.stage import Stage
from tests.crash.moments import Moment, Step, Way
from tests.crash.older import make_older
from tests.crash.people import Crowd
from tests.crash.plan import Hit, Order
from tests.crash.service import Service
from tests.integration.processes import children

PATIENCE = 60.0
"""Seconds that a moment may take to come."""
TRIES = 2


@dataclass(kw_only=True)
class Scene:
    """What a kill has to do with: the stage, its people, the bot, and all that is held at the moment."""

    stage: Stage
    service: Service
    crowd: Crowd
    bot: Process | None = None
    held: list[tuple[Moment, Fault]] = field(default_factory=list[tuple[Moment, Fault]])
    lock: sqlite3.Connection | None = None
    #: Command lines of the bot's children.
    seen: set[bytes] = field(default_factory=set[bytes])

    def hold(self, moment: Moment, **more: object) -> Fault:
        """Have a stand-in hold the next request of a moment."""
        side = self.stage.discord if moment.side == "discord" else self.stage.api
        what = {"hold": asyncio.Event(), "after": moment.after, "drop": moment.lost} | more
        fault = side.faults.add(moment.path, method=moment.method, **what)
        self.held.append((moment, fault))
        return fault

    def seize(self) -> None:
        """Hold the lock of the database, as a backup or another bot would."""
        self.lock = sqlite3.connect(self.database, isolation_level=None, timeout=30)
        self.lock.execute("BEGIN IMMEDIATE")

    async def kill(self) -> None:
        """SIGKILL; the stand-ins have then seen that the bot is gone."""
        assert self.bot is not None
        await self.stage.kill(self.bot)
        self.bot = None
        await self.stage.discord.disconnected()

    def release(self) -> None:
        """Let everything go: what was held is carried out now, unless it is to be lost."""
        if self.lock:
            self.lock.close()
            self.lock = None
        self.stage.discord.faults.clear()
        self.stage.api.faults.clear()
        for _, fault in self.held:
            if fault.hold:
                fault.hold.set()
        self.held.clear()

    @property
    def is_connected(self) -> bool:
        """Whether the bot has come as far as Discord's gateway."""
        return self.stage.discord._gateway.connected

    def promises(self) -> list[str]:
        """Ids of the commands that are answered and neither saved as jobs nor told to be refused."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return [row[0] for row in connection.execute("SELECT id FROM promises")]

    @property
    def database(self) -> Path:
        """The file."""
        return self.stage.folder / "reelcord.db"

    def children(self) -> list[bytes]:
        """The command lines of the bot's own ffmpeg processes, as anybody on the machine can read them."""
        found: list[bytes] = []
        for process in children(self.bot.pid, self.stage.folder) if self.bot else []:
            with contextlib.suppress(OSError):
                found.append(Path(f"/proc/{process}/cmdline").read_bytes())
        self.seen.update(found)
        return found


async def reach(scene: Scene, hit: Hit, delay: float) -> bool:
    """Bring the bot to a moment; False where something came before it.

    What gets nowhere is tried once more: on a busy machine the bot may answer too late for Discord. It is another order
    then, since the first may have been taken after all.
    """
    for number in range(1 if hit.moment.way is Way.START else TRIES):
        order = replace(hit.order, prompt=hit.order.prompt + ", once more" * number)
        scene.service.wanted[order.prompt] = hit.order.film
        try:
            async with asyncio.timeout(PATIENCE):
                await _WAYS[hit.moment.way](scene, hit.moment, order, delay)
        except TimeoutError:
            continue
        return True
    return False


async def _random(scene: Scene, _moment: Moment, order: Order, delay: float) -> None:
    await scene.crowd.order(order)
    await asyncio.sleep(delay)


async def _wire(scene: Scene, moment: Moment, order: Order, _delay: float) -> None:
    await (await _held(scene, moment, order)).reached.wait()


async def _held(scene: Scene, moment: Moment, order: Order) -> Fault:
    """Type the order, and hold what is to be held from the right step on."""
    if moment.step is Step.TYPED:
        fault = scene.hold(moment)
        await scene.crowd.order(order, wait=False)
        return fault
    await scene.crowd.order(order)
    await _until(scene, lambda: _has_come(scene, order, moment.step))
    return scene.hold(moment)


def _has_come(scene: Scene, order: Order, step: Step) -> bool:
    if step is Step.FETCHED:
        return any(task.downloads for task in scene.service.tasks_of(order.prompt))
    return any(
        wish.call.response and scene.stage.results(wish.call.response)
        for wish in scene.crowd.wishes
        if wish.order is order
    )


async def _unsaved(scene: Scene, moment: Moment, order: Order, _delay: float) -> None:
    """The answer reaches the bot while it cannot save it."""
    fault = await _held(scene, moment, order)
    await fault.reached.wait()
    scene.seize()
    assert fault.hold is not None
    fault.hold.set()
    await asyncio.sleep(0.1)  # on loopback it is read in a millisecond, and the lock keeps it from being saved


async def _locked(scene: Scene, _moment: Moment, order: Order, _delay: float) -> None:
    scene.seize()
    call = await scene.crowd.order(order, wait=False)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(call.answered(), 1)


async def _body(scene: Scene, moment: Moment, order: Order, _delay: float) -> None:
    film = scene.service.films["plain"]["video"].read_bytes()
    headers = {"Content-Type": "video/mp4"}
    fault = scene.hold(moment, hold=None, status=200, body=film, headers=headers, trickle=len(film) / 4)
    await scene.crowd.order(order, wait=False)
    await fault.reached.wait()
    await asyncio.sleep(0.2)


async def _encode(scene: Scene, _moment: Moment, order: Order, _delay: float) -> None:
    await scene.crowd.order(order, wait=False)
    await _until(scene, lambda: any(b"libx264" in words for words in scene.children()))


async def _drain(scene: Scene, moment: Moment, order: Order, _delay: float) -> None:
    assert scene.bot is not None
    fault = await _held(scene, moment, order)
    await fault.reached.wait()
    log = scene.stage.folder / "bot.log"
    before = log.read_text().count("bot_draining")
    scene.bot.terminate()
    await _until(scene, lambda: log.read_text().count("bot_draining") > before)


async def _start(scene: Scene, moment: Moment, _order: Order, _delay: float) -> None:
    fault = scene.hold(moment)
    scene.bot = await scene.stage.start_bot(ready=False)
    await fault.reached.wait()


async def _migration(scene: Scene, _moment: Moment, _order: Order, _delay: float) -> None:
    """The lock that somebody else cannot get is that of the bot's own transaction."""
    if scene.bot is None:
        scene.bot = await scene.stage.start_bot()
        await _until(scene, lambda: not scene.promises())  # there may be jobs at work, but no command is half answered
    await scene.kill()
    make_older(scene.database)
    scene.bot = await scene.stage.start_bot(ready=False)
    with contextlib.closing(sqlite3.connect(scene.database, isolation_level=None, timeout=0)) as other:
        await _until(scene, lambda: _is_locked(other) or scene.is_connected, every=0.001)
    if scene.is_connected:
        raise TimeoutError


def _is_locked(other: sqlite3.Connection) -> bool:
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    other.execute("ROLLBACK")
    return False


async def _until(scene: Scene, predicate: Callable[[], bool], every: float = 0.01) -> None:
    while not predicate():
        await scene.stage.discord.world.changed(within=every)


Reach: TypeAlias = Callable[[Scene, Moment, Order, float], Awaitable[None]]
_WAYS: Mapping[Way, Reach] = {
    Way.RANDOM: _random,
    Way.WIRE: _wire,
    Way.UNSAVED: _unsaved,
    Way.LOCKED: _locked,
    Way.BODY: _body,
    Way.ENCODE: _encode,
    Way.DRAIN: _drain,
    Way.START: _start,
    Way.MIGRATION: _migration,
}
