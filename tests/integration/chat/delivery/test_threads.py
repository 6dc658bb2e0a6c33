"""A thread that was put away is opened again for what is brought there, once and where the bot may."""

from pathlib import Path
from typing import Any

import pytest

from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import OnlyJob, Shows, results
from tests.integration.chat.delivery.conftest import ORDER, bring, ordered

ARCHIVED = {"status": 400, "body": {"code": 50083, "message": "Thread is archived"}}
LOCKED = {"status": 403, "body": {"code": 160005, "message": "Thread is locked"}}
SENTENCES = {
    50083: "The thread is archived, and the bot may not reopen it: it needs the permission Manage Threads.",
    160005: "The thread is locked, and the bot may not post in it: it needs the permission Manage Threads.",
}
OPENED = {"status": 200, "body": {"id": "1", "type": 11}}
FORBIDDEN = {"status": 403, "body": {"code": 50013, "message": "Missing Permissions"}}
POSTS, THREAD, CARD = r"/channels/\d+/messages$", r"/channels/\d+$", r"/channels/\d+/messages/\d+$"


@pytest.fixture
async def job(discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob) -> Job:  # noqa: ARG001 - the bot must run
    """A job about to be posted in a thread."""
    await shows(await discord_api.command("member", "trailer", "sora", ORDER), "Queued")
    return (await only_job()).evolve(status=Status.DELIVERING, posting_at=discord_api.clock())


@pytest.mark.parametrize("shut", [ARCHIVED, LOCKED], ids=["archived", "locked"])
async def test_a_shut_thread_is_opened_for_the_video(
    shut: dict[str, Any], discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """With Manage Threads the bot may; one request opens it."""
    refused = discord_api.faults.add(POSTS, method="POST", **shut)
    opened = discord_api.faults.add(THREAD, method="PATCH", **OPENED)
    posted = await bring(delivery, job, video)
    assert (refused.hits, opened.hits) == (1, 1)
    assert [entry.body for entry in discord_api.log if entry.method == "PATCH" and entry.path.count("/") == 2] == [
        {"archived": False}
    ]
    (message,) = results(discord_api, "trailer")
    assert (message.id, message.reply_to) == (posted.message_id, job.destination.card_id)


@pytest.mark.parametrize("shut", [ARCHIVED, LOCKED], ids=["archived", "locked"])
@pytest.mark.parametrize("answer", [FORBIDDEN, OPENED], ids=["not allowed", "to no end"])
async def test_a_thread_that_stays_shut_holds_the_video(
    shut: dict[str, Any],
    answer: dict[str, Any],
    discord_api: DiscordSandbox,
    delivery: Delivery,
    job: Job,
    video: Path,
):
    """The person is told what the thread is and what the bot would need; it is asked once."""
    discord_api.faults.add(POSTS, method="POST", times=-1, **shut)
    opened = discord_api.faults.add(THREAD, method="PATCH", times=-1, **answer)
    with pytest.raises(Undeliverable) as caught:
        await bring(delivery, job, video)
    assert str(caught.value) == SENTENCES[shut["body"]["code"]]
    assert opened.hits == 1


async def test_a_thread_that_cannot_be_opened_now_is_tried_later(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Discord is away just then: that says nothing about what the bot may do."""
    discord_api.faults.add(POSTS, method="POST", **ARCHIVED)
    discord_api.faults.add(THREAD, method="PATCH", status=503)
    with pytest.raises(DeliveryDelayed):
        await bring(delivery, job, video)


async def test_a_card_in_an_archived_thread_is_brought_up_to_date(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, still: Path
):
    """An edit does not open a thread by itself: neither by the token nor by the channel."""
    by_token = discord_api.faults.add("/webhooks/", method="PATCH", **ARCHIVED)
    by_channel = discord_api.faults.add(CARD, method="PATCH", **ARCHIVED)
    opened = discord_api.faults.add(THREAD, method="PATCH", **OPENED)
    await delivery.show(job.evolve(status=Status.COMPLETED), still)
    assert (by_token.hits, by_channel.hits, opened.hits) == (1, 1, 1)
    card = discord_api.world.messages[job.destination.card_id or 0]
    assert "Done" in card.text()
    assert [file.filename for file in card.files()] == [f"still-{job.id}.jpg"]


async def test_a_private_result_of_a_shut_thread_comes_as_a_direct_message(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """The card cannot become the video there."""
    private = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.faults.add("/webhooks/", method="PATCH", times=-1, **ARCHIVED)
    await bring(delivery, private, video)
    direct = discord_api.world.dm(discord_api.world.user("member"))
    assert len(results(discord_api, direct)) == 1
