"""Starts the playground and serves its page until it is interrupted."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from rich.console import Console

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.folder import claim
from bot.sandbox.page import acts, controls, stream
from bot.sandbox.page.guard import guard
from bot.sandbox.page.playground import PLAYGROUND, Playground
from bot.sandbox.page.tempo import Tempo
from bot.sandbox.video_api import VideoApiSandbox
from bot.sandbox.video_api.render import Quality

STATIC = Path(__file__).with_name("static")
WELCOME = """\
The playground is at {address}   Ctrl+C ends it.

Discord and the video service are stand-ins on this machine, the bot is the real one: no account, no key, no cost.
Its database, videos and log are in {folder}/.

Try first
  /veo                 type it in #general, write a prompt, drop a picture on it, press Enter
  Newcomer             be somebody else at the top of the page, and press the buttons of another person's card
  Behind the curtain   kill -9 the bot while a video is in the making, start it again, and see that nothing is lost
"""
USUAL_SPEED, USUAL_SECONDS = 10.0, 60.0  #: a video takes a minute of the service's time, six seconds of ours


async def serve(folder: Path, port: int = 0, *, browser: bool = True) -> int:
    """Serve the page until Ctrl+C or SIGTERM; returns the exit code.

    Args:
        folder: made new; database, videos and the bot's log go there.
        port: of the page; 0 has the system choose one.
        browser: whether to open the page in the person's browser, where there is a screen for one.
    """
    console = Console(highlight=False, markup=False)
    ended = _told_to_end()
    try:
        listener = listening(port)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        console.print(f"Port {port} of 127.0.0.1 cannot be had ({why}): choose another with --port.", soft_wrap=True)
        return 1
    with listener:  # before the folder is made new, which may be that of whoever has the port
        if refusal := claim(folder):
            console.print(refusal, soft_wrap=True)
            return 1
        async with playground(folder) as play, page(play, listener) as address:
            console.print(WELCOME.format(address=address, folder=folder), soft_wrap=True)
            if browser and _has_screen():
                threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
            await ended.wait()
    console.print(f"The playground has ended. Its files stay in {folder}/ until it is started again.", soft_wrap=True)
    return 0


@asynccontextmanager
async def playground(folder: Path, *, quality: Quality = "full") -> AsyncIterator[Playground]:
    """Both stand-ins and the bot beside them, which is ended with the block; videos of "tiny" quality come soonest."""
    tempo = Tempo(USUAL_SPEED)
    async with (
        DiscordSandbox() as discord,
        VideoApiSandbox(seconds_to_done=USUAL_SECONDS, clock=tempo, quality=quality) as api,
    ):
        play = Playground.of(discord, api, tempo, folder)
        async with play.bot:
            yield play


def listening(port: int = 0) -> socket.socket:
    """A socket on 127.0.0.1 for the page; port 0 has the system choose one.

    Raises:
        OSError: the port is taken, or not for everybody.
    """
    return socket.create_server(("127.0.0.1", port))


@asynccontextmanager
async def page(play: Playground, listener: socket.socket | None = None) -> AsyncIterator[str]:
    """The page's server on 127.0.0.1; gives its address."""
    listener = listener or listening()
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


def _told_to_end() -> asyncio.Event:
    """Set by Ctrl+C and SIGTERM, from now on."""
    ended = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, ended.set)
    return ended


def _has_screen() -> bool:
    """Whether a browser would open in a window; one that runs in the terminal would take it away from us."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))
