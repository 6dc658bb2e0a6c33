"""Cards whose process died, or gave up, before the row they announced: each one says so in the end."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.chat.client import Reelcord
from bot.jobs.delivery import DeliveryDelayed, Undeliverable
from bot.jobs.job import Status, id_from
from bot.jobs.promise import Promise
from bot.jobs.promises import LONGEST
from bot.jobs.store import Store
from bot.sandbox.discord_api import Call, DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.conftest import PROMPT, Join, OnlyJob, Picture, Shows, StartBot, jobs_of
from tests.integration.chat.jobs.conftest import button


def promise_of(
    call: Call, discord_api: DiscordSandbox, *, held_id: str | None = None, owner: str | None = None
) -> Promise:
    """What was written down before a call was answered."""
    return Promise(
        token=call.token,
        application_id=discord_api.world.application_id,
        user_id=call.user.id,
        command=call.name,
        held_id=held_id,
        owner=owner,
        made_at=time.time(),
    )


async def being_read(discord_api: DiscordSandbox, picture: Picture, gate: asyncio.Event) -> Call:
    """A command whose card says Checking, and whose picture does not come until the gate is opened."""
    reading = discord_api.faults.add("/ephemeral-attachments/", hold=gate)
    call = await discord_api.command("member", "general", "veo", PROMPT | {"image": picture()})
    await asyncio.wait_for(reading.reached.wait(), 30)
    return call


def given_up(folder: Path) -> list[str]:
    """The promises that are left to the engine."""
    with sqlite3.connect(folder / "jobs.db") as database:
        ids = [row[0] for row in database.execute("SELECT id FROM promises WHERE owner IS NULL")]
    database.close()
    return ids


@pytest.fixture
async def bot(start_bot: StartBot) -> AsyncIterator[Reelcord]:
    """A bot whose process goes by a known name."""
    async with start_bot(owner="first") as started:
        yield started


TOLD = {
    None: (
        "### /jobs list · Not ordered\n"
        "The bot was interrupted while it checked this. Nothing was charged: please give the command again."
    ),
    "abcdefghjkmn": (
        "### /jobs list · Not posted here\n"
        "The bot was interrupted while it fetched this video. It is still held: look at `/jobs show`."
    ),
}


@pytest.mark.parametrize("held_id", TOLD)
async def test_a_broken_promise_is_told_on_its_card(held_id: str | None, bot: Reelcord, discord_api: DiscordSandbox):
    """Whoever finds it edits the card by the token alone, twice if need be."""
    call = await (await discord_api.command("member", "general", "jobs list", {})).answered()
    for _ in range(2):
        await bot.delivery.retract(promise_of(call, discord_api, held_id=held_id))
        assert call.response is not None
        assert call.response.text() == TOLD[held_id]


async def test_what_was_given_up_is_never_ordered(
    bot: Reelcord, store: Store, discord_api: DiscordSandbox, picture: Picture, shows: Shows
):
    """A process that only slept, and was taken for dead, comes back to its order: the person was told, so it ends there."""
    gate = asyncio.Event()
    call = await being_read(discord_api, picture, gate)
    assert await store.promises.break_those_of(["first"]) == 1
    (broken,) = await store.promises.broken()
    assert broken.id == id_from(call.token)
    assert call.token not in repr(broken)
    await store.promises.settle(bot.delivery)
    card = await shows(call, "Not ordered")
    told = card.text()
    gate.set()
    await discord_api.wait_for(lambda: len([e for e in discord_api.log if e.method == "PATCH" and e.status]) == 2)
    assert card.text() == told
    assert await jobs_of(store, discord_api) == []
    assert await store.promises.broken() == []


@pytest.mark.usefixtures("bot")
async def test_a_refusal_that_cannot_be_said_is_left_to_the_engine(
    discord_api: DiscordSandbox, picture: Picture, tmp_path: Path
):
    """The picture does not come and Discord takes no edit: the card is not forgotten."""
    discord_api.faults.add("/ephemeral-attachments/", times=-1, status=404)
    discord_api.faults.add("/messages/@original", method="PATCH", drop=True)
    call = await discord_api.command("member", "general", "veo", PROMPT | {"image": picture()})
    await discord_api.wait_for(lambda: given_up(tmp_path) == [id_from(call.token)])


ANSWERS: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"status": 404, "body": {"code": 10008, "message": "Unknown Message"}}, Undeliverable),
    ({"status": 404, "body": {"code": 10015, "message": "Unknown Webhook"}}, Undeliverable),
    ({"status": 401, "body": {"code": 50027, "message": "Invalid Webhook Token"}}, Undeliverable),
    ({"drop": True}, DeliveryDelayed),
]


@pytest.mark.parametrize(("answer", "means"), ANSWERS)
async def test_what_discord_says_to_a_retraction(
    answer: dict[str, Any],
    means: type[Exception],
    bot: Reelcord,
    discord_api: DiscordSandbox,
):
    """A token that is dead, or an answer that was never given, is the end of it; an outage is not."""
    call = await (await discord_api.command("member", "general", "jobs list", {})).answered()
    discord_api.faults.add("/messages/@original", method="PATCH", times=-1, **answer)
    with pytest.raises(means):
        await bot.delivery.retract(promise_of(call, discord_api))


@pytest.fixture
async def service() -> AsyncIterator[VideoApiSandbox]:
    """A video service that is never asked."""
    async with VideoApiSandbox() as started:
        yield started


async def test_the_engine_tells_at_its_start(
    join: Join, service: VideoApiSandbox, store: Store, discord_api: DiscordSandbox, shows: Shows
):
    """What a process has left behind that gave no sign of its death, as one on another machine, is known by its age."""
    async with join(service):
        call = await (await discord_api.command("member", "general", "jobs list", {})).answered()
        old = replace(promise_of(call, discord_api, owner="elsewhere"), made_at=time.time() - LONGEST - 1)
        assert await store.promises.make(old, seconds=30)
    async with join(service):
        await shows(call, "Not ordered")
    assert service.posts == []


async def test_a_held_video_whose_move_fails_stays_held_and_is_said_to_be(
    bot: Reelcord, discord_api: DiscordSandbox, store: Store, shows: Shows, only_job: OnlyJob, tmp_path: Path
):
    """The disk is full just as the move is saved."""
    await shows(await discord_api.command("member", "general", "sora", PROMPT), "Queued")
    held = await store.save((await only_job()).evolve(status=Status.HELD, video_id="v1", reason="It was closed."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": held.id}), "Held")
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.execute("CREATE TRIGGER full BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    database.close()
    await shows(await discord_api.press("member", shown, button(held, "bring")), "It is still held")
    assert await only_job() == held
    assert await store.promises.break_those_of([bot.desk.owner]) == 0
