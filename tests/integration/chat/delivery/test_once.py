"""A video appears once, whatever is lost on the way."""

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.delivery import Delivery, DeliveryDelayed
from bot.jobs.job import Job, Status
from bot.media import encode, ffmpeg
from bot.sandbox.discord_api import DiscordSandbox, Upload
from tests.integration.chat.conftest import OnlyJob, Shows, results
from tests.integration.chat.delivery.conftest import ORDER, bring, ordered


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


@pytest.mark.parametrize("ahead", [0, 100], ids=["in step", "ahead"])
async def test_a_result_is_found_although_our_clock_is_ahead(
    ahead: float, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """By our clock it was posted before the try that posted it began, which is where the search starts."""
    discord_api.clock.stop()
    first = await bring(delivery, job, video)
    wrong = job.evolve(posting_at=discord_api.clock() + ahead)
    discord_api.advance(3600)
    assert await delivery.find(wrong) == first


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


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 10003)])
async def test_what_cannot_be_read_back_is_posted_under_its_nonce(
    status: int, code: int, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """A second try whose search is refused: the nonce keeps it one message."""
    first = await bring(delivery, job, video)
    asked = discord_api.faults.add(r"/channels/\d+/messages\?", method="GET", status=status, body={"code": code})
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


async def test_a_result_is_found_in_a_busy_channel(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Hundreds of messages came before it, and more after it, before the bot was back."""
    for number in range(450):
        await discord_api.say("owner", "general", f"before {number}")
    first = await bring(delivery, job, video)
    for number in range(50):
        await discord_api.say("owner", "general", f"after {number}")
    discord_api.advance(3600)
    assert await bring(delivery, job, video, look_first=True) == first
    assert len(results(discord_api)) == 1


async def test_the_search_ends(discord_api: DiscordSandbox, delivery: Delivery, job: Job):
    """A thousand messages are read at most, whatever the channel has."""
    for number in range(1100):
        await discord_api.say("owner", "general", f"chat {number}")
    before = len(discord_api.log)
    assert await delivery.find(job) is None
    assert [entry.method for entry in discord_api.log[before:]] == 10 * ["GET"]


async def test_neither_card_nor_notice_is_taken_for_the_result(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path, still: Path
):
    """In direct messages all of a job stand side by side, the card with a still; it is edited and never posts a video."""
    direct = discord_api.world.dm(discord_api.world.user("member"))
    await shows(await discord_api.command("member", direct, "sora", ORDER), "Queued")
    job = (await only_job()).evolve(status=Status.DELIVERING, posting_at=discord_api.clock())
    await delivery.show(job.evolve(status=Status.HELD, reason="No.", finished_at=discord_api.clock()))
    await delivery.show(job.evolve(status=Status.COMPLETED), still)
    assert len(discord_api.messages(direct, "member")) == 2
    assert await delivery.find(job) is None
    first = await bring(delivery, job, video)
    discord_api.advance(3600)
    assert await delivery.find(job) == first
    await delivery.show(job.evolve(status=Status.COMPLETED, message_id=first.message_id, message_url=first.url), still)
    assert [message.id for message in results(discord_api, direct)] == [first.message_id]


async def test_a_card_that_became_the_result_is_written_once_more(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """It cannot be looked for; the bot died before it had saved that, and comes back inside the 15 minutes."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    first = await bring(delivery, job, video, look_first=True)
    again = await bring(delivery, job, video, look_first=True)
    assert again == first
    (message,) = results(discord_api)
    assert len(message.attachments) == 1
