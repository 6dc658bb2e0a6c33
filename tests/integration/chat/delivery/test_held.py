"""A held video: the card says why, and the person is told wherever they can be."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.sandbox.discord_api import DiscordSandbox, Message
from tests.integration.chat.conftest import OnlyJob, Shows
from tests.integration.chat.delivery.conftest import bring, card_of, ordered

REASON = "The bot may not post here: it needs the permissions Send Messages and Attach Files."
DIRECT_POSTS = r"/channels/\d+/messages$"


def held(job: Job, discord_api: DiscordSandbox, reason: str = REASON) -> Job:
    """The job as the engine ends it where its place is closed."""
    return job.evolve(status=Status.HELD, reason=reason, finished_at=discord_api.clock())


def notices(discord_api: DiscordSandbox) -> list[Message]:
    """What the person was told directly."""
    return discord_api.messages(discord_api.world.dm(discord_api.world.user("member")), "member")


async def test_the_card_and_a_direct_message_tell_of_a_held_video(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """What happened, why, and a button that brings the video; nobody else is pinged."""
    await delivery.show(held(job, discord_api))
    assert REASON in card_of(job, discord_api).text()
    (notice,) = notices(discord_api)
    assert REASON in notice.text()
    assert f"<#{job.destination.channel_id}>" in notice.text()
    buttons = [part["custom_id"] for part in notice.walk() if part["type"] == 2]
    assert buttons == [f"reelcord:bring:{job.id}"]
    assert notice.nonce == f"{job.id}-held"
    assert notice.mentions == []
    assert await delivery.find(job) is None


async def test_a_held_video_is_told_of_once(discord_api: DiscordSandbox, delivery: Delivery, job: Job):
    """Hours later, when the nonce is forgotten, as well."""
    told = held(job, discord_api)
    await delivery.show(told)
    discord_api.advance(3600)
    await delivery.show(told)
    assert len(notices(discord_api)) == 1


async def test_a_video_held_again_is_told_of_again(discord_api: DiscordSandbox, delivery: Delivery, job: Job):
    """It was brought elsewhere, and that place was closed too."""
    await delivery.show(held(job, discord_api))
    discord_api.advance(3600)
    await delivery.show(held(job, discord_api, "The channel is gone."))
    assert ["The channel is gone." in notice.text() for notice in notices(discord_api)] == [False, True]


@pytest.mark.parametrize("age", [0, 20 * 60], ids=["token alive", "token dead"])
async def test_a_person_whose_channel_is_gone_is_told(
    age: float, discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """The card went with it, which the engine hears; the direct message is what is left."""
    discord_api.advance(age)
    discord_api.delete_channel("general")
    discord_api.delete(card_of(job, discord_api))
    with pytest.raises(Undeliverable, match="gone"):
        await delivery.show(held(job, discord_api, "The channel is gone."))
    assert len(notices(discord_api)) == 1


async def test_a_person_whose_server_threw_the_bot_out_is_told(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """Nothing of the server can be reached any more once the token is dead."""
    discord_api.advance(20 * 60)
    discord_api.remove_bot("studio")
    with pytest.raises(Undeliverable):
        await delivery.show(held(job, discord_api))
    assert len(notices(discord_api)) == 1


async def test_a_card_that_is_late_keeps_nobody_from_being_told(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """Its channel may be busy for as long as the engine tries; the person is told at once, and only once."""
    discord_api.advance(20 * 60)
    body = {"code": 30046, "message": "Maximum number of edits to messages older than 1 hour reached."}
    discord_api.faults.add(r"/channels/\d+/messages/\d+$", method="PATCH", times=2, status=400, body=body)
    told = held(job, discord_api)
    for _ in range(2):
        with pytest.raises(DeliveryDelayed):
            await delivery.show(told)
        assert len(notices(discord_api)) == 1
        discord_api.advance(600)
    await delivery.show(told)
    assert REASON in card_of(job, discord_api).text()
    assert len(notices(discord_api)) == 1


@pytest.mark.parametrize(
    ("path", "fault", "wait"),
    [
        ("/users/@me/channels", {"status": 403, "body": {"code": 40003}, "headers": {"Retry-After": "40"}}, 40.0),
        ("/users/@me/channels", {"status": 400, "body": {"code": 40003}}, None),
        ("/users/@me/channels", {"status": 503}, None),
        (DIRECT_POSTS, {"status": 503}, None),
        (DIRECT_POSTS, {"drop": True}, None),
        (DIRECT_POSTS, {"drop": True, "after": True}, None),
        (DIRECT_POSTS, {"status": 403, "body": "<html>Cloudflare</html>"}, None),
    ],
    ids=["too fast", "too fast, no header", "503", "503 on the message", "dropped", "carried out, dropped", "guard"],
)
async def test_a_direct_message_that_cannot_be_sent_now_is_sent_later(
    path: str, fault: dict[str, Any], wait: float | None, discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """The engine shows the job again, when the server said; the person is told once."""
    discord_api.faults.add(path, method="POST", **fault)
    told = held(job, discord_api)
    with pytest.raises(DeliveryDelayed) as caught:
        await delivery.show(told)
    assert caught.value.retry_after == wait
    await delivery.show(told)
    assert len(notices(discord_api)) == 1


@pytest.mark.parametrize("code", [50007, 50278])
async def test_closed_direct_messages_are_the_persons_wish(
    code: int, discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """The card has said it, and `/jobs show` will."""
    asked = discord_api.faults.add(DIRECT_POSTS, method="POST", status=403, body={"code": code})
    await delivery.show(held(job, discord_api))
    assert REASON in card_of(job, discord_api).text()
    assert asked.hits == 1
    assert notices(discord_api) == []


async def test_a_direct_message_that_failed_is_not_tried_as_a_notice(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """It was the result's last way already."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.advance(20 * 60)
    discord_api.world.user("member").dms_open = False
    with pytest.raises(Undeliverable) as caught:
        await bring(delivery, job, video)
    before = len(discord_api.log)
    with pytest.raises(Undeliverable, match="15 minutes are over"):
        await delivery.show(held(job, discord_api, str(caught.value)))
    assert discord_api.log[before:] == []


async def test_a_private_card_in_use_is_told_enough(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob
):
    """The person has it before their eyes, and nobody else."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    await delivery.show(held(job, discord_api))
    assert REASON in card_of(job, discord_api).text()
    assert notices(discord_api) == []


async def test_a_private_card_out_of_reach_is_made_up_for(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob
):
    """Its token is dead."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.advance(20 * 60)
    with pytest.raises(Undeliverable, match="15 minutes are over"):
        await delivery.show(held(job, discord_api))
    assert len(notices(discord_api)) == 1


async def test_a_video_held_in_direct_messages_is_told_of_beside_its_card(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob
):
    """The card there, which has the same button, is not taken for the notice; an edit of it pings nobody."""
    direct = discord_api.world.dm(discord_api.world.user("member"))
    await shows(await discord_api.command("member", direct, "sora", {"prompt": "a fox"}), "Queued")
    job = await only_job()
    told = held(job, discord_api, "Discord finds the video too large for its place, even when made smaller.")
    for _ in range(2):
        await delivery.show(told)
        discord_api.advance(3600)
    assert [message.id == job.destination.card_id for message in notices(discord_api)] == [True, False]


@pytest.mark.parametrize("status", [Status.FAILED, Status.COMPLETED, Status.CANCELLED, Status.EXPIRED])
async def test_other_ends_are_said_on_the_card_alone(
    status: Status, discord_api: DiscordSandbox, delivery: Delivery, job: Job
):
    """Only a video that was paid for and is not where it should be is worth a direct message."""
    await delivery.show(replace(held(job, discord_api), status=status))
    assert notices(discord_api) == []
