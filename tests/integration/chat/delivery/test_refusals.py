"""A place that is closed or busy."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.client import Reelcord
from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.discord_api.permissions import Permission
from tests.integration.chat.conftest import Shows, jobs_of, results
from tests.integration.chat.delivery.conftest import ORDER, bring

POSTS = r"/channels/\d+/messages$"


NO_RIGHT = (
    "The bot may not post in the channel: it needs the permissions Send Messages (in threads: Send Messages in Threads) "
    "and Attach Files."
)
OUT_OF_SIGHT = "The bot cannot see the channel: it needs the permission View Channel, or was removed from the server."
CLOSED = [
    (403, 50013, NO_RIGHT),
    (403, 50001, OUT_OF_SIGHT),
    (403, 50007, "The bot may not send you direct messages: allow them for a server you share with it."),
    (403, 50278, "The bot may not send you direct messages: you share no server with it."),
    (404, 10003, "The channel is gone."),
    (404, 10004, "The server is gone, or the bot was removed from it."),
    (400, 200000, "The server's AutoMod blocked the message: ask its moderators to let the bot post."),
    (400, 200001, "The server's AutoMod blocked the message: ask its moderators to let the bot post."),
    (400, 240000, "Discord's filter for harmful links blocked the message."),
    (403, 400001, "Discord has limited the upload of files to this server."),
    (400, 50035, "Discord did not take the message."),
]


@pytest.mark.parametrize(("status", "code", "sentence"), CLOSED)
async def test_a_closed_place_holds_the_video(
    status: int, code: int, sentence: str, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Waiting would not help: the person is told what is wrong."""
    body = {"code": code, "message": "no"}
    refused = discord_api.faults.add(POSTS, method="POST", times=-1, status=status, body=body)
    with pytest.raises(Undeliverable) as caught:
        await bring(delivery, job, video)
    assert str(caught.value) == sentence
    assert refused.hits == 1
    assert not [entry for entry in discord_api.log if (entry.method, entry.path.count("/")) == ("PATCH", 2)]
    assert results(discord_api) == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, 20016),
        (400, 20016),
        (429, 20028),
        (400, 20029),
        (400, 30046),
        (403, 40003),
        (400, 40004),
        (400, 40006),
        (503, 130000),
    ],
)
async def test_a_busy_place_is_tried_when_it_says(
    status: int, code: int, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Slow mode and the limits of Discord only delay, whatever status they come with."""
    body = {"code": code, "message": "slowly", "retry_after": 77.5}
    headers = {"Retry-After": "77.5"}
    refused = discord_api.faults.add(POSTS, method="POST", status=status, body=body, headers=headers)
    with pytest.raises(DeliveryDelayed) as caught:
        await bring(delivery, job, video)
    assert caught.value.retry_after == 77.5
    await bring(delivery, job, video, look_first=True)
    assert refused.hits == 1
    assert len(results(discord_api)) == 1


async def test_slow_mode_only_delays(discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path):
    """It never holds bots on Discord; should it, a video of a minute ago makes the next one wait its hours."""
    other = replace(job, id="otherjobabcd")
    await bring(delivery, other, video)
    discord_api.slow_down("general", 6 * 3600, bots=True)
    with pytest.raises(DeliveryDelayed) as caught:
        await bring(delivery, job, video)
    assert caught.value.retry_after == pytest.approx(6 * 3600, abs=300)
    discord_api.advance(6 * 3600)
    await bring(delivery, job, video, look_first=True)
    assert len(results(discord_api)) == 2


async def test_a_card_more_than_an_hour_old_is_edited_later(discord_api: DiscordSandbox, delivery: Delivery, job: Job):
    """Discord allows few such edits in one channel."""
    discord_api.advance(3700)
    discord_api.limit_old_edits(1, 600)
    await delivery.show(job)
    with pytest.raises(DeliveryDelayed) as caught:
        await delivery.show(job.evolve(status=Status.FAILED, reason="No."))
    assert caught.value.retry_after == pytest.approx(600, abs=60)


def lose_sight(discord_api: DiscordSandbox) -> None:
    """The channel is hidden from the bot."""
    discord_api.deny("general", Permission.VIEW_CHANNEL)


def lose_the_right_to_attach(discord_api: DiscordSandbox) -> None:
    """The bot may write but not attach."""
    discord_api.deny("general", Permission.ATTACH_FILES)


ENDS: list[tuple[Callable[[DiscordSandbox], object], str]] = [
    (lambda discord_api: discord_api.delete_channel("general"), CLOSED[4][2]),
    (lambda discord_api: discord_api.remove_bot("studio"), CLOSED[1][2]),
    (lose_sight, CLOSED[1][2]),
    (lose_the_right_to_attach, CLOSED[0][2]),
    (lambda discord_api: discord_api.block_words("studio", "video"), CLOSED[6][2]),
]


@pytest.mark.parametrize(
    ("end", "sentence"), ENDS, ids=["channel deleted", "bot removed", "channel hidden", "no files", "AutoMod"]
)
@pytest.mark.parametrize("age", [0, 20 * 60], ids=["token alive", "token dead"])
async def test_what_a_place_refuses_is_held_and_the_person_is_told(
    end: Callable[[DiscordSandbox], object],
    sentence: str,
    age: float,
    discord_api: DiscordSandbox,
    delivery: Delivery,
    job: Job,
    video: Path,
):
    """Wherever they can be: the direct message says what is wrong and offers the video, whatever became of the card."""
    discord_api.advance(age)
    end(discord_api)
    with pytest.raises(Undeliverable) as caught:
        await bring(delivery, job, video, look_first=True)
    assert str(caught.value) == sentence
    with suppress(Undeliverable):
        await delivery.show(job.evolve(status=Status.HELD, reason=sentence, finished_at=discord_api.clock()))
    (notice,) = discord_api.messages(discord_api.world.dm(discord_api.world.user("member")), "member")
    assert sentence.removesuffix(".") in notice.text().replace("\\", "")
    assert results(discord_api) == []


async def test_a_person_whom_nothing_reaches_finds_the_video_by_themselves(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, store: Store, video: Path
):
    """The bot was removed from the only server they shared: `/jobs show` needs none."""
    await shows(await discord_api.command("newcomer", "general", "sora", ORDER), "Queued")
    (job,) = await jobs_of(store, discord_api, "newcomer")
    discord_api.remove_bot("studio")
    discord_api.advance(20 * 60)
    with pytest.raises(Undeliverable):
        await bring(delivery, job, video)
    with pytest.raises(Undeliverable, match="cannot see the channel"):
        await delivery.show(job.evolve(status=Status.HELD, reason="No.", finished_at=discord_api.clock()))
    assert discord_api.messages(discord_api.world.dm(discord_api.world.user("newcomer"))) == []


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
