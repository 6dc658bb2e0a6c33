"""Plays the script: starts both stand-ins and the real bot, types each line, and waits for what people see."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from bot.sandbox.demo.scene import Scene
from bot.sandbox.demo.script import Line, script
from bot.sandbox.demo.show import Progress, print_transcript
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox

LINE_TIMEOUT = 180.0  # seconds from typing a command to its end, on a slow machine
DRAIN_TIMEOUT = 20.0


async def play(folder: Path) -> int:
    """Run the demo, leave videos, database and log in `folder`; returns the exit code: 0 when all went as it must."""
    console = Console(highlight=False)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    console.print(
        f"Two stand-ins on 127.0.0.1 and the real bot as its own process. Everything it writes is in {folder}/.\n"
    )
    async with DiscordSandbox() as discord, VideoApiSandbox() as api, bot_process(discord, api, folder) as bot:
        started = asyncio.create_task(discord.commands_synced(timeout=60))
        died = asyncio.create_task(bot.wait())
        await asyncio.wait([started, died], return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            started.cancel()
            console.print(f"The bot ended before it was ready; {folder}/bot.log says why.")
            return 1
        await discord.connected(timeout=60)
        scenes = [Scene(line, discord, api) for line in script()]
        with Progress(console, scenes):
            await asyncio.gather(
                *(scene.play(_ground(line, scenes), LINE_TIMEOUT) for line, scene in zip(script(), scenes, strict=True))
            )
        problems = [problem for scene in scenes for problem in await scene.settle(folder)]
        problems += _money_problems(api, scenes)
        bot.terminate()
        try:
            code = await asyncio.wait_for(died, DRAIN_TIMEOUT)
        except TimeoutError:
            problems.append(f"the bot did not drain within {DRAIN_TIMEOUT:.0f} s of SIGTERM")
        else:
            problems += [f"the bot ended with exit code {code} after SIGTERM"] if code else []
    print_transcript(console, scenes, api, problems)
    return 1 if problems else 0


def _ground(line: Line, scenes: list[Scene]) -> Scene | None:
    return next((scene for scene in scenes if scene.line.command == line.continues), None)


def _money_problems(api: VideoApiSandbox, scenes: list[Scene]) -> list[str]:
    """Each command that was carried out has created exactly one task; a refused one none."""
    due = sum(scene.line.outcome != "refused" for scene in scenes)
    created = len(api.tasks)
    return [] if created == due else [f"{created} paid tasks for {due} commands"]


@asynccontextmanager
async def bot_process(discord: DiscordSandbox, api: VideoApiSandbox, folder: Path) -> AsyncIterator[Process]:
    """The real bot against both stand-ins, with nothing but its environment; ended with the block."""
    environment = {
        **os.environ,
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
        "DISCORD_GUILD_ID": "",
        "PUBLIC_URL": "",
    }
    with (folder / "bot.log").open("wb") as log:
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environment, stderr=log, stdout=log
        )
    try:
        yield bot
    finally:
        if bot.returncode is None:
            bot.kill()
            await bot.wait()
