"""Presses that no card of ours offers, and interactions that are told twice."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.sandbox.discord_api import Call, DiscordSandbox
from tests.integration.chat.conftest import PROMPT, StartBot, answered, jobs_of
from tests.integration.chat.guard.conftest import (
    NOT_YOURS,
    Person,
    again,
    alone,
    everything,
    in_channels,
    job_of,
    press,
    rows,
    said,
)

JOB = "jbcdefghjk10"
#: What looks like a button's id and is none: the bot answers nothing, and the person sees "interaction failed".
NO_BUTTON = {
    "unknown action": f"reelcord:delete:{JOB}",
    "no action": f"reelcord::{JOB}",
    "two actions": f"reelcord:cancel|again:{JOB}",
    "no id": "reelcord:cancel:",
    "33 characters": "reelcord:cancel:" + "a" * 33,
    "100 characters": ("reelcord:cancel:" + JOB * 10)[:100],
    "line end behind": f"reelcord:cancel:{JOB}\n",
    "line end in front": f"\nreelcord:cancel:{JOB}",
    "a second line": f"reelcord:show:x\nreelcord:cancel:{JOB}",
    "space": f"reelcord:cancel: {JOB}",
    "NUL": f"reelcord:cancel:{JOB}\0",
    "more behind": f"reelcord:cancel:{JOB}:again",
    "more in front": f"x:reelcord:cancel:{JOB}",
    "upper case": f"reelcord:cancel:{JOB.upper()}",
    "another upper case": f"REELCORD:cancel:{JOB}",
    "Arabic digits": f"reelcord:cancel:{JOB[:-2]}\u0661\u0660",
    "full-width digits": f"reelcord:cancel:{JOB[:-2]}\uff11\uff10",
    "a letter that looks the same": f"reelcord:cancel:{JOB.replace('c', 'с')}",  # noqa: RUF001 - that is the point
    "lone surrogate": f"reelcord:cancel:{JOB}\ud800",
    "SQL": f"reelcord:cancel:{JOB[:-1]}%",
}
#: What is a button's id of no job.
NO_JOB = {
    "a shorter id": f"reelcord:cancel:{JOB[:-1]}",
    "a longer id": f"reelcord:cancel:{JOB}0",
    "one character": "reelcord:again:j",
    "32 characters": "reelcord:bring:" + "j" * 32,
}
TYPED = [
    "x",
    "%",
    "_" * 12,
    "jbcdefghjk1%",
    "a" * 6000,
    "\0",
    f"{JOB}\0",
    "\ud800",
    "' OR 1=1 --",
    "٣٤٥",
    "İ" * 12,
    "🎬",
]


@pytest.fixture
async def job(discord_api: DiscordSandbox, store: Store) -> Job:
    """A job of the member's that can be cancelled."""
    made = job_of(discord_api, 10)
    assert made.id == JOB
    await store.add(made)
    return made


@pytest.mark.usefixtures("bot", "job")
async def test_a_forged_custom_id_does_nothing(
    discord_api: DiscordSandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """Pressed by the owner, so that nothing but the id is in the way; a genuine one pressed after them all is answered."""
    place, before = discord_api.world.channel("general"), rows(tmp_path)
    forged = [press(discord_api, "member", place, custom_id) for custom_id in NO_BUTTON.values()]
    forged.append(press(discord_api, "member", place, f"reelcord:cancel:{JOB}", kind=3))
    forged.append(press(discord_api, "member", place, f"reelcord:cancel:{JOB}", shown=False))
    for custom_id in NO_JOB.values():
        assert await said(discord_api, press(discord_api, "member", place, custom_id)) == NOT_YOURS
    assert [call.data["custom_id"] for call in forged if call.acknowledged] == []
    assert (rows(tmp_path), in_channels(discord_api)) == (before, [])
    assert "nothing was charged" in await said(
        discord_api, press(discord_api, "member", place, f"reelcord:cancel:{JOB}")
    )
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.usefixtures("bot", "job")
@pytest.mark.parametrize("command", ["jobs show", "jobs cancel", "jobs again"])
async def test_whatever_is_typed_for_a_job_finds_no_other(
    command: str, discord_api: DiscordSandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """Wildcards, NULs, lone surrogates, 6,000 characters: the same sentence as for a job that never was, and no error."""
    before = rows(tmp_path)
    for typed in TYPED:
        call = await discord_api.command("member", "general", command, {"job": typed})
        assert (await said(discord_api, call), alone(call)) == (NOT_YOURS, True), typed
    for typed in TYPED:
        offered = await discord_api.autocomplete("newcomer", "general", command, {"job": typed}, focused="job")
        assert offered == [], typed
    assert rows(tmp_path) == before
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.usefixtures("bot")
async def test_a_private_job_is_to_others_what_never_was(discord_api: DiscordSandbox, job: Job, store: Store):
    """Byte for byte the same answer, by every command and for a moderator of the channel too."""
    hidden = await store.save(job.evolve(destination=job_of(discord_api, 10, private=True).destination))
    keeper = Person("moderator", "general", moderates="general")
    place = keeper.prepare(discord_api)
    for command in ("jobs show", "jobs cancel", "jobs again"):
        calls = [
            await discord_api.command(keeper.user, place, command, {"job": name})
            for name in (hidden.id, "zzzzzzzzzzzz")
        ]
        assert [await said(discord_api, call) for call in calls] == [NOT_YOURS, NOT_YOURS]
        assert [call.answer_type for call in calls] == [calls[0].answer_type] * 2
        assert len({everything(call) for call in calls}) == 1


Act = Callable[[DiscordSandbox], Awaitable[Call]]


async def _order(discord_api: DiscordSandbox) -> Call:
    return await discord_api.command("member", "general", "sora", PROMPT)


async def _repeat(discord_api: DiscordSandbox) -> Call:
    return press(discord_api, "member", discord_api.world.channel("general"), f"reelcord:again:{JOB}")


async def _repeat_by_command(discord_api: DiscordSandbox) -> Call:
    return await discord_api.command("member", "general", "jobs again", {"job": JOB})


@pytest.mark.parametrize("act", [_order, _repeat, _repeat_by_command], ids=["order", "again", "jobs again"])
@pytest.mark.parametrize("restarted", [False, True], ids=["at once", "after a restart"])
async def test_an_interaction_that_is_told_twice_is_one_order(
    act: Act, restarted: bool, start_bot: StartBot, discord_api: DiscordSandbox, job: Job, store: Store
):
    """The same id and token, at the same moment, once it has been carried out, and once the new job has ended."""
    await store.save(job.evolve(status=Status.FAILED))
    async with start_bot():
        call = await act(discord_api)
        if not restarted:
            again(discord_api, call)
        await said(discord_api, call)
        await _settled(discord_api)
        (made,) = [each for each in await jobs_of(store, discord_api) if each.id != JOB]
        if not restarted:
            again(discord_api, call)
            await _settled(discord_api)
            await store.save(made.evolve(status=Status.FAILED))
            again(discord_api, call)
            await _settled(discord_api)
    if restarted:
        await store.save(made.evolve(status=Status.FAILED))
        async with start_bot():
            again(discord_api, call)
            await _settled(discord_api)
    assert [each.id for each in await jobs_of(store, discord_api) if each.id != JOB] == [made.id]


@pytest.mark.usefixtures("bot")
async def test_a_press_told_twice_cancels_once(discord_api: DiscordSandbox, job: Job, store: Store):
    """The row has changed once, and one answer stands."""
    call = press(discord_api, "member", discord_api.world.channel("general"), f"reelcord:cancel:{job.id}")
    again(discord_api, call)
    await said(discord_api, call)
    await _settled(discord_api)
    now = await store.get(job.id)
    assert now is not None
    assert (now.status, now.revision) == (Status.CANCELLED, job.revision + 1)


@pytest.mark.usefixtures("bot")
async def test_a_press_on_the_old_card_of_a_job_that_was_moved_moves_nothing(
    discord_api: DiscordSandbox, job: Job, store: Store, tmp_path: Path
):
    """Neither its owner brings it back by the card left behind, nor has the old channel's moderator a say any more."""
    held = await store.save(job.evolve(status=Status.HELD, video_id="v1"))
    old, new = discord_api.world.channel("general"), discord_api.world.channel("after-dark")
    await said(discord_api, press(discord_api, "member", new, f"reelcord:bring:{held.id}"))
    moved = await store.get(held.id)
    assert moved is not None
    assert (moved.status, moved.destination.channel_id) == (Status.DELIVERING, new.id)
    before = rows(tmp_path)
    back = await said(discord_api, press(discord_api, "member", old, f"reelcord:bring:{held.id}"))
    assert back == "This video is not held back any more: look at `/jobs show`."
    keeper = Person("moderator", "general", moderates="general")
    keeper.prepare(discord_api)
    for action in ("cancel", "again", "bring"):
        assert (
            await said(discord_api, press(discord_api, keeper.user, old, f"reelcord:{action}:{held.id}")) == NOT_YOURS
        )
    assert rows(tmp_path) == before


async def _settled(discord_api: DiscordSandbox) -> None:
    """Wait until the bot has dealt with everything it was told: it is told in turn, so one thing more comes last."""
    await said(discord_api, await discord_api.command("newcomer", "general", "jobs list"))
    await answered()
