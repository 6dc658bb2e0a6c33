"""A person's own jobs: /jobs list, /jobs show, and the list that opens while an id is typed."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Pool, event

from bot.chat.client import Reelcord
from bot.jobs.job import Job
from bot.sandbox.discord_api import DiscordSandbox, Message
from tests.integration.chat.conftest import Shows
from tests.integration.chat.jobs.conftest import ended, slow_database


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
    assert (
        await ended(discord_api, stranger)
        == "You have no such job: only whoever ordered a video may do this. `/jobs list` shows yours."
    )
    nobody = await discord_api.command("member", "general", "jobs show", {"job": "nosuchjob"})
    assert (
        await ended(discord_api, nobody)
        == "You have no such job: only whoever ordered a video may do this. `/jobs list` shows yours."
    )


async def test_own_jobs_are_offered_while_typing(discord_api: DiscordSandbox, job: Job):
    """Id, status word and the start of the prompt; nothing of anyone else's."""
    offered = await discord_api.autocomplete("member", "general", "jobs show", {"job": "fox"}, focused="job")
    assert offered == [{"name": f"{job.id} · Queued · a red fox in the snow", "value": job.id}]
    assert await discord_api.autocomplete("owner", "general", "jobs show", {"job": ""}, focused="job") == []


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
        offered: list[dict[str, Any]] = []
        async with asyncio.timeout(30):
            while not offered:  # as long as the first query runs no other does
                offered = await discord_api.autocomplete("member", "general", "jobs show", options, focused="job")
        assert [choice["value"] for choice in offered] == [job.id]
        assert lost == []
    finally:
        for name in ("close", "close_detached", "invalidate"):
            event.remove(Pool, name, note)
