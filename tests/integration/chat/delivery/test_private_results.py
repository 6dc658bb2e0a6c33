"""What only the token or a direct message may bring: private results, and servers without the bot."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.delivery import DiscordDelivery
from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import Status
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import OnlyJob, Shows, StartBot, results
from tests.integration.chat.delivery.conftest import ORDER, bring, card_of, ordered


async def test_a_private_result_becomes_the_card(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """Seen by the person alone; a second try changes nothing; a later news of the job does not wipe it out."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.faults.add(r"/webhooks/.*/messages/", method="PATCH", after=True, drop=True)
    with pytest.raises(DeliveryDelayed):
        await bring(delivery, job, video)
    posted = await bring(delivery, job, video, look_first=True)
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
    posted = await bring(delivery, job, video, look_first=True)
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
    discord_api.delete(card_of(job, discord_api))
    await bring(delivery, job, video)
    direct = discord_api.world.dm(discord_api.world.user("member"))
    assert len(results(discord_api, direct)) == 1


async def test_a_direct_message_in_place_of_a_dismissed_card_is_sent_once(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """The bot died right after it; ten minutes later its nonce is forgotten, and the token still lives."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.delete(discord_api.world.messages[job.destination.card_id or 0])
    first = await bring(delivery, job, video)
    discord_api.advance(10 * 60)
    assert await delivery.find(job) is None
    assert await bring(delivery, job.evolve(posting_at=discord_api.clock()), video) == first
    assert len(results(discord_api, discord_api.world.dm(discord_api.world.user("member")))) == 1


async def test_closed_direct_messages_hold_a_private_result(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """It is never posted for all to see instead."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.advance(15 * 60)
    discord_api.world.user("member").dms_open = False
    with pytest.raises(Undeliverable, match="direct messages"):
        await bring(delivery, job, video)
    assert results(discord_api) == []


async def test_a_server_without_the_bot_is_reached_by_the_token(
    start_bot: StartBot, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob, video: Path
):
    """Where only the person has installed the app, the card becomes the result; later it comes as a direct message."""
    cinema = discord_api.world.guild("cinema")
    del cinema.members[discord_api.world.bot.id]
    async with start_bot() as bot:
        await shows(await discord_api.command("member", "screening", "sora", ORDER), "Queued")
        job = (await only_job()).evolve(status=Status.DELIVERING)
        assert not job.destination.member
        delivery = DiscordDelivery(bot, None, clock=discord_api.clock)
        posted = await bring(delivery, job, video)
        assert [message.id for message in results(discord_api, "screening")] == [posted.message_id]
        discord_api.advance(15 * 60)
        await bring(delivery, replace(job, id="otherjobabcd"), video)
    direct = discord_api.world.dm(discord_api.world.user("member"))
    assert len(results(discord_api, direct)) == 1
