"""The page's server over both stand-ins, asked as a browser asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.page.playground import Playground
from bot.sandbox.page.serve import page
from bot.sandbox.page.tempo import Tempo
from bot.sandbox.video_api import VideoApiSandbox


@dataclass
class Browser:
    """A browser at the page's address."""

    play: Playground
    address: str
    session: ClientSession

    @property
    def origin(self) -> dict[str, str]:
        """What a browser adds to the page's own requests."""
        return {"Origin": self.address.rstrip("/"), "Sec-Fetch-Site": "same-origin"}

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        """POST JSON as the page does."""
        async with self.session.post(self.address + path, json=body, headers=self.origin) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> tuple[int, Any]:
        """GET JSON as the page does."""
        async with self.session.get(self.address + path, headers=self.origin) as response:
            return response.status, await response.json()

    async def events(self, path: str) -> AsyncIterator[tuple[str, Any]]:
        """A stream's events, names and data."""
        async with self.session.ws_connect(self.address + path, headers=self.origin, max_msg_size=0) as line:
            async for said in line:
                name, data = said.json()
                yield name, data

    async def heard(self, path: str, until: str) -> list[tuple[str, Any]]:
        """The events up to the first of that name."""
        heard: list[tuple[str, Any]] = []
        async with asyncio.timeout(30):
            async for event in self.events(path):
                heard.append(event)
                if event[0] == until:
                    break
        return heard


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """A page, its bot not started."""
    tempo = Tempo()
    async with DiscordSandbox() as discord, VideoApiSandbox(quality="tiny", clock=tempo) as api:
        play = Playground.of(discord, api, tempo, tmp_path)
        async with page(play) as address, ClientSession() as session:
            yield Browser(play, address, session)
        await play.bot.kill()
