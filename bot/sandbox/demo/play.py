"""Plays the script: starts both stand-ins and the real bot, types each line, and waits for what people see."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from rich.console import Console

from bot.sandbox.demo.scene import Scene
from bot.sandbox.demo.script import Line, script
from bot.sandbox.demo.show import Progress, print_end, print_transcript
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.folder import claim
from bot.sandbox.program import DRAIN_TIMEOUT, Program, environment
from bot.sandbox.video_api import VideoApiSandbox

LINE_TIMEOUT = 180.0  # seconds from typing a command to its end, on a slow machine


async def play(folder: Path) -> int:
    """Run the demo, leave videos, database and log in `folder`; returns the exit code: 0 when all went as it must."""
    console = Console(highlight=False)
    if refusal := claim(folder):
        console.print(refusal, soft_wrap=True)
        return 1
    started = time.monotonic()
    console.print(
        f"Two stand-ins on 127.0.0.1, Discord's and a video service's, and the real bot as its own process.\n"
        f"Nothing leaves this machine; everything written goes to {folder}/.\n",
        soft_wrap=True,
    )
    async with (
        DiscordSandbox() as discord,
        VideoApiSandbox() as api,
        Program(folder, environment(discord, api, folder)) as bot,
    ):
        scenes = [Scene(line, discord, api) for line in script()]
        died = asyncio.create_task(bot.wait())
        problems = await _perform(console, scenes, discord, died)
        problems += [problem for scene in scenes for problem in await scene.settle(folder)]
        problems += _money_problems(api, scenes)
        if not died.done():
            problems += await _drain(bot)
    print_transcript(console, scenes)
    print_end(console, scenes, len(api.tasks), problems, folder, time.monotonic() - started)
    return 1 if problems else 0


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


async def _drain(bot: Program) -> list[str]:
    """End the bot politely, as an operator would."""
    code = await bot.stop()
    if code is None:
        return [f"the bot did not drain within {DRAIN_TIMEOUT:.0f} s of SIGTERM"]
    return [f"the bot ended with exit code {code} after SIGTERM"] if code else []


def _ground(line: Line, scenes: list[Scene]) -> Scene | None:
    return next((scene for scene in scenes if scene.line.command == line.continues), None)


def _money_problems(api: VideoApiSandbox, scenes: list[Scene]) -> list[str]:
    """Each command that was carried out has created exactly one task; a refused one none."""
    due = sum(scene.line.outcome != "refused" for scene in scenes)
    created = len(api.tasks)
    return [] if created == due else [f"{created} paid tasks for {due} commands"]
