"""Starts the playground and serves its page until it is interrupted."""

from __future__ import annotations

import asyncio
import signal
import socket
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from rich.console import Console

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.folder import NOT_OURS, cleared
from bot.sandbox.page import acts, controls, stream
from bot.sandbox.page.guard import guard
from bot.sandbox.page.playground import PLAYGROUND, Playground
from bot.sandbox.page.tempo import Tempo
from bot.sandbox.page.troubles import Troubles
from bot.sandbox.program import Program, environment
from bot.sandbox.video_api import VideoApiSandbox
from bot.sandbox.video_api.render import Quality

STATIC = Path(__file__).with_name("static")
USUAL_SPEED, USUAL_SECONDS = 10.0, 60.0  #: a video takes a minute of the service's time, six seconds of ours


async def serve(folder: Path, port: int = 0, *, browser: bool = True) -> int:
    """Serve the page until Ctrl+C or SIGTERM; returns the exit code.

    Args:
        folder: made new; database, videos and the bot's log go there.
        port: of the page; 0 has the system choose one.
        browser: whether to open the page in the person's browser.
    """
    console = Console(highlight=False)
    if not cleared(folder):
        console.print(NOT_OURS.format(folder=folder), soft_wrap=True)
        return 1
    async with playground(folder) as play, page(play, port) as address:
        console.print(
            f"The playground is at {address}\n"
            f"Discord and the video service are stand-ins on 127.0.0.1, the bot is the real one; "
            f"its files are in {folder}/. Ctrl+C ends it.",
            soft_wrap=True,
        )
        if browser:
            await asyncio.to_thread(webbrowser.open, address)
        await _interrupted()
    return 0


@asynccontextmanager
async def playground(folder: Path, *, quality: Quality = "full") -> AsyncIterator[Playground]:
    """Both stand-ins and the bot beside them, which is ended with the block; videos of "tiny" quality come soonest."""
    tempo = Tempo(USUAL_SPEED)
    async with (
        DiscordSandbox() as discord,
        VideoApiSandbox(seconds_to_done=USUAL_SECONDS, clock=tempo, quality=quality) as api,
    ):
        bot = Program(folder, environment(discord, api, folder) | {"LOG_FORMAT": "json"})
        async with bot:
            yield Playground(
                discord=discord,
                api=api,
                bot=bot,
                tempo=tempo,
                troubles=Troubles(discord, api),
                database=folder / "reelcord.db",
            )


@asynccontextmanager
async def page(play: Playground, port: int = 0) -> AsyncIterator[str]:
    """The page's server on 127.0.0.1; gives its address."""
    listener = socket.create_server(("127.0.0.1", port))
    own = listener.getsockname()[1]
    app = web.Application(client_max_size=0, middlewares=[guard(own, play.discord.world.cdn.base_url)])
    app[PLAYGROUND] = play
    for room in (acts, controls, stream):
        app.add_routes(room.routes)
    app.router.add_get("/", _index)
    app.router.add_static("/static/", STATIC)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield f"http://127.0.0.1:{own}/"
    finally:
        await runner.cleanup()


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


async def _interrupted() -> None:
    """Wait for Ctrl+C or SIGTERM."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await stop.wait()
