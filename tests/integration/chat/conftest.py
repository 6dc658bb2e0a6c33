"""The real bot on the real database, connected to the Discord stand-in; no engine, so that a job stays as it was ordered."""

import asyncio
import io
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from PIL import Image as Pillow
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.api.client import VideoApi
from bot.chat import actions, promises
from bot.chat.client import Reelcord
from bot.jobs.job import Job
from bot.jobs.presence import new_owner
from bot.jobs.schedule import Pace
from bot.jobs.store import Store
from bot.jobs.upstreams import Trouble
from bot.jobs.videos import Retention, Videos
from bot.jobs.worker import Worker
from bot.links import Links
from bot.media import ffmpeg
from bot.sandbox.discord_api import Call, Channel, DiscordSandbox, Message, Upload
from bot.sandbox.video_api import VideoApiSandbox
from bot.settings import Settings

OnlyJob = Callable[[], Awaitable[Job]]
Picture = Callable[..., Upload]
SettingsOf = Callable[..., Settings]
Shows = Callable[[Call, str], Awaitable[Message]]
Join = Callable[..., AbstractAsyncContextManager[Worker]]
StartBot = Callable[..., AbstractAsyncContextManager[Reelcord]]

KEY = SecretStr("sk-test")
PROMPT = {"prompt": "a red fox in the snow"}


async def jobs_of(store: Store, discord_api: DiscordSandbox, user: str = "member") -> list[Job]:
    """A person's jobs."""
    return await store.of_user(discord_api.world.user(user).id)


def results(discord_api: DiscordSandbox, channel: Channel | str = "general", viewer: str = "member") -> list[Message]:
    """The messages with a video."""
    return [message for message in discord_api.messages(channel, viewer) if message.videos()]


def pictures(message: Message) -> list[tuple[str, bool]]:
    """Alt text and spoiler of the gallery items and thumbnails of a message."""
    parts = [item for part in message.walk() if part["type"] in (11, 12) for item in part.get("items", [part])]
    return [(part["description"], part["spoiler"]) for part in parts]


async def told_again(discord_api: DiscordSandbox, call: Call) -> None:
    """Tell a bot of a call once more, as a second process with its token would be; it must step aside by itself."""
    with capture_logs() as logs:
        discord_api._gateway.dispatch("INTERACTION_CREATE", call.event_json())
        await discord_api.wait_for(
            lambda: ("interaction_dropped", call.id) in [(line["action"], line.get("interaction")) for line in logs]
        )


async def answered() -> None:
    """Wait until the bot is through with every interaction that it was told of."""
    ours = ("CommandTree-", "discord-ui-")
    async with asyncio.timeout(30):
        while at_work := [task for task in asyncio.all_tasks() if task.get_name().startswith(ours)]:
            await asyncio.wait(at_work)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may be slow: the machine is, now and then, and a test that means it says so."""
    monkeypatch.setattr(promises, "PROMISE_SECONDS", 30.0)
    monkeypatch.setattr(actions, "READ_SECONDS", 30.0)


@pytest.fixture
async def discord_api() -> AsyncIterator[DiscordSandbox]:
    """Discord on loopback."""
    async with DiscordSandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A fresh database."""
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'jobs.db'}")
    yield opened
    await opened.close()


@pytest.fixture
async def apis() -> AsyncIterator[dict[str, VideoApi]]:
    """Both upstreams, at an address where nobody answers: an order needs none of them."""
    made = {name: VideoApi(name, "http://127.0.0.1:9", KEY) for name in ("octopusx", "uniall")}
    yield made
    for api in made.values():
        await api.aclose()


@pytest.fixture
def wakes() -> list[None]:
    """Grows by one whenever the engine is woken."""
    return []


@pytest.fixture
def settings_of(discord_api: DiscordSandbox) -> SettingsOf:
    """Settings that lead to the stand-in, and nowhere else."""

    def make(**changes: Any) -> Settings:
        return Settings(
            _env_file=None,  # pyright: ignore[reportCallIssue]
            discord_token=SecretStr(discord_api.token),
            discord_api_url=discord_api.api_url,
            discord_gateway_url=discord_api.gateway_url,
            **changes,
        )

    return make


async def _everywhere(_host: str) -> list[str]:
    """What a name server says of every host: a public address."""
    return ["93.184.215.14"]


@pytest.fixture
def start_bot(
    discord_api: DiscordSandbox,
    store: Store,
    apis: dict[str, VideoApi],
    settings_of: SettingsOf,
    wakes: list[None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> StartBot:
    """A bot that is connected while the context is open."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)

    @asynccontextmanager
    async def start(*, settings: Settings | None = None, **changes: Any) -> AsyncIterator[Reelcord]:
        wanted: dict[str, Any] = {"store": store, "apis": apis, "wake": lambda: wakes.append(None)}
        wanted |= {"links": None, "videos": Videos(tmp_path), "owner": new_owner(), "lookup": _everywhere}
        bot = Reelcord(settings=settings or settings_of(), **(wanted | changes))
        bot._connection.guild_ready_timeout = 0.0  # else its "ready" comes 2 s late, perhaps in a loop that closes
        async with bot:
            running = asyncio.create_task(bot.start(discord_api.token), name="bot")
            await discord_api.connected()
            await bot.wait_until_ready()
            yield bot
            await answered()  # lest the database is closed in the middle of a query of its
            await bot.close()
            await running

    return start


@pytest.fixture
def join(start_bot: StartBot, store: Store, tmp_path: Path) -> Join:
    """Joins bot and engine as the command line joins them, at work for one video service under both names."""

    @asynccontextmanager
    async def joined(
        service: VideoApiSandbox,
        clock: Callable[[], float] = time.time,
        *,
        url: str | None = None,
        links: Links | None = None,
        **options: Any,
    ) -> AsyncIterator[Worker]:
        key = SecretStr(service.key)
        apis = {name: VideoApi(name, url or service.url, key, **options) for name in ("octopusx", "uniall")}
        workers: list[Worker] = []

        def wake() -> None:
            workers[0].wake()  # built after the bot whose delivery it has

        def troubles() -> Sequence[Trouble]:
            return workers[0].troubles()

        both: dict[str, Any] = {"links": links, "owner": new_owner(), "clock": clock}
        async with start_bot(videos=Videos(tmp_path), apis=apis, wake=wake, troubles=troubles, **both) as bot:
            worker = Worker(
                store,
                apis,
                bot.delivery,
                pace=Pace(poll_interval=0.05, job_timeout=7200, off_peak_timeout=7200),
                data_dir=tmp_path,
                retention=Retention(),
                **both,
            )
            workers.append(worker)
            running = asyncio.create_task(worker.run())
            yield worker
            worker.stop()
            await running
        for api in apis.values():
            await api.aclose()

    return joined


@pytest.fixture
async def bot(start_bot: StartBot) -> AsyncIterator[Reelcord]:
    """A bot with both upstreams."""
    async with start_bot() as started:
        yield started


@pytest.fixture
def picture() -> Picture:
    """A maker of pictures as a person attaches them."""

    def make(width: int = 320, height: int = 200, kind: str = "PNG", name: str = "fox.png") -> Upload:
        stream = io.BytesIO()
        Pillow.new("RGB", (width, height), "orange").save(stream, kind)
        return Upload(filename=name, data=stream.getvalue())

    return make


@pytest.fixture
def only_job(discord_api: DiscordSandbox, store: Store) -> OnlyJob:
    """The person's one job, with its pictures."""

    async def find() -> Job:
        (found,) = await jobs_of(store, discord_api)
        job = await store.get(found.id, with_files=True)
        assert job is not None
        return job

    return find


@pytest.fixture
def shows(discord_api: DiscordSandbox) -> Shows:
    """The card of a call, as soon as it says this."""

    async def wait(call: Call, text: str) -> Message:
        def card() -> Message | None:
            return call.response if call.response and text in call.response.text() else None

        found = await discord_api.wait_for(card, what=f"{text!r} on the card")
        assert found is not None
        return found

    return wait


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of H.264 and AAC that plays everywhere."""
    path = tmp_path_factory.mktemp("video") / "small.mp4"
    sources = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=24:duration=1", "-f", "lavfi", "-i", "sine=duration=1"]
    how = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", "-movflags", "+faststart"]
    subprocess.run([ffmpeg(), "-v", "error", "-y", *sources, *how, str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def late(video: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same video with its index at the end: it has to be repacked."""
    path = tmp_path_factory.mktemp("late") / "late.mp4"
    subprocess.run([ffmpeg(), "-v", "error", "-y", "-i", str(video), "-c", "copy", str(path)], check=True)
    return path
