"""A place that is closed or busy."""

from pathlib import Path

import pytest

from bot.chat.client import Reelcord
from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import Job
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.discord_api.permissions import Permission
from tests.integration.chat.conftest import results
from tests.integration.chat.delivery.conftest import bring


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, 50013, "The bot may not post here: it needs the permissions Send Messages and Attach Files."),
        (403, 50001, "The bot may not see this channel any more, or was removed from the server."),
        (404, 10003, "The channel is gone."),
        (400, 200000, "This server's AutoMod blocked the message: ask its moderators to let the bot post."),
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
        await bring(delivery, job, video)
    assert str(caught.value) == sentence
    assert results(discord_api) == []


async def test_a_channel_that_was_deleted_holds_the_video(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The stand-in's own refusal, not one we made up."""
    discord_api.world.channel("general").deleted = True
    with pytest.raises(Undeliverable, match="The channel is gone"):
        await bring(delivery, job, video, look_first=True)


async def test_lost_rights_hold_the_video(discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path):
    """Attach Files was taken from the bot."""
    denied = {discord_api.world.bot.id: (0, int(Permission.ATTACH_FILES))}
    discord_api.world.channel("general").overwrites.update(denied)
    with pytest.raises(Undeliverable, match="Attach Files"):
        await bring(delivery, job, video)


async def test_without_the_right_to_read_back_there_is_no_reply(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """A reply needs Read Message History: without it the video is posted as a plain message."""
    denied = {discord_api.world.bot.id: (0, int(Permission.READ_MESSAGE_HISTORY))}
    discord_api.world.channel("general").overwrites.update(denied)
    body = {"code": 160002, "message": "Cannot reply without permission to read message history"}
    discord_api.faults.add(r"/channels/\d+/messages$", method="POST", status=403, body=body)
    await bring(delivery, job, video, look_first=True)
    assert [message.reply_to for message in results(discord_api)] == [None]


@pytest.mark.parametrize("status", [403, 404])
async def test_a_guild_that_cannot_be_read_has_the_least_limit(
    status: int, bot: Reelcord, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The worker, or a bot that just started, has no guild in its cache: what it may not ask must not hold a video."""
    assert job.destination.guild_id is not None
    bot._connection._guilds.pop(job.destination.guild_id)
    asked = discord_api.faults.add(r"/guilds/\d+\?", method="GET", status=status)
    await bring(delivery, job, video)
    assert asked.hits == 1
    assert len(results(discord_api)) == 1


async def test_a_long_rate_limit_goes_back_to_the_engine(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Discord says ten minutes: the row waits, not a coroutine."""
    discord_api.rate_limit(r"/channels/\d+/messages$", retry_after=600, method="POST")
    with pytest.raises(DeliveryDelayed) as caught:
        await bring(delivery, job, video)
    assert caught.value.retry_after == 600
