"""Plays the plan of one lane: commands, a kill, new starts, again and again; then the queue drains."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.sandbox.discord_api import DiscordSandbox
from tests.acceptance.stage import Stage
from tests.crash.databases import Database
from tests.crash.deployments import database_of
from tests.crash.kills import reach
from tests.crash.leaks import Secret, leaks
from tests.crash.ledger import Death, Ledger, kept
from tests.crash.moments import Way
from tests.crash.people import Crowd
from tests.crash.plan import Plan, Round
from tests.crash.scene import Scene
from tests.crash.service import Service, shoot
from tests.ports import free_port

JOB_TIMEOUT = 40.0
"""Seconds after which what is never done has expired."""
SETTLING = 180.0
"""Seconds that the queue has to drain in the end, with room for what waits to expire and for a busy machine."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kill:
    """One kill as it was: its number in the lane, and the moments it landed in; one that was missed is named, too."""

    lane: int
    number: int
    moments: tuple[str, ...]
    missed: tuple[str, ...]
    #: The processes that it hit.
    died: tuple[str, ...]
    death: Death


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """What came of a lane."""

    plan: Plan
    kills: tuple[Kill, ...]
    ledger: Ledger
    leaks: tuple[str, ...]
    folder: Path


async def play(plan: Plan, folder: Path, tell: Callable[[Kill], None] = lambda _: None) -> Played:
    """Play a lane's plan in a folder, telling of every kill; returns what the ledger says in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    async with _scene(plan, folder) as scene:
        kills: list[Kill] = []
        for each in plan.rounds:
            kills.append(await _round(scene, each, plan.lane))
            tell(kills[-1])
        await _settle(scene)
        ledger = replace(
            kept(scene.stage, scene.crowd, [kill.death for kill in kills]),
            stuck=tuple(await _stuck(scene)),
            ended=tuple(scene.ended),
        )
        (folder / "rows.txt").write_text(await scene.database.dump())
        found = leaks(folder, scene.seen, _secrets(scene))
    return Played(plan=plan, kills=tuple(kills), ledger=ledger, leaks=tuple(found), folder=folder)


@contextlib.asynccontextmanager
async def _scene(plan: Plan, folder: Path) -> AsyncIterator[Scene]:
    films = await asyncio.to_thread(shoot, folder)
    async with (
        DiscordSandbox(token=secrets.token_urlsafe(50)) as discord,
        Service(films, seconds_to_done=plan.deployment.making, key=f"sk-{secrets.token_hex(24)}") as service,
        database_of(plan.deployment, folder) as database,
    ):
        stage = Stage(discord, service, folder)
        stage.settings |= {"JOB_TIMEOUT": str(JOB_TIMEOUT), "LOG_LEVEL": "DEBUG", "DATABASE_URL": database}
        if plan.with_links:
            port = free_port()
            stage.settings |= {"PUBLIC_URL": f"http://127.0.0.1:{port}", "HTTP_PORT": str(port)}
        stage.short = "" if plan.deployment.lease is None else f"lease={plan.deployment.lease}"
        crowd = Crowd(stage)
        _know_films(plan, service)
        scene = Scene(
            stage=stage, service=service, crowd=crowd, database=Database(database), deployment=plan.deployment
        )
        try:
            yield scene
        finally:
            await scene.release()
            for bot in stage.bots:
                if bot.returncode is None:
                    await stage.kill(bot)
            await scene.database.aclose()


def _know_films(plan: Plan, service: Service) -> None:
    for each in plan.rounds:
        for order in (*each.orders, *(hit.order for hit in each.hits)):
            service.wanted[order.prompt] = order.film


async def _round(scene: Scene, each: Round, lane: int) -> Kill:
    """One kill: who is dead is started where it is not to die in that, people do what they do, and the kill lands."""
    way = each.hits[0].moment.way
    if way not in (Way.MIGRATION, Way.START):
        await _live(scene, each)
    reached = [await reach(scene, hit, each.delay) for hit in each.hits]
    died, death = await scene.kill(each.victims if all(reached) else "all")
    await scene.release()
    if each.forget:
        for message in scene.stage.discord.world.messages.values():
            message.nonce = None
    names = [hit.moment.name for hit in each.hits]
    return Kill(
        lane=lane,
        number=each.number,
        moments=tuple(name for name, hit in zip(names, reached, strict=True) if hit),
        missed=tuple(name for name, hit in zip(names, reached, strict=True) if not hit),
        died=died,
        death=death,
    )


async def _live(scene: Scene, each: Round) -> None:
    """A bot that answers, and what people do before the moment of the round."""
    if scene.bots:
        await asyncio.sleep(each.absence)
    await scene.start()
    if each.again:
        await scene.crowd.press_again()
    if each.bring:
        await scene.crowd.bring()
    for order in each.orders:
        await scene.crowd.order(order)


async def _settle(scene: Scene) -> None:
    """Start who is missing once more, wait until nothing is left to do, and end them all politely."""
    await scene.start()
    with contextlib.suppress(TimeoutError):  # what is stuck then is for the ledger to say
        async with asyncio.timeout(SETTLING):
            await scene.until(lambda: _is_drained(scene), every=0.1)
    await scene.stop()


async def _is_drained(scene: Scene) -> bool:
    return not await _stuck(scene)


async def _stuck(scene: Scene) -> list[str]:
    """What still wants something to be done: jobs, and commands whose people wait to be told."""
    return await scene.database.unfinished() + await scene.database.promises()


def _secrets(scene: Scene) -> list[Secret]:
    """What must be nowhere: the operator's keys, and the tokens of all interactions, since every job has ended."""
    stage = scene.stage
    tokens = {wish.call.token for wish in scene.crowd.wishes} | {call.token for call in scene.crowd.looks}
    keys = [Secret(name="bot token", value=stage.discord.token), Secret(name="service key", value=stage.api.key)]
    return keys + [Secret(name="interaction token", value=token) for token in sorted(tokens)]
