"""Routes of the buttons behind the curtain: the bot's life, the pace of the fake generation, the troubles."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.page.bodies import number, read_object
from bot.sandbox.page.playground import PLAYGROUND

routes = web.RouteTableDef()


@routes.post("/api/bot")
async def bot(request: web.Request) -> web.Response:
    """`{do: "kill" | "stop" | "start"}`: SIGKILL, SIGTERM with its drain, or a new process on the same files."""
    play, given = request.app[PLAYGROUND], await read_object(request)
    acts = {"kill": play.bot.kill, "stop": play.bot.stop, "start": play.bot.start}
    act = acts.get(str(given.get("do")))
    if act is None:
        raise web.HTTPBadRequest(reason="do is kill, stop or start.")
    await act()
    return _done(request)


@routes.post("/api/speed")
async def speed(request: web.Request) -> web.Response:
    """`{speed}`: seconds of the video service that pass in a real one, from 0 to 1000."""
    play, given = request.app[PLAYGROUND], await read_object(request)
    play.tempo.speed = number(given, "speed", 0, 1000)
    return _done(request)


@routes.post("/api/trouble")
async def trouble(request: web.Request) -> web.Response:
    """`{name, on}`: arm a fault, or take it away."""
    play, given = request.app[PLAYGROUND], await read_object(request)
    try:
        await play.troubles.set(str(given.get("name")), on=bool(given.get("on")))
    except KeyError:
        raise web.HTTPNotFound(reason="There is no such trouble.") from None
    return _done(request)


@routes.post("/api/socket")
async def socket(request: web.Request) -> web.Response:
    """Cut the bot's WebSocket with no goodbye."""
    await request.app[PLAYGROUND].discord.drop_socket()
    return _done(request)


def _done(request: web.Request) -> web.Response:
    request.app[PLAYGROUND].discord.world.touch()  # so that pages look at once
    return web.json_response({})
