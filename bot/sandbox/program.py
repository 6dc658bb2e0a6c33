"""The real bot as a process of its own, pointed at both stand-ins and at nothing of the person who starts it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import Process
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox

ROOT = Path(__file__).parents[2]
INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "IMAGEIO_FFMPEG_EXE")
DRAIN_TIMEOUT = 20.0


def environment(discord: DiscordSandbox, api: VideoApiSandbox, folder: Path) -> dict[str, str]:
    """What points a bot at both stand-ins and keeps its files in the folder; no setting of the person's own is in it."""
    return {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "OCTOPUSX_API_KEY": api.key,
        "OCTOPUSX_BASE_URL": api.url,
        "UNIALL_API_KEY": api.key,
        "UNIALL_BASE_URL": api.url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder.resolve()}/reelcord.db",
        "DATA_DIR": str(folder.resolve() / "data"),
        "POLL_INTERVAL": "0.5",
        "HTTP_PORT": "0",
    }


class Program:
    """`python -m bot run`, started, killed and started again on one folder; ended with the block.

    Its output is appended to `log`. It runs in the folder, so that no `.env` of a person's own is found.
    """

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.log = folder / "bot.log"
        self._folder = folder
        self._env = env
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        return self._process.returncode if self._process else None

    async def start(self) -> None:
        """Start it, if it does not run."""
        if self.running:
            return
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=self._folder, env=self._env, stdout=log, stderr=log
            )

    async def wait(self) -> int:
        """Wait for its end; the exit code."""
        assert self._process is not None
        return await self._process.wait()

    async def kill(self) -> None:
        """Power loss: SIGKILL, at once."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> int | None:
        """SIGTERM, as an operator would; the exit code, or None where it did not end in the time it has."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
        try:
            async with asyncio.timeout(DRAIN_TIMEOUT):  # `wait_for` of Python 3.11 may swallow a Ctrl+C
                return await self.wait()
        except TimeoutError:
            return None
