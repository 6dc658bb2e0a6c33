"""Plays the script: starts both stand-ins and the real bot, types each line, and waits for what people see."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from bot.sandbox.demo.scene import Scene
from bot.sandbox.demo.script import Line, script
from bot.sandbox.demo.show import Progress, print_end, print_transcript
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox

ROOT = Path(__file__).parents[3]
INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "IMAGEIO_FFMPEG_EXE")
LINE_TIMEOUT = 180.0  # seconds from typing a command to its end, on a slow machine
DRAIN_TIMEOUT = 20.0
MARK = ".reelcord-demo"
"""The file by which a folder is known to be an earlier demo's, and may be emptied."""


async def play(folder: Path) -> int:
    """Run the demo, leave videos, database and log in `folder`; returns the exit code: 0 when all went as it must."""
    console = Console(highlight=False)
    if not _cleared(folder):
        console.print(
            f"{folder} holds files that are not the demo's: choose another folder with --folder.", soft_wrap=True
        )
        return 1
    started = time.monotonic()
    console.print(
        f"Two stand-ins on 127.0.0.1, Discord's and a video service's, and the real bot as its own process.\n"
        f"Nothing leaves this machine; everything written goes to {folder}/.\n",
        soft_wrap=True,
    )
    async with DiscordSandbox() as discord, VideoApiSandbox() as api, bot_process(discord, api, folder) as bot:
        scenes = [Scene(line, discord, api) for line in script()]
        died = asyncio.create_task(bot.wait())
        problems = await _perform(console, scenes, discord, died)
        problems += [problem for scene in scenes for problem in await scene.settle(folder)]
        problems += _money_problems(api, scenes)
        if not died.done():
            problems += await _drain(bot, died)
    print_transcript(console, scenes)
    print_end(console, scenes, len(api.tasks), problems, folder, time.monotonic() - started)
    return 1 if problems else 0


def _cleared(folder: Path) -> bool:
    """Make the folder new; one that holds anything but an earlier demo is left alone."""
    mark = folder / MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
    return True


async def _perform(
    console: Console, scenes: list[Scene], discord: DiscordSandbox, died: asyncio.Task[int]
) -> list[str]:
    """Play every line as far as the bot lives; returns what went wrong with the bot itself."""

    async def lines() -> None:
        await discord.commands_synced(timeout=60)
        await discord.connected(timeout=60)
        with Progress(console, scenes):
            await asyncio.gather(*(scene.play(_ground(scene.line, scenes), LINE_TIMEOUT) for scene in scenes))

    playing = asyncio.create_task(lines())
    try:
        await asyncio.wait([playing, died], return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            return [f"the bot did not connect: {error}"] if (error := playing.exception()) else []
        return [f"the bot ended by itself with exit code {died.result()}: its log says why"]
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


async def _drain(bot: Process, died: asyncio.Task[int]) -> list[str]:
    """End the bot politely, as an operator would."""
    bot.terminate()
    try:
        code = await asyncio.wait_for(died, DRAIN_TIMEOUT)
    except TimeoutError:
        return [f"the bot did not drain within {DRAIN_TIMEOUT:.0f} s of SIGTERM"]
    return [f"the bot ended with exit code {code} after SIGTERM"] if code else []


def _ground(line: Line, scenes: list[Scene]) -> Scene | None:
    return next((scene for scene in scenes if scene.line.command == line.continues), None)


def _money_problems(api: VideoApiSandbox, scenes: list[Scene]) -> list[str]:
    """Each command that was carried out has created exactly one task; a refused one none."""
    due = sum(scene.line.outcome != "refused" for scene in scenes)
    created = len(api.tasks)
    return [] if created == due else [f"{created} paid tasks for {due} commands"]


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


@asynccontextmanager
async def bot_process(discord: DiscordSandbox, api: VideoApiSandbox, folder: Path) -> AsyncIterator[Process]:
    """The real bot against both stand-ins, out of reach of a person's own `.env`; ended with the block."""
    env = environment(discord, api, folder)
    with (folder / "bot.log").open("wb") as log:
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=folder, env=env, stderr=log, stdout=log
        )
    try:
        yield bot
    finally:
        if bot.returncode is None:
            bot.kill()
            await bot.wait()
