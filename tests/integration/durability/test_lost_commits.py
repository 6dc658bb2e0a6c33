"""The line to PostgreSQL breaks while an order is committed: what the person is told is what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.chat.client import Reelcord
from bot.chat.promises import UNWRITTEN
from bot.jobs import database
from bot.jobs.job import Status, id_from
from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import (
    PROMPT,
    OnlyJob,
    Shows,
    StartBot,
    apis,
    discord_api,
    jobs_of,
    only_job,
    patience,
    settings_of,
    shows,
    start_bot,
    wakes,
)
from tests.integration.chat.jobs.conftest import button
from tests.integration.durability.proxy import Break, Proxy
from tests.postgres import new_postgres

LOST = (Break.BEFORE, Break.HUSH)
"""Where the server never hears of a COMMIT."""

__all__ = ["apis", "discord_api", "only_job", "patience", "settings_of", "shows", "start_bot", "wakes"]


@pytest.fixture
async def proxy(postgres: str) -> AsyncIterator[Proxy]:
    """A line to the server, whole at first."""
    line = Proxy(str(next(Path(postgres).glob(".s.PGSQL.*[0-9]"))))
    yield line
    await line.stop()


@pytest.fixture
async def store(proxy: Proxy, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """A fresh database at the other end of that line, waited for less long than usual."""
    monkeypatch.setattr(database, "BUSY", 2.0)
    host: str = request.getfixturevalue("postgres")
    name = urlsplit(await new_postgres(host)).path
    words = "prepared_statement_cache_size=0"  # so that each statement goes over the line in words
    opened = await Store.open(f"postgresql://postgres@127.0.0.1:{await proxy.start()}{name}?{words}")
    yield opened
    await opened.close()


@pytest.fixture
async def bot(start_bot: StartBot) -> AsyncIterator[Reelcord]:
    """A bot on that database."""
    async with start_bot() as started:
        yield started


async def _broken(proxy: Proxy) -> None:
    """The line breaks, and the bot has a moment to look what came of it before the server hears more."""
    await asyncio.wait_for(proxy.reached.wait(), 30)
    for _ in range(4):
        await asyncio.sleep(0.05)
    proxy.gate.set()


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("how", Break)
async def test_an_order_whose_commit_is_lost(
    how: Break, proxy: Proxy, store: Store, discord_api: DiscordSandbox, shows: Shows
) -> None:
    """Never "nothing was ordered" of a job that is there, nor the other way round."""
    proxy.spoil(how, after="INSERT INTO jobs")
    call = await discord_api.command("member", "general", "sora", PROMPT)
    await _broken(proxy)
    card = await shows(call, "Not ordered" if how in LOST else "Queued")
    if how in LOST:
        assert card.text() == f"### /sora · Not ordered\n{UNWRITTEN}"
    ordered = [] if how in LOST else [(id_from(call.token), Status.QUEUED)]
    assert [(job.id, job.status) for job in await jobs_of(store, discord_api)] == ordered


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("how", [Break.BEFORE, Break.LATE])
async def test_a_move_whose_commit_is_lost(
    how: Break, proxy: Proxy, store: Store, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob
) -> None:
    """A held video that is asked for elsewhere: the new card says "still held" only of one that is."""
    await shows(await discord_api.command("member", "general", "sora", PROMPT), "Queued")
    held = await store.save((await only_job()).evolve(status=Status.HELD, video_id="v1", reason="It was closed."))
    shown = await shows(await discord_api.command("member", "after-dark", "jobs show", {"job": held.id}), "Held")
    proxy.spoil(how, after="UPDATE jobs")
    call = await discord_api.press("member", shown, button(held, "bring"))
    await _broken(proxy)
    await shows(call, "It is still held" if how is Break.BEFORE else "on its way")
    assert (await only_job()).status is (Status.HELD if how is Break.BEFORE else Status.DELIVERING)
