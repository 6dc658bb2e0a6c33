"""A thread that was put away is opened again for what is brought there, once and where the bot may."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.discord_api.permissions import Permission
from tests.integration.chat.conftest import OnlyJob, Shows, results
from tests.integration.chat.delivery.conftest import ORDER, bring, card_of, ordered

ARCHIVED = {"status": 400, "body": {"code": 50083, "message": "Thread is archived"}}
ARCHIVED_SENTENCE = "The thread is archived, and the bot may not reopen it: it needs the permission Manage Threads."
LOCKED_SENTENCE = "The thread is locked, and the bot may not post in it: it needs the permission Manage Threads."
POSTS, THREAD, CARD = r"/channels/\d+/messages$", r"/channels/\d+$", r"/channels/\d+/messages/\d+$"


@pytest.fixture
async def job(discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob) -> Job:  # noqa: ARG001 - the bot must run
    """A job about to be posted in a thread."""
    await shows(await discord_api.command("member", "trailer", "sora", ORDER), "Queued")
    return (await only_job()).evolve(status=Status.DELIVERING, posting_at=discord_api.clock())


def shut(discord_api: DiscordSandbox, *, archived: bool, locked: bool, may_manage: bool) -> None:
    """Put the thread away as moderators do; `may_manage` lets the bot undo it."""
    if may_manage:
        discord_api.allow("trailer", Permission.MANAGE_THREADS)
    if archived:
        discord_api.archive("trailer", locked=locked)
    elif locked:
        discord_api.lock("trailer")


def openings(discord_api: DiscordSandbox) -> list[Any]:
    """What the bot asked to be done to the thread."""
    patches = [entry for entry in discord_api.log if entry.method == "PATCH" and re.search(THREAD, entry.path)]
    return [entry.body for entry in patches]


@pytest.mark.parametrize(
    ("archived", "locked", "may_manage"),
    [(True, False, False), (True, True, True), (False, True, True)],
    ids=["archived", "archived and locked", "locked"],
)
async def test_a_video_is_posted_in_a_thread_that_was_put_away(
    archived: bool,
    locked: bool,
    may_manage: bool,
    discord_api: DiscordSandbox,
    delivery: Delivery,
    job: Job,
    video: Path,
):
    """A message opens an archived thread; of a locked one the bot has to be a manager. It replies to its card."""
    shut(discord_api, archived=archived, locked=locked, may_manage=may_manage)
    posted = await bring(delivery, job, video, look_first=True)
    (message,) = results(discord_api, "trailer")
    assert (message.id, message.reply_to) == (posted.message_id, job.destination.card_id)
    assert not discord_api.world.channel("trailer").archived


@pytest.mark.parametrize(
    ("archived", "sentence"), [(True, ARCHIVED_SENTENCE), (False, LOCKED_SENTENCE)], ids=["archived too", "locked"]
)
async def test_a_locked_thread_holds_the_video(
    archived: bool, sentence: str, discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """The person is told what the thread is and what the bot would need; it asks once to be let in."""
    shut(discord_api, archived=archived, locked=True, may_manage=False)
    with pytest.raises(Undeliverable) as caught:
        await bring(delivery, job, video)
    assert str(caught.value) == sentence
    assert openings(discord_api) == [{"archived": False}]
    assert results(discord_api, "trailer") == []


async def test_a_thread_that_a_message_does_not_open_is_opened(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Should Discord refuse the message after all, one request opens the thread and the message follows."""
    shut(discord_api, archived=True, locked=False, may_manage=False)
    refused = discord_api.faults.add(POSTS, method="POST", **ARCHIVED)
    await bring(delivery, job, video)
    assert (refused.hits, openings(discord_api)) == (1, [{"archived": False}])
    assert len(results(discord_api, "trailer")) == 1


async def test_a_thread_is_opened_once_only(discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path):
    """Where it is shut all the same, the video is held."""
    refused = discord_api.faults.add(POSTS, method="POST", times=-1, **ARCHIVED)
    with pytest.raises(Undeliverable, match="The thread is archived"):
        await bring(delivery, job, video)
    assert (refused.hits, len(openings(discord_api))) == (2, 1)


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True}], ids=["503", "dropped"])
async def test_a_thread_that_cannot_be_opened_now_is_tried_later(
    fault: dict[str, Any], discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path
):
    """Discord is away just then: that says nothing about what the bot may do."""
    shut(discord_api, archived=True, locked=True, may_manage=True)
    discord_api.faults.add(POSTS, method="POST", **ARCHIVED)
    discord_api.faults.add(THREAD, method="PATCH", **fault)
    with pytest.raises(DeliveryDelayed):
        await bring(delivery, job, video)


@pytest.mark.parametrize("age", [0, 20 * 60], ids=["token alive", "token dead"])
@pytest.mark.parametrize("locked", [False, True], ids=["archived", "archived and locked"])
async def test_a_card_in_an_archived_thread_is_brought_up_to_date(
    age: float, locked: bool, discord_api: DiscordSandbox, delivery: Delivery, job: Job, still: Path
):
    """An edit does not open a thread by itself, neither by the token nor by the channel."""
    discord_api.advance(age)
    shut(discord_api, archived=True, locked=locked, may_manage=locked)
    await delivery.show(job.evolve(status=Status.COMPLETED), still)
    card = card_of(job, discord_api)
    assert openings(discord_api) == [{"archived": False}]
    assert "Done" in card.text()
    assert [file.filename for file in card.files()] == [f"poster-{job.id}.jpg"]


async def test_a_card_in_a_locked_thread_stays_as_it_is(discord_api: DiscordSandbox, delivery: Delivery, job: Job):
    """The engine hears that it can never be edited."""
    shut(discord_api, archived=True, locked=True, may_manage=False)
    with pytest.raises(Undeliverable, match="The thread is archived"):
        await delivery.show(job.evolve(status=Status.FAILED, reason="No."))


async def test_a_private_result_of_a_shut_thread_comes_as_a_direct_message(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, video: Path
):
    """The card cannot become the video there."""
    private = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.faults.add("/webhooks/", method="PATCH", times=-1, **ARCHIVED)
    await bring(delivery, private, video)
    direct = discord_api.world.dm(discord_api.world.user("member"))
    assert len(results(discord_api, direct)) == 1
