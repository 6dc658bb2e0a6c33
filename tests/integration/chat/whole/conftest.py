"""Bot, engine and both services, joined as the command line joins them and all on one clock, which a test sets ahead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.job import Job
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.jobs.worker import Worker
from bot.sandbox.discord_api import Channel, DiscordSandbox, Message
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.conftest import Join

PROMPT = "a red fox in the snow"
MAKING = 300.0
"""Seconds that a video takes: well within the life of an interaction's token."""
TOO_LONG = 1200.0
"""Seconds after which the token is dead."""


@dataclass(kw_only=True)
class Scene:
    """One run of the whole program, and the ways a test looks at it and pushes it on."""

    discord: DiscordSandbox
    service: VideoApiSandbox
    store: Store
    videos: Videos
    worker: Worker

    def place(self, name: str) -> Channel:
        """The place of that name; "direct" is the member's own with the bot."""
        if name == "direct":
            return self.discord.world.dm(self.discord.world.user("member"))
        return next(each for each in self.discord.world.channels.values() if each.name == name)

    async def order(self, place: str, **options: Any) -> Job:
        """Order a video; the job once it is being made."""
        await self.discord.command("member", self.place(place), "sora", {"prompt": PROMPT} | options)
        return await self.until("in_progress")

    async def made(self, *, after: float) -> Job:
        """Let so much time pass, by which the video is made; the job once it has come to its end."""
        self.advance(after)
        return await self.until("completed", "held", "failed")

    async def until(self, *statuses: str) -> Job:
        """The member's one job, once it stands so and nothing is left to be done about that."""
        async with asyncio.timeout(30):
            while True:
                found = await self.store.of_user(self.discord.world.user("member").id, limit=2)
                if found and found[0].status in statuses and (statuses == ("in_progress",) or found[0].due_at is None):
                    (job,) = found
                    return job
                self.wake()
                await asyncio.sleep(0.02)

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self.discord.advance(seconds)
        self.wake()

    def wake(self) -> None:
        """Have the engine look at once."""
        self.worker.wake()

    def seen(self, viewer: str) -> list[tuple[str, Message]]:
        """Every message with a file that a person can see, and the name of its place."""
        places = self.discord.world.channels.values()
        return [
            (place.name, each) for place in places for each in self.discord.messages(place, viewer) if each.videos()
        ]


@pytest.fixture
async def store(tmp_path: Path, discord_api: DiscordSandbox) -> AsyncIterator[Store]:
    """A fresh database on the one clock."""
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'jobs.db'}", clock=discord_api.clock)
    yield opened
    await opened.close()


@pytest.fixture
async def scene(join: Join, store: Store, discord_api: DiscordSandbox, tmp_path: Path) -> AsyncIterator[Scene]:
    """The program at work."""
    clock = discord_api.clock
    async with (
        VideoApiSandbox(quality="tiny", seconds_to_done=MAKING, clock=clock) as service,
        join(service, clock) as worker,
    ):
        yield Scene(discord=discord_api, service=service, store=store, videos=Videos(tmp_path), worker=worker)
