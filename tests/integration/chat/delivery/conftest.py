"""The bot's delivery, and a job whose video is there to be posted."""

from pathlib import Path
from typing import Any

import pytest

from bot.chat.client import Reelcord
from bot.chat.delivery import DiscordDelivery
from bot.jobs.delivery import Delivery, Posted, Result
from bot.jobs.job import Job, Status
from bot.media import probe
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import PROMPT, OnlyJob, Shows

ORDER = PROMPT | {"spoiler": True}


@pytest.fixture
def delivery(bot: Reelcord, discord_api: DiscordSandbox) -> Delivery:
    """The bot's own way to deliver, on the stand-in's clock."""
    return DiscordDelivery(bot, clock=discord_api.clock)


@pytest.fixture
async def job(delivery: Delivery, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob) -> Job:  # noqa: ARG001 - the bot must run
    """A job about to be posted."""
    return await ordered(discord_api, shows, only_job, ORDER)


async def ordered(discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob, options: dict[str, Any]) -> Job:
    """Order something; the job as the engine would have it when the video is there."""
    await shows(await discord_api.command("member", "general", "sora", options), "Queued")
    return (await only_job()).evolve(status=Status.DELIVERING, posting_at=discord_api.clock())


async def bring(delivery: Delivery, job: Job, path: Path, *, look_first: bool = False) -> Posted:
    """What the engine does with a video; `look_first` where an earlier try may have been carried out."""
    if look_first and (found := await delivery.find(job)):
        return found
    return await delivery.post(job, Result(video=await probe(path), poster=None, original=None))
