"""What holds for every button: whose it is, which bot answers it, and what a failure says."""

import sqlite3
from pathlib import Path

import pytest

from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox, Message
from tests.integration.chat.conftest import PROMPT, OnlyJob, Shows, StartBot, jobs_of
from tests.integration.chat.jobs.conftest import button, ended, repaint


@pytest.mark.parametrize(
    ("action", "status"), [("cancel", Status.QUEUED), ("again", Status.FAILED), ("bring", Status.HELD)]
)
async def test_others_have_no_say(
    action: str, status: Status, discord_api: DiscordSandbox, card: Message, job: Job, store: Store
):
    """The owner is checked from the row; who presses someone else's button is told so alone."""
    repaint(card, job, action)
    await store.save(job.evolve(status=status))
    call = await discord_api.press("newcomer", card, button(job, action))
    assert "You have no such job" in await ended(discord_api, call)
    kept = await store.get(job.id)
    assert kept is not None
    assert kept.status is status
    assert await jobs_of(store, discord_api, "newcomer") == []


async def test_buttons_work_after_a_restart(
    discord_api: DiscordSandbox, start_bot: StartBot, shows: Shows, only_job: OnlyJob
):
    """The bot that answers is not the one that drew the card."""
    async with start_bot():
        first = await shows(await discord_api.command("member", "general", "sora", PROMPT), "Queued")
    async with start_bot():
        await shows(await discord_api.press("member", first, button(await only_job(), "cancel")), "Cancelled")


async def test_a_failing_button_says_one_sentence(
    discord_api: DiscordSandbox, card: Message, job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Whatever breaks, the person reads a sentence and the log has the rest."""
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.execute("ALTER TABLE jobs RENAME TO gone")
    database.close()
    call = await discord_api.press("member", card, button(job, "cancel"))
    said = await ended(discord_api, call)
    assert said == "Something went wrong here, and nothing was ordered by it. Please try again in a minute."
    assert "no such table" in capsys.readouterr().out
