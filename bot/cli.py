"""The composition root: the only place where objects are built and given to each other."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from bot import __version__, log, media
from bot.api.client import VideoApi
from bot.chat.client import Reelcord
from bot.chat.delivery import DiscordDelivery
from bot.chat.gate import Gate
from bot.chat.login import rest_client, sign_in
from bot.errors import SettingsError
from bot.jobs.delivery import Delivery
from bot.jobs.folder import FolderDelivery
from bot.jobs.presence import new_owner
from bot.jobs.schedule import Pace
from bot.jobs.store import Store
from bot.jobs.videos import DAY, Retention, Videos
from bot.jobs.worker import Worker
from bot.links import Links
from bot.settings import DISCORD_FIX, MB, UPSTREAM_FIX, Settings
from bot.web import WebServer

LONGEST_STOP = 18.0
"""Seconds from SIGTERM to the end of the process, whatever hangs; supervisors kill after 20 or 30."""

_log = structlog.stdlib.get_logger(__name__)
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Reelcord: slash commands become videos.",
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the `reelcord` command; a wrong setting ends it with one line and exit code 2."""
    try:
        app()
    except SettingsError as error:
        print(f"reelcord: {error}", file=sys.stderr)  # noqa: T201 - the one line an operator reads
        sys.exit(2)


@app.command()
def run() -> None:
    """Be the bot: answer commands, watch jobs, post videos. SIGTERM or Ctrl+C drains and ends."""
    settings = _ready_settings()
    asyncio.run(_run(settings))


@app.command()
def worker(
    folder: Annotated[Path | None, typer.Option(help="Put videos in this folder instead of posting them.")] = None,
) -> None:
    """Watch jobs and bring results without answering commands: REST only, no WebSocket."""
    settings = _ready_settings(needs_token=folder is None)
    asyncio.run(_work(settings, folder))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the videos and the bot's log go.")] = Path("demo"),
    page: Annotated[bool, typer.Option("--page", help="Open a page to use the bot in, as in Discord.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The page's port; 0: one that is free.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in your browser.")] = True,
) -> None:
    """Try every command against the sandbox: no account, no key."""
    from bot.sandbox.demo import play  # noqa: PLC0415 - the bot itself never loads the sandbox
    from bot.sandbox.page import serve  # noqa: PLC0415

    sys.exit(asyncio.run(serve(folder, port, browser=browser) if page else play(folder)))


@app.command()
def check() -> None:
    """Test the token, the keys, the database and the tools, and say what to do about each."""
    from bot.check import report  # noqa: PLC0415 - only this command needs it

    settings = Settings.load()
    log.configure("CRITICAL", settings.log_format)  # the report says it all
    sys.exit(asyncio.run(report(settings)))


def _ready_settings(*, needs_token: bool = True) -> Settings:
    settings = Settings.load()
    if needs_token and settings.discord_token is None:
        raise SettingsError(DISCORD_FIX)
    if not settings.upstreams():
        raise SettingsError(f"{UPSTREAM_FIX}: no video service has a key")
    log.configure(settings.log_level, settings.log_format)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the token and the keys
    _log.info("The bot is starting", action="bot_starting", version=__version__, upstreams=sorted(settings.upstreams()))
    return settings


@dataclass(frozen=True, kw_only=True)
class _Engine:
    """What `run` and `worker` share: the store, the video services and signed links, open until the stack ends."""

    store: Store
    apis: dict[str, VideoApi]
    links: Links | None
    #: This process, as others know it by.
    owner: str


@asynccontextmanager
async def _engine(settings: Settings, *, with_links: bool = True) -> AsyncIterator[_Engine]:
    async with AsyncExitStack() as stack:
        media.ffmpeg()  # without it no video can be made ready, and each would be paid for all the same
        _make_data_dir(settings)
        store = await Store.open(settings.database_url.get_secret_value())
        stack.push_async_callback(store.close)
        apis: dict[str, VideoApi] = {}
        for name, (url, key) in settings.upstreams().items():
            apis[name] = VideoApi(name, url, key, max_bytes=settings.max_video_mb * MB)
            stack.push_async_callback(apis[name].aclose)
        links = Links.load(settings.public_url, settings.data_dir) if settings.public_url and with_links else None
        yield _Engine(store=store, apis=apis, links=links, owner=new_owner())


def _make_data_dir(settings: Settings) -> None:
    try:
        settings.make_data_dir()
    except OSError as error:
        raise SettingsError(
            f"DATA_DIR: cannot write to {settings.data_dir} ({error.strerror}); "
            "choose another folder or fix its permissions"
        ) from None


def _worker(settings: Settings, engine: _Engine, delivery: Delivery) -> Worker:
    return Worker(
        engine.store,
        engine.apis,
        delivery,
        pace=Pace(
            poll_interval=settings.poll_interval,
            job_timeout=settings.job_timeout,
            off_peak_timeout=settings.off_peak_timeout,
        ),
        data_dir=settings.data_dir,
        links=engine.links,
        owner=engine.owner,
        retention=Retention(originals_for=settings.originals_days * DAY, originals_most=settings.originals_mb * MB),
    )


async def _run(settings: Settings) -> None:
    stop = _stop_signal()
    listens = settings.http_port != 0  # else nobody would answer a link
    async with _engine(settings, with_links=listens) as engine, AsyncExitStack() as stack:
        videos = Videos(settings.data_dir)
        client = Reelcord(
            settings=settings,
            store=engine.store,
            apis=engine.apis,
            links=engine.links,
            videos=videos,
            owner=engine.owner,
            wake=lambda: jobs.wake(),  # noqa: PLW0108 - the worker is built after the client whose delivery it has
            troubles=lambda: jobs.troubles(),  # noqa: PLW0108 - as above
        )
        jobs = _worker(settings, engine, client.delivery)
        web = WebServer(
            engine.store,
            engine.links,
            videos,
            ready=client.is_connected,
            host=settings.http_host,
            port=settings.http_port,
        )
        await web.start()
        stack.push_async_callback(web.stop)
        stack.push_async_callback(client.close)
        if await _unless(stop, sign_in(client, settings)):
            await _until_stopped(stop, jobs, client.connect(reconnect=True), client.gate.guard_token(client))


async def _work(settings: Settings, folder: Path | None) -> None:
    # It signs links although it has no web server, whatever HTTP_PORT says: they are answered by the `run` that shares
    # DATA_DIR, where the key and the files are, and PUBLIC_URL.
    stop = _stop_signal()
    async with _engine(settings) as engine, AsyncExitStack() as stack:
        delivery: Delivery
        others: list[Coroutine[Any, Any, None]] = []
        if folder is None:
            gate = Gate()
            client = rest_client(settings, gate)
            stack.push_async_callback(client.close)
            if not await _unless(stop, sign_in(client, settings)):
                return
            _log.info("The worker is signed in to Discord", action="discord_signed_in", user=str(client.user))
            delivery = DiscordDelivery(client, engine.links, gate=gate)
            others.append(gate.guard_token(client))
        else:
            delivery = FolderDelivery(folder, engine.links)
        await _until_stopped(stop, _worker(settings, engine, delivery), *others)


def _stop_signal() -> asyncio.Event:
    """Set by SIGTERM and SIGINT, from the start on; the process has ended `LONGEST_STOP` seconds later."""
    stop = asyncio.Event()

    def begin() -> None:
        stop.set()
        last_resort = threading.Timer(LONGEST_STOP, _end_now)
        last_resort.daemon = True
        last_resort.start()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, begin)
    return stop


def _end_now() -> None:
    """End although something hangs that cannot be called back, such as a thread in a locked database or in the DNS.

    No more is lost by it than by a kill, and by a kill nothing is.
    """
    _log.warning("Something would not end in time; the next start goes on from here", action="stop_forced")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do a piece of work unless told to stop meanwhile; says whether it was done, and raises what it raises."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in (working, stopping):
        task.cancel()
    await asyncio.gather(working, stopping, return_exceptions=True)
    if working.cancelled():
        return False
    working.result()
    return True


async def _until_stopped(stop: asyncio.Event, jobs: Worker, *others: Coroutine[Any, Any, None]) -> None:
    """Run until told to stop or the end of any part, then drain the worker; a part's failure is raised."""
    parts = [asyncio.create_task(part) for part in (jobs.run(), *others)]
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
    _log.info("The program is told to stop: steps in flight finish", action="bot_draining")
    jobs.stop()
    await asyncio.wait(parts[:1])
    for task in (stopping, *parts):
        task.cancel()
    await asyncio.gather(stopping, *parts, return_exceptions=True)
    _log.info("The program has stopped", action="bot_stopped")
    for task in done - {stopping}:
        task.result()
