"""The card within three seconds, and never an order that the person was not told of."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.job import Status
from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import PROMPT, OnlyJob, Picture, Shows, jobs_of

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_slow_file_store_does_not_delay_the_first_answer(
    discord_api: DiscordSandbox, store: Store, shows: Shows, picture: Picture
):
    """The card comes first and says that nothing is ordered yet; the picture may take its time."""
    gate = asyncio.Event()
    reading = discord_api.faults.add("/ephemeral-attachments/", hold=gate)
    call = await discord_api.command("member", "general", "veo", PROMPT | {"image": picture()})
    await call.answered(timeout=1.0)
    assert call.response is not None
    assert "Checking" in call.response.text()
    assert "Nothing has been ordered yet." in call.response.text()
    assert "look at `/jobs list`" in call.response.text()  # the bot may die here, and this card with it
    await asyncio.wait_for(reading.reached.wait(), 30)
    assert await jobs_of(store, discord_api) == []
    gate.set()
    await shows(call, "Queued")


async def test_a_locked_database_does_not_delay_the_first_answer(
    discord_api: DiscordSandbox, shows: Shows, tmp_path: Path, only_job: OnlyJob
):
    """Another process writes: the card comes in time, and the order follows when the lock is gone."""
    lock = sqlite3.connect(tmp_path / "jobs.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    call = await discord_api.command("member", "general", "sora", PROMPT)
    await call.answered(timeout=1.0)
    assert call.response is not None
    assert "Checking" in call.response.text()
    lock.execute("COMMIT")
    lock.close()
    card = await shows(call, "Queued")
    assert (await only_job()).id in card.text()


async def test_a_row_that_cannot_be_saved_is_no_order(
    discord_api: DiscordSandbox, store: Store, shows: Shows, tmp_path: Path, wakes: list[None]
):
    """The card says plainly that nothing was ordered."""
    database = sqlite3.connect(tmp_path / "jobs.db")
    database.execute("CREATE TRIGGER full BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    database.commit()
    database.close()
    call = await discord_api.command("member", "general", "sora", PROMPT)
    card = await shows(call, "Not ordered")
    assert "so nothing was ordered: please try again soon" in card.text()
    assert await jobs_of(store, discord_api) == []
    assert wakes == []


async def test_a_database_that_breaks_leaves_no_lie_on_the_card(
    discord_api: DiscordSandbox, shows: Shows, tmp_path: Path, wakes: list[None]
):
    """Neither the save nor a look at what became of it works: the card says that it does not know."""
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.execute("ALTER TABLE jobs RENAME TO gone")
    database.close()
    card = await shows(await discord_api.command("member", "general", "sora", PROMPT), "Unconfirmed")
    assert "It is not certain that this was ordered" in card.text()
    assert wakes == []


async def test_a_command_told_twice_is_one_order(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """Two processes with one bot token, as at a deploy, both hear of the command; one job comes of it."""
    call = await discord_api.command("member", "general", "sora", PROMPT)
    await shows(call, "Queued")
    before = await only_job()
    discord_api._gateway.dispatch("INTERACTION_CREATE", call.event_json())
    path = f"/interactions/{call.id}"
    await discord_api.wait_for(
        lambda: len([e for e in discord_api.log if e.path.startswith(path) and e.status == 400]) == 1
    )
    await asyncio.sleep(0.05)
    assert await only_job() == before
    assert "Queued" in (call.response.text() if call.response else "")
    assert len(discord_api.messages("general")) == 1


@pytest.mark.parametrize("cdn", ["answers", "fails"])
async def test_a_command_told_late_to_another_process_spoils_no_card(
    cdn: str,
    discord_api: DiscordSandbox,
    only_job: OnlyJob,
    shows: Shows,
    picture: Picture,
    store: Store,
):
    """The slower process finds the order made, and maybe ended: it neither says Queued again nor "not ordered"."""
    call = await discord_api.command("member", "general", "sora", PROMPT | {"image": picture()})
    card = await shows(call, "Queued")
    job = await only_job()
    failed = await store.save(job.evolve(status=Status.FAILED, reason="No cats today."))
    fault = discord_api.faults.add("/ephemeral-attachments/", times=-1, status=404) if cdn == "fails" else None
    discord_api._gateway.dispatch("INTERACTION_CREATE", call.event_json())
    looked = f"/interactions/{call.id}"
    await discord_api.wait_for(lambda: any(e.path.startswith(looked) and e.status == 400 for e in discord_api.log))
    if fault:
        await discord_api.wait_for(lambda: fault.hits)
        await asyncio.sleep(0.05)
        assert "Queued" in card.text()  # as the first process left it: the engine will say how it ended
    else:
        await shows(call, "No cats today.")
    assert (await only_job()).revision == failed.revision


async def test_a_lost_answer_is_found_again(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """Discord made the card, the connection dropped: the card is looked for, and there is one of each."""
    discord_api.faults.add("/callback", after=True, drop=True)
    call = await discord_api.command("member", "general", "sora", PROMPT)
    card = await shows(call, "Queued")
    assert (await only_job()).destination.card_id == card.id
    assert len(discord_api.messages("general")) == 1


NO_WORD_OF_THE_CARD: dict[str, dict[str, Any]] = {
    "no body": {"status": 204},
    "empty object": {"status": 200, "body": b"{}", "headers": {"Content-Type": "application/json"}},
    "no message": {
        "status": 200,
        "body": b'{"interaction": {"id": "1", "type": 2}}',
        "headers": {"Content-Type": "application/json"},
    },
}


@pytest.mark.parametrize("answer", NO_WORD_OF_THE_CARD.values(), ids=NO_WORD_OF_THE_CARD)
@pytest.mark.parametrize("private", [False, True])
async def test_an_answer_that_says_nothing_of_the_card_is_a_yes(
    answer: dict[str, Any], private: bool, discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows
):
    """A proxy that drops `with_response` makes Discord answer 204, which discord.py 2.7 cannot read."""
    discord_api.faults.add("/callback", after=True, **answer)
    card = await shows(await discord_api.command("member", "general", "sora", PROMPT | {"private": private}), "Queued")
    where = (await only_job()).destination
    assert (where.card_id, where.private) == (card.id, private)


async def test_a_card_that_cannot_be_read_is_written_again(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows
):
    """The answer says nothing of the card and the card cannot be fetched: editing it tells which message it is."""
    discord_api.faults.add("/callback", after=True, status=204)
    discord_api.faults.add("/messages/@original", method="GET", status=404, times=-1)
    card = await shows(await discord_api.command("member", "general", "sora", PROMPT), "Queued")
    assert (await only_job()).destination.card_id == card.id


async def test_an_answer_that_never_arrived_orders_nothing(discord_api: DiscordSandbox, store: Store):
    """The connection dropped before Discord saw the answer: no card, so no order."""
    discord_api.faults.add("/callback", drop=True)
    call = await discord_api.command("member", "general", "sora", PROMPT)
    await discord_api.wait_for(lambda: any("/messages/@original" in entry.path for entry in discord_api.log))
    await asyncio.sleep(0.05)
    assert not call.acknowledged
    assert await jobs_of(store, discord_api) == []


async def test_an_interaction_that_is_too_old_orders_nothing(discord_api: DiscordSandbox, store: Store):
    """10062 is normal after a reconnect: it is logged, and nothing is said or ordered."""
    refused = discord_api.faults.add("/callback", status=404, body={"code": 10062, "message": "Unknown interaction"})
    await discord_api.command("member", "general", "sora", PROMPT)
    await asyncio.wait_for(refused.reached.wait(), 30)
    await asyncio.sleep(0.05)
    assert [entry.path for entry in discord_api.log if "/webhooks/" in entry.path] == []
    assert await jobs_of(store, discord_api) == []


async def test_an_answer_carried_out_twice_is_one_order(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """The answer to the first try is spoilt, discord.py tries again and gets 40060: the card stands all the same."""
    discord_api.faults.add("/callback", after=True, status=500)
    call = await discord_api.command("member", "general", "sora", PROMPT)
    card = await shows(call, "Queued")
    assert (await only_job()).destination.card_id == card.id
