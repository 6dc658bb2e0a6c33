"""Bot, engine and both services on one clock, on which discord.py's own waits pass too; and a way to play one fault."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from discord import client, http
from discord.webhook import async_

from bot.jobs.job import Job
from bot.jobs.store import Store
from bot.jobs.worker import Worker
from bot.sandbox.discord_api import Call, DiscordSandbox, Message
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.conftest import Join, results

MAKING = 300.0
"""Seconds that a video takes: well within the life of an interaction's token."""
TOKEN_DEAD = 1200.0
"""Seconds after which the token is dead."""


class _Waits:
    """asyncio as discord.py sees it: its waits between two tries let the test's clock go on, and take no time."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        self._advance = advance

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        """Wait on the test's clock."""
        self._advance(seconds)
        await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def _quick(discord_api: DiscordSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (client, http, async_):
        monkeypatch.setattr(module, "asyncio", _Waits(discord_api.advance))


@dataclass(kw_only=True)
class Bench:
    """One run of the whole program, and the ways a test looks at it and pushes it on."""

    discord: DiscordSandbox
    service: VideoApiSandbox
    store: Store
    worker: Worker

    async def order(self, person: str = "member", place: str = "general", **options: Any) -> Call:
        """Order a video."""
        return await self.discord.command(person, place, "sora", {"prompt": "a red fox"} | options)

    async def ordered(self, person: str = "member", place: str = "general", **options: Any) -> Call:
        """Order a video, and wait until it is in the making."""
        call = await self.order(person, place, **options)
        await self.in_the_making(person)
        return call

    async def in_the_making(self, person: str = "member") -> None:
        """Wait until a person's newest job is in the making."""
        await self.until(lambda job: job.status == "in_progress", person)

    async def until(self, right: Callable[[Job], bool], person: str = "member") -> None:
        """Wait until a person's newest job is as it should be, while no time passes but the machine's."""
        async with asyncio.timeout(30):
            while not any(right(job) for job in (await self.jobs(person))[:1]):
                self.worker.wake()
                await asyncio.sleep(0.02)

    async def jobs(self, person: str = "member") -> list[Job]:
        """A person's jobs, newest first."""
        return await self.store.of_user(self.discord.world.user(person).id, limit=100)

    async def ends(self, person: str = "member") -> list[Job]:
        """Let time pass until nothing is left to be done about any job of a person; the jobs."""
        async with asyncio.timeout(30):
            while True:
                jobs = await self.jobs(person)
                due = [job.due_at for job in jobs if job.due_at is not None]
                if not due:
                    return jobs
                self.pass_to(min(due))
                await asyncio.sleep(0.02)

    async def polled(self, person: str = "member") -> None:
        """Wait until every job in the making has been asked about, on a clock that stands still."""
        async with asyncio.timeout(30):
            while any((job.due_at or 0.0) <= self.discord.clock() for job in await self.jobs(person)):
                self.worker.wake()
                await asyncio.sleep(0.02)

    def pass_to(self, moment: float) -> None:
        """Let time pass up to a moment, in steps of less than a lease, and have the engine look."""
        self.discord.advance(max(0.0, min(moment - self.discord.clock(), 50.0)))
        self.worker.wake()

    def advance(self, seconds: float) -> None:
        """Let time pass at once, and have the engine look."""
        self.discord.advance(seconds)
        self.worker.wake()

    def asked(self, method: str, path: str, status: int | None = None) -> int:
        """How many requests of a kind reached Discord, or were answered so."""
        return len(
            [
                entry
                for entry in self.discord.log
                if entry.method == method and re.search(path, entry.path) and status in (None, entry.status)
            ]
        )

    def videos(self, place: str = "general", viewer: str = "member") -> list[Message]:
        """The messages with a video that a person sees."""
        return results(self.discord, place, viewer)

    def told(self, person: str = "member") -> int:
        """How many direct messages the bot has written to a person."""
        user = self.discord.world.user(person)
        return len(self.discord.messages(self.discord.world.dm(user), user))

    @property
    def charged(self) -> int:
        """How many POSTs made a task at the video service."""
        return len(self.service.tasks)


@pytest.fixture
async def store(tmp_path: Path, discord_api: DiscordSandbox) -> AsyncIterator[Store]:
    """A fresh database on the one clock."""
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'jobs.db'}", clock=discord_api.clock)
    yield opened
    await opened.close()


@pytest.fixture
async def service(discord_api: DiscordSandbox) -> AsyncIterator[VideoApiSandbox]:
    """The video service on the one clock."""
    async with VideoApiSandbox(quality="tiny", seconds_to_done=MAKING, clock=discord_api.clock) as sandbox:
        yield sandbox


@pytest.fixture
async def bench(
    join: Join, store: Store, discord_api: DiscordSandbox, service: VideoApiSandbox
) -> AsyncIterator[Bench]:
    """The program at work."""
    async with join(service, discord_api.clock) as worker:
        yield Bench(discord=discord_api, service=service, store=store, worker=worker)
