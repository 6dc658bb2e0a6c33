"""The stage of every acceptance test."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox
from tests.acceptance.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Both stand-ins with quick little videos, and no bot yet; every bot started is ended."""
    async with (
        DiscordSandbox() as discord,
        VideoApiSandbox(quality="tiny", clock=lambda: time.time() + built.ahead) as api,
    ):
        built = Stage(discord, api, tmp_path)
        yield built
        for bot in built.bots:
            if bot.returncode is None:
                await built.kill(bot)
