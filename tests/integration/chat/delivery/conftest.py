"""The bot's delivery, and a job whose video is there to be posted."""

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import discord
import pytest
from PIL import Image

from bot.chat.client import Reelcord
from bot.chat.delivery import DiscordDelivery
from bot.jobs.delivery import Delivery, Original, Posted, Result
from bot.jobs.job import Job, Status
from bot.media import probe
from bot.sandbox.discord_api import DiscordSandbox, Message, calls
from tests.integration.chat.conftest import PROMPT, OnlyJob, Shows

MIB = 1024 * 1024
ORDER = PROMPT | {"spoiler": True}
ORIGINAL = Original(url="https://bot.example/videos/fox.mp4?expires=2000000000&signature=abc", until=2e9)
Padded = Callable[[int], Path]


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls for three seconds orders all the same: how soon the first answer comes is seen elsewhere."""
    monkeypatch.setattr(calls, "FIRST_ANSWER", 60.0)


@pytest.fixture
def delivery(bot: Reelcord, discord_api: DiscordSandbox) -> Delivery:
    """The bot's own way to deliver, on the stand-in's clock."""
    return DiscordDelivery(bot, None, clock=discord_api.clock)


@pytest.fixture
async def job(delivery: Delivery, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob) -> Job:  # noqa: ARG001 - the bot must run
    """A job about to be posted."""
    return await ordered(discord_api, shows, only_job, ORDER)


async def ordered(discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob, options: dict[str, Any]) -> Job:
    """Order something; the job as the engine would have it when the video is there."""
    await shows(await discord_api.command("member", "general", "sora", options), "Queued")
    return (await only_job()).evolve(status=Status.DELIVERING, posting_at=discord_api.clock())


def card_of(job: Job, discord_api: DiscordSandbox) -> Message:
    """The status card."""
    return discord_api.world.messages[job.destination.card_id or 0]


async def bring(delivery: Delivery, job: Job, path: Path, *, look_first: bool = False, **more: Any) -> Posted:
    """What the engine does with a video; `look_first` where an earlier try may have been carried out."""
    if look_first and (found := await delivery.find(job)):
        return found
    return await delivery.post(job, Result(video=await probe(path), **{"poster": None, "original": None} | more))


@pytest.fixture
def padded(video: Path, tmp_path: Path) -> Padded:
    """A maker of videos that play everywhere and have just this many bytes."""

    def make(size: int) -> Path:
        path = tmp_path / f"{size}.mp4"
        shutil.copy(video, path)
        rest = size - path.stat().st_size
        with path.open("r+b") as file:
            file.seek(0, 2)
            file.write(rest.to_bytes(4, "big") + b"free")  # a box that players skip
            file.truncate(size)
        return path

    return make


@pytest.fixture(scope="session")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A still of a video."""
    path = tmp_path_factory.mktemp("still") / "fox.jpg"
    Image.new("RGB", (64, 36), "orange").save(path)
    return path


@pytest.fixture
async def rest_delivery(discord_api: DiscordSandbox, bot: Reelcord) -> AsyncIterator[Delivery]:  # noqa: ARG001 - it points discord.py here
    """The headless worker's way to deliver: it has no gateway, so it asks for all it needs to know."""
    async with discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=30) as client:
        await client.login(discord_api.token)
        yield DiscordDelivery(client, None, clock=discord_api.clock)
