"""What a result and its card say, whoever brings them."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from bot.jobs.delivery import Delivery, Undeliverable
from bot.jobs.job import Job, Status
from bot.media import ffmpeg
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import results
from tests.integration.chat.delivery.conftest import bring, card_of


async def test_a_result_is_a_reply_that_mentions_the_person(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The video in a gallery, untouched, with alt text and spoiler; the recipe under it; a link to it for the card."""
    posted = await bring(delivery, job, video)
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
    posted = await bring(delivery, job, video)
    done = job.evolve(status=Status.COMPLETED, message_id=posted.message_id, message_url=posted.url)
    await delivery.show(done)
    card = card_of(job, discord_api)
    assert "Done" in card.text()
    assert [part["url"] for part in card.walk() if part.get("style") == 5] == [posted.url]
    assert results(discord_api)[0].id == posted.message_id


async def test_what_was_done_to_the_file_is_told(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path, tmp_path: Path
):
    """A file that would not play everywhere is mended, and the message says so."""
    late = tmp_path / f"{job.id}.mp4"
    mend = [ffmpeg(), "-v", "error", "-y", "-i", str(video), "-c", "copy", "-f", "mp4", str(late)]
    await asyncio.to_thread(subprocess.run, mend, check=True)
    await bring(delivery, job, late)
    (message,) = results(discord_api)
    assert message.videos()[0].data != await asyncio.to_thread(late.read_bytes)
    assert message.text().splitlines()[-1] == "-# repacked without a change to the picture"


async def test_a_card_is_edited_by_the_channel_when_the_token_is_dead(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """A public card outlives its interaction."""
    discord_api.advance(20 * 60)
    await delivery.show(job.evolve(status=Status.FAILED, reason="The service refused it."))
    assert "The service refused it." in card_of(job, discord_api).text()
    assert [entry.path for entry in discord_api.log if entry.method == "PATCH"][-1].startswith("/channels/")


async def test_a_token_that_dies_early_does_not_stop_the_card(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """Discord sometimes forgets a token inside its 15 minutes: the channel's way is taken."""
    discord_api.faults.add(
        "/webhooks/", method="PATCH", status=401, body={"code": 50027, "message": "Invalid Webhook Token"}
    )
    await delivery.show(job)
    assert "Posting" in card_of(job, discord_api).text()


async def test_a_deleted_card_cannot_be_shown(discord_api: DiscordSandbox, delivery: Delivery, job: Job):
    """Someone removed it: nothing is posted anew."""
    discord_api.delete(card_of(job, discord_api))
    with pytest.raises(Undeliverable, match="The message is gone"):
        await delivery.show(job)


async def test_a_result_is_posted_although_its_card_was_deleted(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The video is what was paid for."""
    discord_api.delete(card_of(job, discord_api))
    await bring(delivery, job, video)
    assert len(results(discord_api)) == 1
