"""How the bot is brought to a moment and kept there until the kill."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from bot.sandbox.faults import Fault
from tests.crash.moments import Moment, Step, Way
from tests.crash.plan import Hit, Order
from tests.crash.scene import Scene

PATIENCE = 60.0
"""Seconds that a moment may take to come."""
TRIES = 2


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
    await scene.until(lambda: _has_come(scene, order, moment.step))
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
    await scene.database.seize()
    assert fault.hold is not None
    fault.hold.set()
    await asyncio.sleep(0.1)  # on loopback it is read in a millisecond, and the lock keeps it from being saved


async def _locked(scene: Scene, _moment: Moment, order: Order, _delay: float) -> None:
    await scene.database.seize()
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
    await scene.until(lambda: any(b"libx264" in words for words in scene.children()))


async def _drain(scene: Scene, moment: Moment, order: Order, _delay: float) -> None:
    fault = await _held(scene, moment, order)
    await fault.reached.wait()
    log = scene.stage.folder / "bot.log"
    before = log.read_text().count("bot_draining")
    told = scene.holders()
    for name in told:
        scene.bots[name].terminate()
    await scene.until(lambda: log.read_text().count("bot_draining") >= before + len(told))


async def _start(scene: Scene, moment: Moment, _order: Order, _delay: float) -> None:
    fault = scene.hold(moment)
    await scene.start(ready=False)
    await fault.reached.wait()


async def _migration(scene: Scene, _moment: Moment, _order: Order, _delay: float) -> None:
    await scene.start()
    await scene.until(lambda: _no_promises(scene))  # there may be jobs at work, but no command is half answered
    await scene.kill("all")
    await scene.database.make_older()
    await scene.start(ready=False)
    await scene.until(lambda: _migrates_or_has(scene), every=0.001)
    if scene.is_connected:
        raise TimeoutError


async def _no_promises(scene: Scene) -> bool:
    return not await scene.database.promises()


async def _migrates_or_has(scene: Scene) -> bool:
    return scene.is_connected or await scene.database.is_being_migrated()


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
