"""Bringing videos to Discord: once, to the right eyes, whatever is lost, refused or full."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.chat.client import Reelcord
from bot.chat.delivery import DiscordDelivery
from bot.jobs.delivery import BrokenVideo, Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.media import encode, ffmpeg
from bot.sandbox.discord_api import DiscordSandbox, Upload
from bot.sandbox.discord_api.permissions import Permission
from tests.integration.chat.conftest import OnlyJob, Shows, StartBot, results

PROMPT = {"prompt": "a red fox in the snow", "spoiler": True}


@pytest.fixture
def delivery(bot: Reelcord, discord_api: DiscordSandbox) -> Delivery:
    """The bot's own way to deliver, on the stand-in's clock."""
    return DiscordDelivery(bot, clock=discord_api.clock)


@pytest.fixture
async def job(delivery: Delivery, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob) -> Job:  # noqa: ARG001 - the bot must run
    """A job about to be posted."""
    return await ordered(discord_api, shows, only_job, PROMPT)


async def ordered(discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob, options: dict[str, Any]) -> Job:
    """Order something; the job as the engine would have it when the video is there."""
    await shows(await discord_api.command("member", "general", "sora", options), "Queued")
    return (await only_job()).evolve(status=Status.DELIVERING, posting_at=discord_api.clock())


async def test_a_result_is_a_reply_that_mentions_the_person(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The video in a gallery, untouched, with alt text and spoiler; the recipe under it; a link to it for the card."""
    posted = await delivery.post(job, video, look_first=False)
    (message,) = results(discord_api)
    member, general = discord_api.world.user("member"), message.channel
    assert general.guild is not None
    assert (posted.message_id, posted.url) == (
        message.id,
        f"https://discord.com/channels/{general.guild.id}/{general.id}/{message.id}",
    )
    assert message.reply_to == job.destination.card_id
    assert message.mentions == [member]
    assert message.nonce == f"{job.id}-result"
    assert message.videos()[0].data == await asyncio.to_thread(video.read_bytes)
    assert message.videos()[0].filename == f"reelcord-{job.id}.mp4"
    gallery = next(part for part in message.walk() if part["type"] == 12)
    assert (gallery["items"][0]["description"], gallery["items"][0]["spoiler"]) == (
        "AI video: a red fox in the snow",
        True,
    )
    assert f"model `sora-2` · size `720x1280` · seconds `4` · job `{job.id}`" in message.text()


async def test_the_card_says_done_and_links_to_the_video(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The engine saves where the result is, then has the card shown."""
    posted = await delivery.post(job, video, look_first=False)
    done = job.evolve(status=Status.COMPLETED, message_id=posted.message_id, message_url=posted.url)
    await delivery.show(done)
    card = discord_api.world.messages[job.destination.card_id or 0]
    assert "Done" in card.text()
    assert [part["url"] for part in card.walk() if part.get("style") == 5] == [posted.url]
    assert results(discord_api)[0].id == posted.message_id


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
        posted = await delivery.post(job, video, look_first=False)
    except DeliveryDelayed:
        posted = await delivery.post(job, video, look_first=look_first)
    assert [message.id for message in results(discord_api)] == [posted.message_id]


async def test_a_result_is_found_after_a_crash(discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path):
    """Hours later the nonce is forgotten, but the message is in the channel: it is not posted again."""
    first = await delivery.post(job, video, look_first=False)
    for number in range(5):
        await discord_api.say("owner", "general", f"chat {number}")
    discord_api.advance(3600)
    assert await delivery.post(job, video, look_first=True) == first
    assert len(results(discord_api)) == 1


async def test_a_result_posted_during_a_long_encoding_is_not_posted_again(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path, tmp_path: Path
):
    """A worker that stood still was replaced by another: when its own file is ready, the message may be there."""
    strange = tmp_path / "strange.mp4"
    command = [ffmpeg(), "-v", "error", "-i", str(video), "-pix_fmt", "yuv444p", str(strange)]
    await asyncio.to_thread(subprocess.run, command, check=True)
    async with encode._turn():
        slow = asyncio.create_task(delivery.post(job, strange, look_first=False))
        await asyncio.sleep(0.05)
        first = await delivery.post(job, video, look_first=False)
        discord_api.advance(3600)
    assert await slow == first
    assert len(results(discord_api)) == 1


async def test_a_video_of_another_job_is_not_taken_for_this_one(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Looking first finds the job's own message or none."""
    other = replace(job, id="otherjobabcd")
    await delivery.post(other, video, look_first=False)
    await delivery.post(job, video, look_first=True)
    assert [message.videos()[0].filename for message in results(discord_api)] == [
        "reelcord-otherjobabcd.mp4",
        f"reelcord-{job.id}.mp4",
    ]


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, 50013, "The bot may not post here: it needs the permissions Send Messages and Attach Files."),
        (403, 50001, "The bot may not see this channel any more."),
        (404, 10003, "The channel is gone."),
        (400, 200000, "This server's AutoMod blocked the message."),
        (400, 50035, "Discord does not take this message here (code 50035)."),
    ],
)
async def test_a_closed_place_holds_the_video(
    status: int, code: int, sentence: str, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Waiting would not help: the person is told what is wrong."""
    body = {"code": code, "message": "no"}
    discord_api.faults.add(r"/channels/\d+/messages$", method="POST", times=-1, status=status, body=body)
    with pytest.raises(Undeliverable) as caught:
        await delivery.post(job, video, look_first=False)
    assert str(caught.value) == sentence
    assert results(discord_api) == []


async def test_a_channel_that_was_deleted_holds_the_video(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The stand-in's own refusal, not one we made up."""
    discord_api.world.channel("general").deleted = True
    with pytest.raises(Undeliverable, match="The channel is gone"):
        await delivery.post(job, video, look_first=True)


async def test_lost_rights_hold_the_video(discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path):
    """Attach Files was taken from the bot."""
    denied = {discord_api.world.bot.id: (0, int(Permission.ATTACH_FILES))}
    discord_api.world.channel("general").overwrites.update(denied)
    with pytest.raises(Undeliverable, match="Attach Files"):
        await delivery.post(job, video, look_first=False)


async def test_without_the_right_to_read_back_there_is_no_reply(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """A reply needs Read Message History: without it the video is posted as a plain message."""
    denied = {discord_api.world.bot.id: (0, int(Permission.READ_MESSAGE_HISTORY))}
    discord_api.world.channel("general").overwrites.update(denied)
    body = {"code": 160002, "message": "Cannot reply without permission to read message history"}
    discord_api.faults.add(r"/channels/\d+/messages$", method="POST", status=403, body=body)
    await delivery.post(job, video, look_first=True)
    assert [message.reply_to for message in results(discord_api)] == [None]


@pytest.mark.parametrize("status", [403, 404])
async def test_what_cannot_be_read_back_is_posted_under_its_nonce(
    status: int, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """A second try whose search is refused: the nonce keeps it one message."""
    first = await delivery.post(job, video, look_first=False)
    asked = discord_api.faults.add(r"/channels/\d+/messages\?", method="GET", status=status)
    assert await delivery.post(job, video, look_first=True) == first
    assert asked.hits == 1
    assert len(results(discord_api)) == 1


@pytest.mark.parametrize("status", [403, 404])
async def test_a_guild_that_cannot_be_read_has_the_least_limit(
    status: int, bot: Reelcord, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The worker, or a bot that just started, has no guild in its cache: what it may not ask must not hold a video."""
    assert job.destination.guild_id is not None
    bot._connection._guilds.pop(job.destination.guild_id)
    asked = discord_api.faults.add(r"/guilds/\d+\?", method="GET", status=status)
    await delivery.post(job, video, look_first=False)
    assert asked.hits == 1
    assert len(results(discord_api)) == 1


async def test_a_long_rate_limit_goes_back_to_the_engine(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Discord says ten minutes: the row waits, not a coroutine."""
    discord_api.rate_limit(r"/channels/\d+/messages$", retry_after=600, method="POST")
    with pytest.raises(DeliveryDelayed) as caught:
        await delivery.post(job, video, look_first=False)
    assert caught.value.retry_after == 600


async def test_a_file_refused_for_its_size_is_tried_smaller(
    start_bot: StartBot,
    discord_api: DiscordSandbox,
    shows: Shows,
    only_job: OnlyJob,
    video: Path,
):
    """Discord's word on a boosted server was too good: the next rung is its least limit."""
    async with start_bot() as bot:
        call = await discord_api.command("member", "screening", "sora", PROMPT)
        await shows(call, "Queued")
        job = (await only_job()).evolve(status=Status.DELIVERING, posting_at=discord_api.clock())
        refused = discord_api.faults.add(r"/channels/\d+/messages$", method="POST", status=413, body={"code": 40005})
        await DiscordDelivery(bot, clock=discord_api.clock).post(job, video, look_first=False)
    assert refused.hits == 1
    assert len(results(discord_api, "screening")) == 1


async def test_a_file_that_never_fits_is_held(discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path):
    """Every rung was refused."""
    discord_api.faults.add(r"/channels/\d+/messages$", method="POST", times=-1, status=413, body={"code": 40005})
    with pytest.raises(Undeliverable, match="too large for this place"):
        await delivery.post(job, video, look_first=False)


async def test_a_broken_file_is_fetched_again(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, tmp_path: Path
):
    """What is no video is never posted."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"<html></html>")
    with pytest.raises(BrokenVideo):
        await delivery.post(job, broken, look_first=False)
    assert results(discord_api) == []


async def test_a_private_result_becomes_the_card(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """Seen by the person alone; a second try changes nothing; a later news of the job does not wipe it out."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.faults.add(r"/webhooks/.*/messages/", method="PATCH", after=True, drop=True)
    with pytest.raises(DeliveryDelayed):
        await delivery.post(job, video, look_first=False)
    posted = await delivery.post(job, video, look_first=True)
    await delivery.show(job.evolve(status=Status.COMPLETED, message_id=posted.message_id))
    (message,) = results(discord_api)
    assert (message.id, message.ephemeral) == (job.destination.card_id, True)
    assert len(message.videos()) == 1
    assert results(discord_api, viewer="owner") == []


async def test_a_private_result_after_the_token_comes_as_a_direct_message(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """15 minutes are over: the person's own channel is the only place that others do not see."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.advance(15 * 60)
    posted = await delivery.post(job, video, look_first=True)
    direct = discord_api.world.dm(discord_api.world.user("member"))
    (message,) = results(discord_api, direct)
    assert posted.url == f"https://discord.com/channels/@me/{direct.id}/{message.id}"
    assert results(discord_api) == []
    with pytest.raises(Undeliverable):
        await delivery.show(job.evolve(status=Status.COMPLETED, message_id=posted.message_id))


async def test_a_private_card_that_was_dismissed_is_no_dead_end(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """The person closed the ephemeral card: the video comes as a direct message."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.delete(discord_api.world.messages[job.destination.card_id or 0])
    await delivery.post(job, video, look_first=False)
    direct = discord_api.world.dm(discord_api.world.user("member"))
    assert len(results(discord_api, direct)) == 1


async def test_closed_direct_messages_hold_a_private_result(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """It is never posted for all to see instead."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.advance(15 * 60)
    discord_api.world.user("member").dms_open = False
    with pytest.raises(Undeliverable, match="direct messages"):
        await delivery.post(job, video, look_first=False)
    assert results(discord_api) == []


async def test_a_card_is_edited_by_the_channel_when_the_token_is_dead(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """A public card outlives its interaction."""
    discord_api.advance(20 * 60)
    await delivery.show(job.evolve(status=Status.FAILED, reason="The service refused it."))
    assert "The service refused it." in discord_api.world.messages[job.destination.card_id or 0].text()
    assert [entry.path for entry in discord_api.log if entry.method == "PATCH"][-1].startswith("/channels/")


async def test_a_token_that_dies_early_does_not_stop_the_card(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """Discord sometimes forgets a token inside its 15 minutes: the channel's way is taken."""
    discord_api.faults.add(
        "/webhooks/", method="PATCH", status=401, body={"code": 50027, "message": "Invalid Webhook Token"}
    )
    await delivery.show(job)
    assert "Posting" in discord_api.world.messages[job.destination.card_id or 0].text()


async def test_a_deleted_card_cannot_be_shown(discord_api: DiscordSandbox, delivery: Delivery, job: Job):
    """Someone removed it: nothing is posted anew."""
    discord_api.delete(discord_api.world.messages[job.destination.card_id or 0])
    with pytest.raises(Undeliverable, match="The message is gone"):
        await delivery.show(job)


async def test_a_result_is_posted_although_its_card_was_deleted(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The video is what was paid for."""
    discord_api.delete(discord_api.world.messages[job.destination.card_id or 0])
    await delivery.post(job, video, look_first=False)
    assert len(results(discord_api)) == 1


@asynccontextmanager
async def logged_in(discord_api: DiscordSandbox) -> AsyncIterator[discord.Client]:
    """A client that is logged in and has no gateway, as the headless worker's."""
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(discord_api.token)
        yield client


async def test_a_client_without_a_gateway_delivers(discord_api: DiscordSandbox, job: Job, video: Path):
    """Nothing is taken from a cache that is not there."""
    async with logged_in(discord_api) as client:
        delivery = DiscordDelivery(client, clock=discord_api.clock)
        posted = await delivery.post(job, video, look_first=True)
        await delivery.show(job.evolve(status=Status.COMPLETED, message_id=posted.message_id, message_url=posted.url))
    assert [message.id for message in results(discord_api)] == [posted.message_id]
    assert "Done" in discord_api.world.messages[job.destination.card_id or 0].text()


async def test_a_server_without_the_bot_is_reached_by_the_token(
    start_bot: StartBot, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob, video: Path
):
    """Where only the person has installed the app, the card becomes the result; later it comes as a direct message."""
    cinema = discord_api.world.guild("cinema")
    del cinema.members[discord_api.world.bot.id]
    async with start_bot() as bot:
        await shows(await discord_api.command("member", "screening", "sora", PROMPT), "Queued")
        job = (await only_job()).evolve(status=Status.DELIVERING)
        assert not job.destination.member
        delivery = DiscordDelivery(bot, clock=discord_api.clock)
        posted = await delivery.post(job, video, look_first=False)
        assert [message.id for message in results(discord_api, "screening")] == [posted.message_id]
        discord_api.advance(15 * 60)
        await delivery.post(replace(job, id="otherjobabcd"), video, look_first=False)
    direct = discord_api.world.dm(discord_api.world.user("member"))
    assert len(results(discord_api, direct)) == 1


async def test_a_stranger_cannot_pass_for_the_bot(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """A file of the right name from someone else is not the result."""
    await discord_api.say("owner", "general", "look", [Upload(filename=f"reelcord-{job.id}.mp4", data=b"x")])
    posted = await delivery.post(job, video, look_first=True)
    assert discord_api.world.messages[posted.message_id or 0].author is discord_api.world.bot


async def test_what_was_done_to_the_file_is_told(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path, tmp_path: Path
):
    """A file that would not play everywhere is mended, the message says so, and nothing is left in the folder."""
    late = tmp_path / f"{job.id}.mp4"
    mend = [ffmpeg(), "-v", "error", "-y", "-i", str(video), "-c", "copy", "-f", "mp4", str(late)]
    await asyncio.to_thread(subprocess.run, mend, check=True)
    await delivery.post(job, late, look_first=False)
    (message,) = results(discord_api)
    assert message.videos()[0].data != await asyncio.to_thread(late.read_bytes)
    assert message.text().splitlines()[-1].startswith("-# ")
    assert f"job `{job.id}`" not in message.text().splitlines()[-1]
    assert await asyncio.to_thread(lambda: sorted(path.name for path in tmp_path.glob("*.mp4"))) == [late.name]
