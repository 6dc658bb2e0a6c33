"""A held video is brought where the person is, once, and never promised before it is saved."""

import asyncio
import sqlite3
from pathlib import Path

from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox, Message
from tests.integration.chat.conftest import Shows
from tests.integration.chat.jobs.conftest import button


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
