"""Ordering the same again: by the card's button and by /jobs again, paid once a wish."""

import asyncio
from dataclasses import replace

import aiohttp
import pytest

from bot.chat import actions
from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.jobs.upkeep import KEEP_INPUTS
from bot.sandbox.discord_api import DiscordSandbox, Message
from tests.integration.chat.conftest import Shows, jobs_of
from tests.integration.chat.jobs.conftest import button, ended, repaint, slow_database


async def test_again_orders_the_same_with_its_pictures(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows
):
    """A new job, a new card, the same submission down to the bytes; the old job is its parent."""
    await store.save(job.evolve(status=Status.FAILED))
    repaint(card, job, "again")
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


async def test_again_by_command_waits_for_the_end(discord_api: DiscordSandbox, job: Job, store: Store):
    """A job still at work is not doubled by accident."""
    call = await discord_api.command("member", "general", "jobs again", {"job": job.id})
    assert await ended(discord_api, call) == "This job is not over yet: wait for it, or cancel it first."
    assert len(await store.of_user(job.destination.user_id)) == 1


async def test_again_is_refused_when_the_pictures_are_gone(discord_api: DiscordSandbox, job: Job, store: Store):
    """Without its pictures it would be another, paid, video."""
    await store.save(job.evolve(status=Status.COMPLETED, finished_at=job.created_at - KEEP_INPUTS - 1))
    call = await discord_api.command("member", "general", "jobs again", {"job": job.id})
    assert "too old to be repeated" in await ended(discord_api, call)
    assert len(await store.of_user(job.destination.user_id)) == 1


async def test_a_click_that_another_process_has_refused_orders_nothing(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store
):
    """The answer found after an acknowledgement is a sentence, not a card: it can show no job, so there is none."""
    await store.save(job.evolve(status=Status.FAILED))
    repaint(card, job, "again")
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
    repaint(card, job, "again")
    calls = [await discord_api.press("member", card, button(job, "again")) for _ in range(5)]
    said = [await ended(discord_api, call) for call in calls]
    assert said.count("This job is being repeated already: look at its new card.") == 4
    (first,) = [call for call in calls if not call.ephemeral]
    await shows(first, "Queued")
    third = await discord_api.press("member", card, button(job, "again"))
    assert await ended(discord_api, third) == "This job is being repeated already: look at its new card."
    assert len(await store.of_user(job.destination.user_id)) == 2


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
    repaint(card, job, "again")
    with slow_database(0.05), monkeypatch.context() as patch:
        patch.setattr(actions, "READ_SECONDS", 0.095)
        call = await discord_api.press("member", card, button(job, "again"))
        assert (
            await ended(discord_api, call)
            == "The bot's own list of jobs cannot be read just now: please try again soon."
        )
        assert len(await store.of_user(job.destination.user_id)) == 1
    await shows(await discord_api.press("member", card, button(job, "again")), "Queued")
