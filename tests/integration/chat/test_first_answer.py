"""The card within three seconds, and never an order that the person was not told of."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot.chat import promises
from bot.jobs.job import Status, id_from
from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import PROMPT, OnlyJob, Picture, Shows, jobs_of, told_again

pytestmark = pytest.mark.usefixtures("bot")


def promised(folder: Path) -> list[str]:
    """The promises that stand, by the ids of their jobs."""
    with sqlite3.connect(folder / "jobs.db") as database:
        ids = [row[0] for row in database.execute("SELECT id FROM promises")]
    database.close()
    return ids


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


async def test_a_locked_database_refuses_at_once(
    discord_api: DiscordSandbox, store: Store, shows: Shows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Nothing can be written down, so no card is shown: the person is told in one sentence, and nothing comes of it."""
    lock = sqlite3.connect(tmp_path / "jobs.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with monkeypatch.context() as patch:
        patch.setattr(promises, "PROMISE_SECONDS", 0.05)
        calls = [await discord_api.command("member", "general", "sora", PROMPT) for _ in range(2)]
        for call in calls:
            await call.answered()
            assert call.ephemeral
            assert call.response is not None
            assert call.response.text() == promises.UNWRITTEN
    lock.execute("COMMIT")
    lock.close()
    later = await discord_api.command("member", "general", "sora", PROMPT)
    await shows(later, "Queued")
    assert [job.id for job in await jobs_of(store, discord_api)] == [id_from(later.token)]
    assert promised(tmp_path) == []


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
    await discord_api.wait_for(lambda: promised(tmp_path) == [])
    assert await jobs_of(store, discord_api) == []
    assert wakes == []


async def test_a_database_that_breaks_leaves_no_lie_on_the_card(
    discord_api: DiscordSandbox, shows: Shows, tmp_path: Path, wakes: list[None], picture: Picture
):
    """Neither the save nor a look at what became of it works: the card says so, and the promise stands until it is known."""
    reading = discord_api.faults.add("/ephemeral-attachments/", hold=asyncio.Event())
    call = await discord_api.command("member", "general", "sora", PROMPT | {"image": picture()})
    await asyncio.wait_for(reading.reached.wait(), 30)
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.execute("ALTER TABLE jobs RENAME TO gone")
    database.close()
    assert reading.hold is not None
    reading.hold.set()
    card = await shows(call, "Unconfirmed")
    assert "It is not certain that this was ordered" in card.text()
    assert promised(tmp_path) == [id_from(call.token)]
    assert wakes == []


async def test_a_command_told_twice_is_one_order(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """Two processes with one bot token, as at a deploy, both hear of the command; one job comes of it."""
    call = await discord_api.command("member", "general", "sora", PROMPT)
    await shows(call, "Queued")
    before = await only_job()
    await told_again(discord_api, call)
    assert await only_job() == before
    assert "Queued" in (call.response.text() if call.response else "")
    assert len(discord_api.messages("general")) == 1


async def test_a_command_told_late_to_another_process_spoils_no_card(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows, store: Store
):
    """The slower process finds the order made, and maybe ended: it neither says Queued again nor "not ordered"."""
    call = await discord_api.command("member", "general", "sora", PROMPT)
    card = await shows(call, "Queued")
    failed = await store.save((await only_job()).evolve(status=Status.FAILED, reason="No cats today."))
    before = card.text()
    await told_again(discord_api, call)
    assert card.text() == before  # the engine will say how it ended
    assert (await only_job()).revision == failed.revision


async def test_a_command_told_to_two_is_answered_by_the_first(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows, picture: Picture
):
    """While one process reads the picture, the other neither reads it nor refuses on the first one's card."""
    reading = discord_api.faults.add("/ephemeral-attachments/", hold=asyncio.Event())
    call = await discord_api.command("member", "general", "sora", PROMPT | {"image": picture()})
    await asyncio.wait_for(reading.reached.wait(), 30)
    refused = discord_api.faults.add("/ephemeral-attachments/", times=-1, status=404)
    await told_again(discord_api, call)
    assert refused.hits == 0
    assert call.response is not None
    assert "Checking" in call.response.text()
    assert reading.hold is not None
    reading.hold.set()
    await shows(call, "Queued")
    await only_job()


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


async def test_an_interaction_that_is_too_old_orders_nothing(discord_api: DiscordSandbox, store: Store, tmp_path: Path):
    """10062 is normal after a reconnect: it is logged, and nothing is said or ordered."""
    refused = discord_api.faults.add("/callback", status=404, body={"code": 10062, "message": "Unknown interaction"})
    await discord_api.command("member", "general", "sora", PROMPT)
    await asyncio.wait_for(refused.reached.wait(), 30)
    await discord_api.wait_for(lambda: promised(tmp_path) == [])
    assert [entry.path for entry in discord_api.log if "/webhooks/" in entry.path] == []
    assert await jobs_of(store, discord_api) == []


async def test_an_answer_carried_out_twice_is_one_order(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """The answer to the first try is spoilt, discord.py tries again and gets 40060: the card stands all the same."""
    discord_api.faults.add("/callback", after=True, status=500)
    call = await discord_api.command("member", "general", "sora", PROMPT)
    card = await shows(call, "Queued")
    assert (await only_job()).destination.card_id == card.id
