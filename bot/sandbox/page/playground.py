"""What the page is about: both stand-ins, the real bot beside them, and the files that people are about to send."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox.discord_api import DiscordSandbox, Upload
from bot.sandbox.page.tempo import Tempo
from bot.sandbox.page.troubles import Troubles
from bot.sandbox.program import Program, environment
from bot.sandbox.video_api import VideoApiSandbox

MOST_UPLOADS = 50  #: files kept for people who have picked but not sent them; the oldest go first


@dataclass(kw_only=True)
class Playground:
    """The state behind the page's routes."""

    discord: DiscordSandbox
    api: VideoApiSandbox
    bot: Program
    tempo: Tempo
    troubles: Troubles
    database: Path
    _uploads: OrderedDict[str, Upload] = field(default_factory=OrderedDict[str, Upload])

    @classmethod
    def of(cls, discord: DiscordSandbox, api: VideoApiSandbox, tempo: Tempo, folder: Path) -> Playground:
        """Both stand-ins, the clock of the second, and a bot that is not started yet, its files in the folder."""
        return cls(
            discord=discord,
            api=api,
            bot=Program(folder, environment(discord, api, folder) | {"LOG_FORMAT": "json"}),
            tempo=tempo,
            troubles=Troubles(discord, api),
            database=folder / "reelcord.db",
        )

    def state_json(self) -> dict[str, Any]:
        """`{bot: {running, connected, exit_code}, speed, troubles}`: its life, the pace of the fake generation, what is armed."""
        connected = self.bot.running and self.discord.is_connected
        return {
            "bot": {"running": self.bot.running, "connected": connected, "exit_code": self.bot.exit_code},
            "speed": self.tempo.speed,
            "troubles": self.troubles.as_json(),
        }

    def keep(self, upload: Upload) -> str:
        """Keep a picked file; the name it is sent by."""
        name = secrets.token_hex(8)
        self._uploads[name] = upload
        while len(self._uploads) > MOST_UPLOADS:
            self._uploads.popitem(last=False)
        return name

    def upload(self, name: str) -> Upload:
        """A file that was picked.

        Raises:
            KeyError: it was never picked, or too many others since.
        """
        return self._uploads[name]


PLAYGROUND = web.AppKey("playground", Playground)
