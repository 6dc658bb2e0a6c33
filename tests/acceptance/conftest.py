"""The stage of every acceptance test."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox
from tests.acceptance.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Both stand-ins with quick little videos, and no bot yet; every bot started is ended."""
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordSandbox())
        api = await stack.enter_async_context(VideoApiSandbox(quality="tiny", clock=lambda: time.time() + built.ahead))
        built = Stage(discord, api, tmp_path)
        yield built
        for bot in built.bots:
            if bot.returncode is None:
                await built.kill(bot)
