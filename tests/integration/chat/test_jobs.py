"""What a person does with a job afterwards: by the buttons of its card and by /jobs."""

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Engine, Pool, event
from sqlalchemy.util import await_only

from bot.chat import actions
from bot.chat.client import Reelcord
from bot.jobs.job import Job, Status
from bot.jobs.store import KEEP_INPUTS, Store
from bot.sandbox.discord_api import Call, DiscordSandbox, Message
from tests.integration.chat.conftest import PROMPT, OnlyJob, Picture, Shows, StartBot, jobs_of


@pytest.fixture
async def card(bot: object, discord_api: DiscordSandbox, shows: Shows, picture: Picture) -> Message:  # noqa: ARG001 - asked for its effect
    """The card of a queued job of the member's."""
    return await shows(
        await discord_api.command("member", "general", "sora", PROMPT | {"image": picture(), "spoiler": True}), "Queued"
    )


@pytest.fixture
async def job(card: Message, only_job: OnlyJob) -> Job:  # noqa: ARG001 - asked for its effect
    """The queued job."""
    return await only_job()


async def ended(call: Call) -> str:
    """What the person reads in answer to a call."""
    await call.answered()
    for _ in range(200):
        said = [message.text() for message in [call.response, *call.followups] if message and message.text()]
        if call.followups or (said and not call.deferred):
            return said[-1]
        await asyncio.sleep(0.01)
    raise AssertionError("nothing was said")


def button(job: Job, action: str) -> str:
    """The custom_id of a job's button."""
    return f"reelcord:{action}:{job.id}"


async def test_cancel_drops_a_queued_job_for_free(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows, wakes: list[None]
):
    """The card says so at once, and nothing will be submitted."""
    wakes.clear()
    call = await discord_api.press("member", card, button(job, "cancel"))
    shown = await shows(call, "Cancelled")
    assert shown is card
    assert "nothing was charged" in card.text()
    cancelled = await store.get(job.id)
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED
    assert wakes == [None]


async def test_a_defer_answered_without_a_body_goes_on(
    discord_api: DiscordSandbox, job: Job, store: Store, shows: Shows
):
    """`/jobs cancel` defers first; a 204 to that is a yes."""
    discord_api.faults.add("/callback", after=True, status=204)
    await shows(await discord_api.command("member", "general", "jobs cancel", {"job": job.id}), "Cancelled")
    cancelled = await store.get(job.id)
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED


async def test_cancel_says_that_a_running_video_may_still_cost(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows
):
    """After the submit the provider works on, whatever we do."""
    await store.save(job.evolve(status=Status.IN_PROGRESS, video_id="v1"))
    await shows(await discord_api.press("member", card, button(job, "cancel")), "Cancelled")
    assert "may still make it and charge for it" in card.text()


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Status.SUBMITTING, "This job is being sent at this moment: cancel it again in a few seconds."),
        (Status.DELIVERING, "This video is made and on its way: there is nothing left to cancel."),
        (Status.COMPLETED, "This job is already over: there is nothing left to cancel."),
        (Status.CANCELLED, "This job is already over: there is nothing left to cancel."),
    ],
)
async def test_cancel_comes_too_late(
    status: Status, sentence: str, discord_api: DiscordSandbox, card: Message, job: Job, store: Store
):
    """The person is told, alone, and the job stays what it is."""
    await store.save(job.evolve(status=status))
    call = await discord_api.press("member", card, button(job, "cancel"))
    assert await ended(call) == sentence
    assert call.followups[0].ephemeral
    assert "Queued" in card.text()


@pytest.mark.parametrize(
    ("action", "status"), [("cancel", Status.QUEUED), ("again", Status.FAILED), ("bring", Status.HELD)]
)
async def test_others_have_no_say(
    action: str, status: Status, discord_api: DiscordSandbox, card: Message, job: Job, store: Store
):
    """The owner is checked from the row; who presses someone else's button is told so alone."""
    await _repaint(card, button(job, "cancel"), button(job, action))
    await store.save(job.evolve(status=status))
    call = await discord_api.press("newcomer", card, button(job, action))
    assert "This is someone else's job" in await ended(call)
    kept = await store.get(job.id)
    assert kept is not None
    assert kept.status is status
    assert await jobs_of(store, discord_api, "newcomer") == []


async def test_a_moderator_may_cancel(discord_api: DiscordSandbox, card: Message, job: Job, shows: Shows):
    """Who may manage the channel's messages keeps order in it: here the owner of the server."""
    await shows(await discord_api.press("owner", card, button(job, "cancel")), "Cancelled")


@pytest.mark.usefixtures("bot")
async def test_a_moderator_may_not_cancel_a_private_job(discord_api: DiscordSandbox, store: Store, shows: Shows):
    """What only one person sees keeps no channel in order, and the answer would show its prompt to another."""
    await shows(await discord_api.command("member", "general", "sora", PROMPT | {"private": True}), "Queued")
    (job,) = await jobs_of(store, discord_api)
    call = await discord_api.command("owner", "general", "jobs cancel", {"job": job.id})
    await shows(call, "This is someone else's job: only they may cancel it.")
    kept = await store.get(job.id)
    assert kept is not None
    assert kept.status is Status.QUEUED


async def test_again_orders_the_same_with_its_pictures(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows
):
    """A new job, a new card, the same submission down to the bytes; the old job is its parent."""
    await store.save(job.evolve(status=Status.FAILED))
    await _repaint(card, button(job, "cancel"), button(job, "again"))
    call = await discord_api.press("member", card, button(job, "again"))
    fresh = await shows(call, "Queued")
    assert fresh is not card
    jobs = await jobs_of(store, discord_api)
    new = next(each for each in jobs if each.id != job.id)
    again = await store.get(new.id, with_files=True)
    assert again is not None
    assert (again.parent_id, again.status, again.recipe) == (job.id, Status.QUEUED, job.recipe)
    assert again.submission == job.submission
    assert again.destination == replace(job.destination, card_id=fresh.id, token=call.token)


async def test_buttons_work_after_a_restart(
    discord_api: DiscordSandbox, start_bot: StartBot, shows: Shows, only_job: OnlyJob
):
    """The bot that answers is not the one that drew the card."""
    async with start_bot():
        first = await shows(await discord_api.command("member", "general", "sora", PROMPT), "Queued")
    async with start_bot():
        await shows(await discord_api.press("member", first, button(await only_job(), "cancel")), "Cancelled")


async def test_a_held_video_is_brought_where_the_person_is(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows, wakes: list[None]
):
    """/jobs show offers it; the job goes back to posting, with the new card as its place."""
    await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The channel is gone."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": job.id}), "Held")
    wakes.clear()
    call = await discord_api.press("member", shown, button(job, "bring"))
    place = await shows(call, "on its way")
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
):
    """The bot may die before the row is saved: the first card does not say that the video is being posted."""
    held = await store.save(job.evolve(status=Status.HELD, video_id="v1", reason="The channel is gone."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": job.id}), "Held")
    lock = sqlite3.connect(tmp_path / "jobs.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    call = await discord_api.press("member", shown, button(job, "bring"))
    await call.answered()
    assert call.response is not None
    assert "Posting" not in call.response.text()
    assert "look at `/jobs show`" in call.response.text()
    now = await store.get(job.id)
    assert now is not None
    assert (now.status, now.revision) == (Status.HELD, held.revision)
    lock.close()
    await shows(call, "on its way")


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
    discord_api._gateway.dispatch("INTERACTION_CREATE", call.event_json())
    await asyncio.wait_for(first.reached.wait(), 30)
    await asyncio.sleep(0.05)  # both have found the video held
    assert first.hold is not None
    first.hold.set()
    original = f"/webhooks/{discord_api.world.application_id}/{call.token}/messages/@original"
    await discord_api.wait_for(
        lambda: {"GET", "PATCH"} <= {e.method for e in discord_api.log if e.path.startswith(original) and e.status}
    )
    await asyncio.sleep(0.05)
    assert call.response is not None
    assert "on its way" in call.response.text()


async def test_list_shows_the_persons_own_jobs(discord_api: DiscordSandbox, card: Message, job: Job, shows: Shows):  # noqa: ARG001 - the card is there to be listed
    """Seen by the person only, each with its status in a word; another person has none."""
    mine = await shows(await discord_api.command("member", "general", "jobs list"), "Your jobs")
    assert mine.ephemeral
    assert f"`{job.id}` **Queued**" in mine.text()
    await shows(await discord_api.command("owner", "general", "jobs list"), "You have no jobs yet")


async def test_show_is_for_the_owner(discord_api: DiscordSandbox, job: Job, shows: Shows):
    """Ids that others read out are of no use to a stranger; an id that does not exist is said to be none."""
    shown = await shows(
        await discord_api.command("member", "general", "jobs show", {"job": f" {job.id.upper()} "}), "Queued"
    )
    assert shown.ephemeral
    stranger = await discord_api.command("owner", "general", "jobs show", {"job": job.id})
    assert await ended(stranger) == "This is someone else's job: only they may do that."
    nobody = await discord_api.command("member", "general", "jobs show", {"job": "nosuchjob"})
    assert await ended(nobody) == "There is no such job: choose one from the list that opens while you type."


async def test_cancel_by_command(discord_api: DiscordSandbox, job: Job, shows: Shows, store: Store):
    """The same as the button, answered to the person alone."""
    call = await discord_api.command("member", "general", "jobs cancel", {"job": job.id})
    shown = await shows(call, "Cancelled")
    assert shown.ephemeral
    cancelled = await store.get(job.id)
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED


async def test_again_by_command_waits_for_the_end(discord_api: DiscordSandbox, job: Job, store: Store):
    """A job still at work is not doubled by accident."""
    call = await discord_api.command("member", "general", "jobs again", {"job": job.id})
    assert await ended(call) == "This job is not over yet: wait for it, or cancel it first."
    assert len(await store.of_user(job.destination.user_id)) == 1


async def test_again_is_refused_when_the_pictures_are_gone(discord_api: DiscordSandbox, job: Job, store: Store):
    """Without its pictures it would be another, paid, video."""
    await store.save(job.evolve(status=Status.COMPLETED, finished_at=job.created_at - KEEP_INPUTS - 1))
    call = await discord_api.command("member", "general", "jobs again", {"job": job.id})
    assert "too old to be repeated" in await ended(call)
    assert len(await store.of_user(job.destination.user_id)) == 1


async def test_own_jobs_are_offered_while_typing(discord_api: DiscordSandbox, job: Job):
    """Id, status word and the start of the prompt; nothing of anyone else's."""
    offered = await discord_api.autocomplete("member", "general", "jobs show", {"job": "fox"}, focused="job")
    assert offered == [{"name": f"{job.id} · Queued · a red fox in the snow", "value": job.id}]
    assert await discord_api.autocomplete("owner", "general", "jobs show", {"job": ""}, focused="job") == []


async def test_a_failing_button_says_one_sentence(
    discord_api: DiscordSandbox, card: Message, job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Whatever breaks, the person reads a sentence and the log has the rest."""
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.execute("ALTER TABLE jobs RENAME TO gone")
    database.close()
    call = await discord_api.press("member", card, button(job, "cancel"))
    said = await ended(call)
    assert said == "Something went wrong here, and nothing was ordered by it. Please try again in a minute."
    assert "no such table" in capsys.readouterr().out


async def _repaint(card: Message, old: str, new: str) -> None:
    """Give the card another button, as an edit by the engine would."""
    for part in card.walk():
        if part.get("custom_id") == old:
            part["custom_id"] = new


async def test_a_click_that_another_process_has_refused_orders_nothing(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store
):
    """The answer found after an acknowledgement is a sentence, not a card: it can show no job, so there is none."""
    await store.save(job.evolve(status=Status.FAILED))
    await _repaint(card, button(job, "cancel"), button(job, "again"))
    wait = asyncio.Event()
    ours = discord_api.faults.add("/callback", method="POST", hold=wait)
    call = await discord_api.press("member", card, button(job, "again"))
    await asyncio.wait_for(ours.reached.wait(), 30)
    refusal = {"type": 4, "data": {"content": "This job is being repeated already.", "flags": 64}}
    path = f"{discord_api.api_url}/interactions/{call.id}/{call.token}/callback"
    async with aiohttp.ClientSession() as other, other.post(path, json=refusal) as answer:
        assert answer.status in (200, 204)
    wait.set()
    looked = f"/webhooks/{discord_api.world.application_id}/{call.token}/messages/@original"
    await discord_api.wait_for(lambda: any(e.path.startswith(looked) and e.status == 200 for e in discord_api.log))
    await asyncio.sleep(0.05)
    assert len(await store.of_user(job.destination.user_id)) == 1


async def test_a_double_click_on_again_is_one_order(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows
):
    """Each repeat is paid: clicks within a moment, and one more while the new job is at work, make one job."""
    await store.save(job.evolve(status=Status.FAILED))
    await _repaint(card, button(job, "cancel"), button(job, "again"))
    calls = [await discord_api.press("member", card, button(job, "again")) for _ in range(5)]
    said = [await ended(call) for call in calls]
    assert said.count("This job is being repeated already: look at its new card.") == 4
    (first,) = [call for call in calls if not call.ephemeral]
    await shows(first, "Queued")
    third = await discord_api.press("member", card, button(job, "again"))
    assert await ended(third) == "This job is being repeated already: look at its new card."
    assert len(await store.of_user(job.destination.user_id)) == 2


@contextmanager
def slow_database(seconds: float) -> Generator[None]:
    """Let each look at the jobs take this long, as on a machine under load."""

    def wait(_cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT jobs."):
            await_only(asyncio.sleep(seconds))

    event.listen(Engine, "do_execute", wait)
    try:
        yield
    finally:
        event.remove(Engine, "do_execute", wait)


async def test_all_that_again_reads_is_read_in_time(
    discord_api: DiscordSandbox,
    card: Message,
    job: Job,
    store: Store,
    shows: Shows,
    monkeypatch: pytest.MonkeyPatch,
):
    """Discord waits 3 seconds in all, not for each question to the database; what came too late can be pressed again."""
    await store.save(job.evolve(status=Status.FAILED))
    await _repaint(card, button(job, "cancel"), button(job, "again"))
    with slow_database(0.05), monkeypatch.context() as patch:
        patch.setattr(actions, "READ_SECONDS", 0.095)
        call = await discord_api.press("member", card, button(job, "again"))
        assert await ended(call) == "The bot's own list of jobs cannot be read just now: please try again soon."
        assert len(await store.of_user(job.destination.user_id)) == 1
    await shows(await discord_api.press("member", card, button(job, "again")), "Queued")


async def test_a_slow_list_costs_no_connection(
    bot: Reelcord, discord_api: DiscordSandbox, job: Job, monkeypatch: pytest.MonkeyPatch
):
    """Nothing is offered in time, and the query ends by itself: to cancel it would break its connection."""
    lost: list[object] = []

    def note(*what: object) -> None:
        lost.append(what)

    for name in ("close", "close_detached", "invalidate"):
        event.listen(Pool, name, note)
    try:
        with slow_database(0.05), monkeypatch.context() as patch:
            patch.setattr(bot.extensions["cogs.jobs"], "BUDGET_SECONDS", 0.01)
            options = {"job": "fox"}
            assert await discord_api.autocomplete("member", "general", "jobs show", options, focused="job") == []
            await asyncio.sleep(0.05)
        offered = await discord_api.autocomplete("member", "general", "jobs show", options, focused="job")
        assert [choice["value"] for choice in offered] == [job.id]
        assert lost == []
    finally:
        for name in ("close", "close_detached", "invalidate"):
            event.remove(Pool, name, note)
