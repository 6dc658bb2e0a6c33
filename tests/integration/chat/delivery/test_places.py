"""Every place where a command may be given gets its video, each by the way that leads there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.chat.tokens import TOKEN_SECONDS
from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.sandbox.discord_api import Channel, DiscordSandbox
from bot.sandbox.discord_api.places import GROUP_DM
from tests.integration.chat.conftest import OnlyJob, Shows, results
from tests.integration.chat.delivery.conftest import ORDER, bring, card_of

OWN_RIGHT = ["general", "trailer", "casting", "first-cut", "green-room", "news", "direct"]
TOKEN_ONLY = ["lounge", "friends"]


def place_of(discord_api: DiscordSandbox, name: str) -> Channel:
    """The place of that name; "direct" is the person's own with the bot."""
    if name == "direct":
        return discord_api.world.dm(discord_api.world.user("member"))
    return next(each for each in discord_api.world.channels.values() if each.name == name)


async def ordered_in(place: Channel, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob, **more: Any) -> Job:
    """A job of that place about to be posted."""
    await shows(await discord_api.command("member", place, "sora", ORDER | more), "Queued")
    return (await only_job()).evolve(status=Status.DELIVERING, posting_at=discord_api.clock())


def sent(discord_api: DiscordSandbox, since: int) -> list[tuple[str, str]]:
    """The requests after that entry of the log that changed something: method, and what kind of route."""
    return [
        (entry.method, entry.path.split("/")[1])
        for entry in discord_api.log[since:]
        if entry.method != "GET" and entry.path != "/users/@me/channels"
    ]


@pytest.mark.parametrize("name", OWN_RIGHT)
@pytest.mark.parametrize("age", [0, 20 * 60], ids=["at once", "after the token"])
async def test_where_the_bot_has_a_right_of_its_own_it_replies_in_the_channel(
    name: str,
    age: float,
    discord_api: DiscordSandbox,
    rest_delivery: Delivery,
    shows: Shows,
    only_job: OnlyJob,
    video: Path,
    still: Path,
):
    """No cache is needed; the reply mentions the person; then the card says done and leads there."""
    place = place_of(discord_api, name)
    job = await ordered_in(place, discord_api, shows, only_job)
    discord_api.advance(age)
    since = len(discord_api.log)
    posted = await bring(rest_delivery, job, video, look_first=True)
    done = job.evolve(status=Status.COMPLETED, message_id=posted.message_id, message_url=posted.url)
    await rest_delivery.show(done, still)
    (message,) = results(discord_api, place)
    home = place.guild.id if place.guild else "@me"
    assert posted.url == f"https://discord.com/channels/{home}/{place.id}/{message.id}"
    assert (message.id, message.reply_to) == (posted.message_id, job.destination.card_id)
    assert message.mentions == [discord_api.world.user("member")]
    assert sent(discord_api, since) == [("POST", "channels"), ("PATCH", "channels" if age else "webhooks")]
    card = card_of(job, discord_api)
    assert [part["url"] for part in card.walk() if part.get("style") == 5] == [posted.url]
    discord_api.advance(3600)
    assert await bring(rest_delivery, job, video, look_first=True) == posted


@pytest.mark.parametrize("name", TOKEN_ONLY)
async def test_where_only_the_person_has_the_app_the_card_becomes_the_result(
    name: str, discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """An edit pings nobody, so one further answer mentions the person: of the five there may be."""
    place = place_of(discord_api, name)
    job = await ordered_in(place, discord_api, shows, only_job)
    since = len(discord_api.log)
    posted = await bring(delivery, job, video, look_first=True)
    assert await bring(delivery, job, video, look_first=True) == posted
    done = job.evolve(status=Status.COMPLETED, message_id=posted.message_id, message_url=posted.url)
    await delivery.show(done)
    card, call = discord_api.messages(place, "member")
    home = place.guild.id if place.guild else "@me"
    assert posted.url == f"https://discord.com/channels/{home}/{place.id}/{card.id}"
    assert (card.id, len(card.videos())) == (job.destination.card_id, 1)
    assert call.content == f"<@{job.destination.user_id}>, your video is ready: {posted.url}"
    assert (call.mentions, call.ephemeral) == ([discord_api.world.user("member")], False)
    assert sent(discord_api, since) == [("PATCH", "webhooks"), ("PATCH", "webhooks"), ("POST", "webhooks")]


@pytest.mark.parametrize(
    "fault",
    [{"status": 403, "body": {"code": 50013}}, {"status": 400, "body": {"code": 40094}}, {"drop": True}],
    ids=["refused", "no answers left", "dropped"],
)
async def test_a_call_that_fails_is_not_repeated(
    fault: dict[str, Any],
    discord_api: DiscordSandbox,
    delivery: Delivery,
    shows: Shows,
    only_job: OnlyJob,
    video: Path,
):
    """The video is there; the engine hears nothing of it."""
    job = await ordered_in(place_of(discord_api, "friends"), discord_api, shows, only_job)
    posted = await bring(delivery, job, video)
    asked = discord_api.faults.add("/webhooks/", method="POST", times=-1, **fault)
    await delivery.show(job.evolve(status=Status.COMPLETED, message_id=posted.message_id, message_url=posted.url))
    assert asked.hits == 1


@pytest.mark.parametrize("name", TOKEN_ONLY)
async def test_after_the_token_the_video_comes_as_a_direct_message(
    name: str, discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """It is looked for there as well, and its card can be changed no more."""
    place = place_of(discord_api, name)
    job = await ordered_in(place, discord_api, shows, only_job)
    discord_api.advance(TOKEN_SECONDS + 5)
    posted = await bring(delivery, job, video, look_first=True)
    direct = discord_api.world.dm(discord_api.world.user("member"))
    (message,) = results(discord_api, direct)
    assert posted.url == f"https://discord.com/channels/@me/{direct.id}/{message.id}"
    assert results(discord_api, place) == []
    discord_api.advance(3600)
    assert await bring(delivery, job, video, look_first=True) == posted
    with pytest.raises(Undeliverable, match="15 minutes are over"):
        await delivery.show(job.evolve(status=Status.COMPLETED, message_id=posted.message_id))


@pytest.mark.parametrize("name", TOKEN_ONLY)
async def test_where_no_direct_message_may_be_sent_the_video_is_held(
    name: str, discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """The person reads why in `/jobs show`."""
    job = await ordered_in(place_of(discord_api, name), discord_api, shows, only_job)
    discord_api.advance(20 * 60)
    discord_api.world.user("member").dms_open = False
    with pytest.raises(Undeliverable, match="may not send you direct messages"):
        await bring(delivery, job, video, look_first=True)


@pytest.mark.parametrize(
    ("fault", "goes"),
    [
        ({"status": 401, "body": {"code": 50027}}, "direct"),
        ({"status": 404, "body": {"code": 10008}}, "direct"),
        ({"status": 404, "body": {"code": 10015}}, "direct"),
        ({"status": 403, "body": {"code": 50001}}, "direct"),
        ({"status": 400, "body": {"code": 50083}}, "direct"),
        ({"status": 403, "body": "<html>Cloudflare</html>"}, "later"),
        ({"status": 400, "body": {"code": 200000}}, "held"),
    ],
    ids=["forgotten token", "deleted card", "unknown", "no access", "archived", "guard", "AutoMod"],
)
async def test_a_token_that_leads_nowhere_early(
    fault: dict[str, Any],
    goes: str,
    discord_api: DiscordSandbox,
    delivery: Delivery,
    shows: Shows,
    only_job: OnlyJob,
    video: Path,
):
    """A closed door sends the video to direct messages; a refusal of the message itself does not."""
    job = await ordered_in(place_of(discord_api, "lounge"), discord_api, shows, only_job)
    discord_api.faults.add("/webhooks/", method="PATCH", **fault)
    ends = {"later": DeliveryDelayed, "held": Undeliverable}
    if goes == "direct":
        await bring(delivery, job, video)
    else:
        with pytest.raises(ends[goes]):
            await bring(delivery, job, video)
    direct = discord_api.world.dm(discord_api.world.user("member"))
    assert len(results(discord_api, direct)) == (goes == "direct")


@pytest.mark.parametrize("name", ["general", "casting", "direct", *TOKEN_ONLY])
async def test_a_private_result_is_on_the_card_alone(
    name: str, discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """Whatever the place: while the token lives nobody else sees it, and no further answer mentions the person."""
    place = place_of(discord_api, name)
    job = await ordered_in(place, discord_api, shows, only_job, private=True)
    since = len(discord_api.log)
    posted = await bring(delivery, job, video)
    await delivery.show(job.evolve(status=Status.COMPLETED, message_id=posted.message_id, message_url=posted.url))
    (card,) = discord_api.messages(place, "member")
    assert (card.id, card.ephemeral, len(card.videos()), posted.url) == (job.destination.card_id, True, 1, None)
    assert sent(discord_api, since) == [("PATCH", "webhooks")]


async def test_a_member_who_uses_their_own_app_in_a_server_with_the_bot_is_answered_in_the_channel(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """Who installed the app says nothing about whether the bot is there."""
    discord_api.world.user("member").installed = True
    job = await ordered_in(place_of(discord_api, "general"), discord_api, shows, only_job)
    assert job.destination.member
    discord_api.advance(20 * 60)
    posted = await bring(delivery, job, video)
    assert [message.id for message in results(discord_api)] == [posted.message_id]


async def test_a_group_dm_is_no_channel_of_the_bots(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob
):
    """Its job knows that only the token leads there."""
    place = place_of(discord_api, "friends")
    assert place.type == GROUP_DM
    job = await ordered_in(place, discord_api, shows, only_job)
    where = replace(job.destination, token=None)
    assert (where.guild_id, where.member, where.private) == (None, False, False)
    with pytest.raises(Undeliverable, match="15 minutes are over"):
        await delivery.show(job.evolve(destination=where, status=Status.FAILED, reason="No."))
