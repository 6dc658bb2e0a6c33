"""A held video is brought where the person is, once, and never promised before it is saved."""

import asyncio
import sqlite3
from pathlib import Path

import discord
import pytest
from structlog.testing import capture_logs

from bot.chat import cards, promises
from bot.chat.client import Reelcord
from bot.chat.delivery import DiscordDelivery
from bot.jobs.delivery import Result
from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.media import probe
from bot.sandbox.discord_api import DiscordSandbox, Message
from tests.integration.chat.conftest import PROMPT, OnlyJob, Shows, results, told_again
from tests.integration.chat.jobs.conftest import button, ended, labels, repaint


async def test_a_held_video_is_brought_where_the_person_is(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows, wakes: list[None]
):
    """/jobs show offers it; the job goes back to posting, with the new card as its place."""
    await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The channel is gone."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": job.id}), "Held")
    wakes.clear()
    with capture_logs() as logs:
        call = await discord_api.press("member", shown, button(job, "bring"))
        place = await shows(call, "on its way")
    assert [line["job"] for line in logs if line["action"] == "job_moved"] == [job.id]
    moved = await store.get(job.id)
    assert moved is not None
    assert (moved.status, moved.destination.channel_id, moved.destination.card_id) == (
        Status.DELIVERING,
        discord_api.world.channel("after-dark").id,
        place.id,
    )
    assert moved.due_at is not None
    assert wakes == [None]
    assert card.id != place.id


async def test_a_press_that_was_not_saved_promises_nothing(
    discord_api: DiscordSandbox,
    card: Message,  # noqa: ARG001 - the job's first place
    job: Job,
    store: Store,
    shows: Shows,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """Nothing can be written down, so the person is told at once, and the video stays held until the next press."""
    held = await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The channel is gone."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": job.id}), "Held")
    lock = sqlite3.connect(tmp_path / "jobs.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with monkeypatch.context() as patch:
        patch.setattr(promises, "PROMISE_SECONDS", 0.05)
        call = await discord_api.press("member", shown, button(job, "bring"))
        await call.answered()
    assert call.ephemeral
    assert call.response is not None
    assert call.response.text() == promises.UNWRITTEN
    now = await store.get(job.id)
    assert now is not None
    assert (now.status, now.revision) == (Status.HELD, held.revision)
    lock.close()
    await shows(await discord_api.press("member", shown, button(job, "bring")), "on its way")


async def test_a_press_told_twice_brings_the_video_once(
    discord_api: DiscordSandbox,
    card: Message,  # noqa: ARG001 - the job's first place
    job: Job,
    store: Store,
    shows: Shows,
):
    """Two processes with one bot token share the one card of the press: neither says there that it came too late."""
    await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The channel is gone."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": job.id}), "Held")
    first = discord_api.faults.add("/callback", method="POST", hold=asyncio.Event())
    call = await discord_api.press("member", shown, button(job, "bring"))
    await asyncio.wait_for(first.reached.wait(), 30)
    await told_again(discord_api, call)
    assert first.hold is not None
    first.hold.set()
    await shows(call, "on its way")


async def test_a_card_left_behind_says_where_the_video_went(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows
):
    """The old card no longer calls it held: it leads to the new one, and has no button of its own."""
    await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The bot may not post here."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": job.id}), "Held")
    place = await shows(await discord_api.press("member", shown, button(job, "bring")), "on its way")
    assert not place.ephemeral
    await discord_api.wait_for(lambda: "Moved" in card.text(), what="the old card's news")
    assert "This video goes to another place now." in card.text()
    assert labels(card) == ["Go to it"]
    assert [part["url"].rpartition("/")[2] for part in card.walk() if part.get("style") == 5] == [str(place.id)]


async def test_a_card_left_behind_names_no_place_of_another_server(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows
):
    """Where else a person is, is nobody's business there."""
    await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The bot may not post here."))
    shown = await shows(await discord_api.command("member", "screening", "jobs show", {"job": job.id}), "Held")
    await shows(await discord_api.press("member", shown, button(job, "bring")), "on its way")
    await discord_api.wait_for(lambda: "Moved" in card.text(), what="the old card's news")
    assert labels(card) == []


async def test_a_held_card_can_be_pressed_itself(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows
):
    """Once the channel can be posted to again: a new card below, and the old one leads to it."""
    await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The bot may not post here."))
    repaint(card, job, "bring")
    place = await shows(await discord_api.press("member", card, button(job, "bring")), "on its way")
    assert place is not card
    await discord_api.wait_for(lambda: "Moved" in card.text(), what="the old card's news")
    moved = await store.get(job.id)
    assert moved is not None
    assert (moved.status, moved.destination.channel_id) == (Status.DELIVERING, card.channel.id)
    assert labels(card) == ["Go to it"]


async def test_two_presses_are_one_move(
    discord_api: DiscordSandbox,
    card: Message,  # noqa: ARG001 - the job's first place
    job: Job,
    store: Store,
    shows: Shows,
    wakes: list[None],
):
    """Both were read while the video was held: one card gets it, the other says that it came too late."""
    await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The channel is gone."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": job.id}), "Held")
    wakes.clear()
    wait = asyncio.Event()
    both = discord_api.faults.add("/callback", method="POST", times=2, hold=wait)
    calls = [await discord_api.press("member", shown, button(job, "bring")) for _ in range(2)]
    await discord_api.wait_for(lambda: both.hits == 2, what="both to have found the video held")
    wait.set()
    await discord_api.wait_for(
        lambda: all(call.response and "Checking" not in call.response.text() for call in calls), what="both ends"
    )
    texts = [call.response.text() for call in calls if call.response]
    assert sorted("Posting" in text for text in texts) == [False, True]
    (late,) = [text for text in texts if "Posting" not in text]
    assert late == (
        "### /sora · Not posted here\nThis video was asked for a moment earlier: look at `/jobs show` for where it goes."
    )
    assert wakes == [None]
    again = await discord_api.press("member", shown, button(job, "bring"))
    assert await ended(discord_api, again) == "This video is not held back any more: look at `/jobs show`."


@pytest.mark.parametrize("private", [False, True])
async def test_a_notice_posts_the_video_into_its_own_conversation(
    private: bool,
    bot: Reelcord,
    discord_api: DiscordSandbox,
    shows: Shows,
    only_job: OnlyJob,
    store: Store,
    video: Path,
):
    """The whole way of a direct message's button: an ordinary card there, then the video, seen for ever."""
    await shows(await discord_api.command("member", "general", "sora", PROMPT | {"private": private}), "Queued")
    held = await store.save((await only_job()).evolve(status=Status.HELD, video_id="v1", reason="It was closed."))
    member = discord_api.world.user("member")
    sent = await (await bot.create_dm(discord.Object(member.id))).send(view=cards.held_notice(held))
    notice = discord_api.world.messages[sent.id]
    call = await discord_api.press("member", notice, button(held, "bring"))
    place = await shows(call, "on its way")
    assert (place.channel, place.ephemeral) == (notice.channel, False)
    await discord_api.wait_for(lambda: "Moved" in notice.text(), what="the notice's news")
    moved = await store.get(held.id)
    assert moved is not None
    assert (moved.destination.channel_id, moved.destination.private) == (notice.channel.id, private)
    delivery = DiscordDelivery(bot, None, clock=discord_api.clock)
    posted = await delivery.post(moved, Result(video=await probe(video), poster=None, original=None))
    (message,) = results(discord_api, notice.channel)
    assert (message.id, message.ephemeral) == (posted.message_id, False)
    assert results(discord_api, "general") == []


@pytest.mark.usefixtures("bot")
async def test_a_private_video_stays_private(
    discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob, store: Store
):
    """Pressed in a channel, its new place is an answer that only the person sees."""
    await shows(await discord_api.command("member", "general", "sora", PROMPT | {"private": True}), "Queued")
    held = await store.save((await only_job()).evolve(status=Status.HELD, video_id="v1", reason="It was closed."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": held.id}), "Held")
    place = await shows(await discord_api.press("member", shown, button(held, "bring")), "on its way")
    assert place.ephemeral
    moved = await store.get(held.id)
    assert moved is not None
    assert moved.destination.private


async def test_a_card_out_of_reach_is_let_be(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows, wakes: list[None]
):
    """Its channel is gone, which is why the video was held: the move goes on all the same."""
    await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The channel is gone."))
    discord_api.delete_channel(card.channel)
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": job.id}), "Held")
    wakes.clear()
    await shows(await discord_api.press("member", shown, button(job, "bring")), "on its way")
    tried = f"/channels/{card.channel.id}/messages/{card.id}"
    await discord_api.wait_for(lambda: any(entry.path.endswith(tried) for entry in discord_api.log), what="the try")
    assert wakes == [None]
