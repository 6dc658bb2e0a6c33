"""A video appears once, whatever is lost on the way."""

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.delivery import Delivery, DeliveryDelayed
from bot.jobs.job import Job
from bot.media import encode, ffmpeg
from bot.sandbox.discord_api import DiscordSandbox, Upload
from tests.integration.chat.conftest import results
from tests.integration.chat.delivery.conftest import bring


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"after": True, "status": 502}, {"status": 503}, {"drop": True}, {"after": True, "drop": True}],
    ids=["500", "carried out, 502", "503", "dropped", "carried out, dropped"],
)
@pytest.mark.parametrize("look_first", [True, False])
async def test_a_video_appears_once(
    fault: dict[str, Any], look_first: bool, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Whatever happens to the first try, and whether or not the second one looks first, there is one message."""
    discord_api.faults.add(r"/channels/\d+/messages$", method="POST", **fault)
    try:
        posted = await bring(delivery, job, video)
    except DeliveryDelayed:
        posted = await bring(delivery, job, video, look_first=look_first)
    assert [message.id for message in results(discord_api)] == [posted.message_id]


async def test_a_result_is_found_after_a_crash(discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path):
    """Hours later the nonce is forgotten, but the message is in the channel: it is not posted again."""
    first = await bring(delivery, job, video)
    for number in range(5):
        await discord_api.say("owner", "general", f"chat {number}")
    discord_api.advance(3600)
    assert await bring(delivery, job, video, look_first=True) == first
    assert len(results(discord_api)) == 1


async def test_a_result_posted_during_a_long_encoding_is_not_posted_again(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path, tmp_path: Path
):
    """A worker that stood still was replaced by another: when its own file is ready, the message may be there."""
    strange = tmp_path / "strange.mp4"
    command = [ffmpeg(), "-v", "error", "-i", str(video), "-pix_fmt", "yuv444p", str(strange)]
    await asyncio.to_thread(subprocess.run, command, check=True)
    async with encode._turn():
        slow = asyncio.create_task(bring(delivery, job, strange))
        await asyncio.sleep(0.05)
        first = await bring(delivery, job, video)
        discord_api.advance(3600)
    assert await slow == first
    assert len(results(discord_api)) == 1


async def test_a_video_of_another_job_is_not_taken_for_this_one(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Looking first finds the job's own message or none."""
    other = replace(job, id="otherjobabcd")
    await bring(delivery, other, video)
    await bring(delivery, job, video, look_first=True)
    assert [message.videos()[0].filename for message in results(discord_api)] == [
        "reelcord-otherjobabcd.mp4",
        f"reelcord-{job.id}.mp4",
    ]


@pytest.mark.parametrize("status", [403, 404])
async def test_what_cannot_be_read_back_is_posted_under_its_nonce(
    status: int, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """A second try whose search is refused: the nonce keeps it one message."""
    first = await bring(delivery, job, video)
    asked = discord_api.faults.add(r"/channels/\d+/messages\?", method="GET", status=status)
    assert await bring(delivery, job, video, look_first=True) == first
    assert asked.hits == 1
    assert len(results(discord_api)) == 1


async def test_a_stranger_cannot_pass_for_the_bot(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """A file of the right name from someone else is not the result."""
    await discord_api.say("owner", "general", "look", [Upload(filename=f"reelcord-{job.id}.mp4", data=b"x")])
    posted = await bring(delivery, job, video, look_first=True)
    assert discord_api.world.messages[posted.message_id or 0].author is discord_api.world.bot
