"""What a person sees when the bot loses its WebSocket: one row, one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from bot.chat.pace import LONGEST, paced
from bot.errors import SettingsError
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import OnlyJob, StartBot, answered
from tests.integration.chat.faults.conftest import MAKING, Bench

Lose = Callable[[DiscordSandbox], Coroutine[Any, Any, None]]


def closed(code: int | None) -> Lose:
    """The socket is closed with a code, or cut."""
    return lambda discord_api: discord_api.drop_socket(code)


async def refuse(discord_api: DiscordSandbox) -> None:
    """The next socket is not let in."""
    discord_api.refuse_sockets = 1
    await discord_api.drop_socket()


async def slam(discord_api: DiscordSandbox) -> None:
    """The next socket is closed as soon as it is open."""
    discord_api.slam_sockets(4000)
    await discord_api.drop_socket(4000)


async def repeat(discord_api: DiscordSandbox) -> None:
    """What the bot has seen comes once more."""
    discord_api.repeat_at_resume(100)
    await discord_api.drop_socket(4000)


@dataclass(frozen=True)
class Row:
    """A loss; what the person sees of a command given meanwhile; whether that is ordered."""

    lose: Lose
    sees: str
    ordered: bool
    away: float = 0.0  #: seconds that the command waits for the bot


TABLE = [
    Row(closed(None), "The line was cut: the command is answered after the RESUME.", ordered=True),
    Row(closed(4000), "Closed with 4000: the command is answered after the RESUME.", ordered=True),
    Row(closed(4009), "Closed with 4009, session timed out: the command is answered.", ordered=True),
    Row(closed(1000), "Closed with 1000, for no reason: the command is answered.", ordered=True),
    Row(DiscordSandbox.request_reconnect, "Asked to reconnect (op 7): the command is answered.", ordered=True),
    Row(
        lambda discord_api: discord_api.invalidate_session(resumable=True),
        "Session invalid but resumable (op 9): the command is answered.",
        ordered=True,
    ),
    Row(
        lambda discord_api: discord_api.invalidate_session(resumable=False),
        "Session invalid for good (op 9): the application did not respond.",
        ordered=False,
    ),
    Row(refuse, "The next socket was refused: the command is answered by the one after.", ordered=True),
    Row(slam, "The next socket was closed at once: the command is answered by the one after.", ordered=True),
    Row(closed(4000), "Back too late: the application did not respond, nothing is ordered.", ordered=False, away=3.1),
    Row(repeat, "Everything is told twice: each command is ordered once.", ordered=True),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.sees)
async def test_a_lost_socket_is_seen_as_its_row_says(row: Row, bench: Bench):
    """The video in the making comes once; a command given meanwhile is ordered in time or not at all, and paid so."""
    discord_api = bench.discord
    discord_api.clock.stop()  # what is in time must not depend on the machine
    first = await bench.ordered()
    before = discord_api.socket_openings
    await row.lose(discord_api)
    await discord_api.disconnected()
    second = await bench.order("owner")
    bench.advance(row.away)
    await discord_api.wait_for(lambda: discord_api.socket_openings > before and discord_api._gateway.connected)
    await (await discord_api.command("owner", "general", "jobs list")).answered(30)
    await answered()
    if row.ordered:
        await bench.in_the_making("owner")
    bench.advance(MAKING)
    for person in ("member", "owner"):
        await bench.ends(person)
    videos = 2 if row.ordered else 1
    assert "Done" in (first.response.text() if first.response else "")
    assert (second.response is not None, len(bench.videos()), bench.charged) == (row.ordered, videos, videos)


async def test_a_socket_that_falls_silent_is_left(start_bot: StartBot, discord_api: DiscordSandbox, only_job: OnlyJob):
    """Heartbeats are not acknowledged: the command is answered once that is noticed, which takes discord.py a minute."""
    discord_api.clock.stop()
    discord_api.want_heartbeats(0.1)
    async with start_bot() as bot:
        bot._connection.heartbeat_timeout = 0.5  # of the next socket
        await discord_api.drop_socket()
        await discord_api.connected()
        await discord_api.fall_silent()
        call = await discord_api.command("member", "general", "sora", {"prompt": "a red fox"})
        await call.answered(30)
    assert (await only_job()).status == "queued"


@pytest.mark.parametrize("code", [None, 4000], ids=["refused", "closed at once"])
async def test_a_gateway_that_is_away_at_the_start_is_waited_for(
    code: int | None, start_bot: StartBot, discord_api: DiscordSandbox
):
    """Where the very first socket fails discord.py would break down; the bot comes up, and answers."""
    if code is None:
        discord_api.refuse_sockets = 1
    else:
        discord_api.slam_sockets(code)
    async with start_bot():
        await (await discord_api.command("member", "general", "jobs list")).answered(30)
    assert discord_api.socket_openings == 2


ENDS = {
    4004: (
        "Discord ended the connection for good: DISCORD_TOKEN: Discord refuses this token; reset it in the developer "
        "portal and set it anew"
    ),
    4014: (
        "Discord ended the connection for good: the application lacks an intent that the bot asks for; grant it in the "
        "developer portal"
    ),
    4013: "Discord ended the connection for good: close code 4013",
}


@pytest.mark.parametrize("code", ENDS)
async def test_a_gateway_that_is_closed_for_good_ends_the_bot_with_one_line(
    code: int, start_bot: StartBot, discord_api: DiscordSandbox
):
    """The operator reads what to do; nobody comes back to a door that is shut."""
    running = asyncio.create_task(asyncio.sleep(0))
    with suppress(SettingsError):
        async with start_bot():
            (running,) = [task for task in asyncio.all_tasks() if task.get_name() == "bot"]
            await discord_api.drop_socket(code)
            await asyncio.wait([running], timeout=30)
    assert str(running.exception()) == ENDS[code]
    assert discord_api.socket_openings == 1


async def test_a_gateway_that_never_stays_open_is_not_hammered():
    """Discord allows a thousand IDENTIFYs a day, and a session that cannot be resumed takes two sockets for one."""
    now, opened = 0.0, list[float]()

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    async def opening(_url: str, **_: int) -> Any:
        opened.append(now)

    open_socket = paced(opening, clock=lambda: now, sleep=sleep)
    while now < 86_400:
        await open_socket("ws://discord")
    gaps = [later - earlier for earlier, later in pairwise(opened)]
    assert gaps[:9] == [0.25, 0.5, 1, 2, 4, 8, 16, 32, LONGEST]
    assert len(opened) < 2 * 1000
    now += 300  # it stayed open
    await open_socket("ws://discord")
    assert opened[-1] == now


async def test_the_bot_is_connected_only_while_its_socket_is(start_bot: StartBot, discord_api: DiscordSandbox):
    """What /readyz says of Discord: discord.py itself stays ready however long the gateway is away."""
    async with start_bot() as bot:
        await discord_api.wait_for(bot.is_connected)
        await discord_api.unplug()
        await discord_api.wait_for(lambda: not bot.is_connected())
        await discord_api.plug()
        await discord_api.wait_for(bot.is_connected)
