"""A stage: both stand-ins in this process, the real bot in another, killed and started again at will."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.program import environment
from bot.sandbox.video_api import VideoApiSandbox

PATIENCE = 60.0  # seconds; generous since the machine may be loaded
SHORTENED = Path(__file__).with_name("shortened.py")
MEASURED = ("COVERAGE_PROCESS_CONFIG",)
"""How coverage tells a process that it is measured, too; the rest of the developer's environment stays outside."""


class Stage:
    """What an acceptance test sees: people and their screens, the services' ledgers, and the bot as a process."""

    def __init__(self, discord: DiscordSandbox, api: VideoApiSandbox, folder: Path) -> None:
        self.discord = discord
        self.api = api
        self.folder = folder
        #: Seconds that the video service's clock is ahead, so that what it makes slowly can be done at once.
        self.ahead = 0.0
        #: Time-outs of the bots started from here on that no setting says: words for `shortened.py`, "lease=1.5".
        self.short = ""
        measured = {name: os.environ[name] for name in MEASURED if name in os.environ}
        self.settings = environment(discord, api, folder) | measured | {"POLL_INTERVAL": "0.2"}
        self.bots: list[Process] = []

    async def start_bot(
        self,
        *,
        ready: bool = True,
        command: str = "run",
        short: str = "",
        before: Sequence[str] = (),
        **settings: str,
    ) -> Process:
        """Start the bot with this stage's settings and wait until it is connected and its commands are there.

        `short` are more of this stage's `short`; `before` are words in front of the whole command.
        """
        words = f"{self.short} {short}".split()
        program = [str(SHORTENED), *words] if words else ["-m", "bot"]
        with (self.folder / "bot.log").open("ab") as log:
            bot = await asyncio.create_subprocess_exec(
                *before,
                sys.executable,
                *program,
                *command.split(),
                cwd=self.folder,  # a developer's own .env is elsewhere
                env=self.settings | settings,
                stdout=log,
                stderr=log,
            )
        self.bots.append(bot)
        if ready:
            await self.discord.commands_synced(timeout=PATIENCE)
            await self.discord.connected(timeout=PATIENCE)
        return bot

    async def kill(self, bot: Process) -> None:
        """Power loss: SIGKILL, at once."""
        bot.kill()
        await bot.wait()

    async def stop(self, bot: Process) -> int:
        """A polite end; returns the exit code."""
        bot.terminate()
        return await asyncio.wait_for(bot.wait(), 20)

    async def type(self, command: str, options: dict[str, Any]) -> Any:
        """A person types a command; returns the card, which must come within Discord's 3 seconds."""
        call = await self.discord.command("member", "general", command, options)
        await call.answered()
        return call.response

    async def until(self, predicate: Callable[[], Any], patience: float = PATIENCE) -> None:
        """Wait for something people or services can see; on a time-out the bot's log is shown."""
        try:
            await self.discord.wait_for(predicate, timeout=patience)
        except TimeoutError as error:
            log = (self.folder / "bot.log").read_text()[-6000:]
            raise AssertionError(f"{error}; the bot's log ends with:\n{log}") from None

    def results(self, card: Any) -> list[Any]:
        """The messages that bring a video in reply to a card."""
        return [m for m in self.discord.messages(card.channel) if m.reply_to == card.id and m.videos()]

    def rows(self) -> list[dict[str, Any]]:
        """The jobs as they stand in the database file."""
        with sqlite3.connect(self.folder / "reelcord.db") as database:
            database.row_factory = sqlite3.Row
            rows = [dict(row) for row in database.execute("SELECT * FROM jobs ORDER BY created_at")]
        database.close()
        return rows
