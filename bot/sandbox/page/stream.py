"""What happens, as it happens: WebSockets that tell of one person's Discord, and of what lies behind the curtain.

Each message is `[name, data]`. `/api/stream?person=` sends `state` (the bot's life, the pace, the troubles) and `world`
(places and people) at first and when they change, `messages` (a list of those that are new or changed, at first all)
and `gone` (ids). `/api/curtain` sends what `Curtain` finds changed. Both begin with `hello`, after which a client that
was cut off starts anew. No server-sent events: of those a browser has six at a time to one server, in all its tabs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web

from bot.sandbox.discord_api.places import User
from bot.sandbox.page.curtain import Curtain
from bot.sandbox.page.playground import PLAYGROUND, Playground
from bot.sandbox.page.view import people, seen_json, version, visible, world_json

BREATH = 0.05  #: seconds between two looks, at least: what changes within them is sent at once
LOOK_AGAIN = 0.5  #: seconds, for what tells nobody that it has changed
HEARTBEAT = 20.0  #: seconds after which a client that is gone without a word is missed
Event = tuple[str, Any]
routes = web.RouteTableDef()


@routes.get("/api/stream")
async def stream(request: web.Request) -> web.StreamResponse:
    """One person's Discord, and the state of the playground."""
    play = request.app[PLAYGROUND]
    person = people(play.discord).get(request.query.get("person", ""))
    if person is None:
        raise web.HTTPNotFound(reason="There is no such person.")
    return await _send(request, _Sight(play, person).changes)


@routes.get("/api/curtain")
async def curtain(request: web.Request) -> web.StreamResponse:
    """What lies behind: jobs, requests, the services' ledger, the bot's log."""
    return await _send(request, Curtain(request.app[PLAYGROUND]).changes)


class _Sight:
    """What one client was sent last."""

    def __init__(self, play: Playground, person: User) -> None:
        self._play = play
        self._discord = play.discord
        self._person = person
        self._told: dict[str, Any] = {}
        self._versions: dict[int, tuple[Any, ...]] | None = None

    def changes(self) -> Iterator[Event]:
        """What is to be sent now; at first also that there are no messages, so that all others are known as news."""
        now = {"state": self._play.state_json(), "world": world_json(self._discord, self._person)}
        for name, each in now.items():
            if self._told.get(name) != each:
                self._told[name] = each
                yield name, each
        messages = {each.id: each for each in visible(self._discord, self._person)}
        known = self._versions
        self._versions = {number: version(self._discord, each) for number, each in messages.items()}
        if gone := [str(number) for number in known or () if number not in messages]:
            yield "gone", gone
        fresh = [number for number, each in self._versions.items() if (known or {}).get(number) != each]
        if fresh or known is None:
            yield "messages", [seen_json(self._discord, messages[number], self._person) for number in fresh]


async def _send(request: web.Request, changes: Callable[[], Iterator[Event]]) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT)
    await socket.prepare(request)
    reading = asyncio.create_task(_read(socket))
    world = request.app[PLAYGROUND].discord.world
    try:
        await socket.send_json(("hello", {}))
        while not reading.done():
            for event in changes():
                await socket.send_json(event)
            await asyncio.sleep(BREATH)
            await world.changed(within=LOOK_AGAIN)
    except ConnectionError:
        pass  # the person has gone
    finally:
        reading.cancel()
    return socket


async def _read(socket: web.WebSocketResponse) -> None:
    """Answer the browser's pings until it hangs up; it says nothing else."""
    async for _ in socket:
        pass
