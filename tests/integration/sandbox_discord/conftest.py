"""The stand-in, and the real discord.py pointed at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import discord as dpy
import pytest
import yarl
from discord import backoff, gateway, http
from discord.ext import commands

from bot.sandbox.discord_api import DiscordSandbox

Start = Callable[[], Awaitable[None]]
Post = Callable[[str, dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
async def discord() -> AsyncIterator[DiscordSandbox]:
    """A stand-in on a port of its own."""
    async with DiscordSandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def rest(discord: DiscordSandbox) -> AsyncIterator[aiohttp.ClientSession]:
    """Requests in the bot's name that no library has shaped, by paths such as `channels/1/messages`."""
    headers = {"Authorization": f"Bot {discord.token}"}
    async with aiohttp.ClientSession(f"{discord.api_url}/", headers=headers) as session:
        yield session


@pytest.fixture
def post(discord: DiscordSandbox, rest: aiohttp.ClientSession) -> Post:
    """Post into a channel by its route, in words that no library has shaped: the status and the JSON."""

    async def send(channel: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        async with rest.post(f"channels/{discord.world.channel(channel).id}/messages", json=body) as response:
            return response.status, await response.json()

    return send


@pytest.fixture
def pointed(discord: DiscordSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have discord.py speak to the stand-in, and not wait between its tries."""
    monkeypatch.setattr(http.Route, "BASE", discord.api_url)
    monkeypatch.setattr(gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway_url))
    monkeypatch.setattr(backoff.ExponentialBackoff, "delay", lambda _: 0.0)


class Bot(commands.Bot):
    """A bot that registers its commands at login and is ready at once."""

    def __init__(self) -> None:
        super().__init__(commands.when_mentioned, intents=dpy.Intents.default(), guild_ready_timeout=0.0)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify again at once; discord.py would wait five seconds."""

    async def setup_hook(self) -> None:
        """Register the commands."""
        await self.tree.sync()


@pytest.fixture
def bot(pointed: None) -> commands.Bot:  # noqa: ARG001 - asked for its effect
    """A bot that has not been started; add commands to its tree, then `start()`."""
    return Bot()


@pytest.fixture
async def start(discord: DiscordSandbox, bot: commands.Bot) -> AsyncIterator[Start]:
    """Start the bot and wait until it is ready; it is closed when the test ends."""
    tasks: list[asyncio.Task[None]] = []

    async def run() -> None:
        tasks.append(asyncio.create_task(bot.start(discord.token)))
        await discord.connected()
        await bot.wait_until_ready()

    yield run
    await bot.close()
    await asyncio.gather(*tasks)
