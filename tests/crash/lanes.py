"""The lanes of a campaign, each in a process of its own, and the progress they make."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import queue
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.crash.lane import Kill, Played, play
from tests.crash.plan import Plan

News: TypeAlias = Kill | Played
AT_ONCE = 2
"""Lanes that are played side by side: a machine has that many cores at least."""
ENDING = 30.0
"""Seconds that a lane has to end its bots and their database."""


def played(given: Sequence[Plan], folder: Path, console: Console) -> list[Played]:
    """Play plans, some side by side, showing every kill.

    Raises:
        RuntimeError: a lane ended before its time; it has said why on standard error.
    """
    began = time.monotonic()
    news: Queue[News] = multiprocessing.get_context("spawn").Queue()
    with _lanes(given, folder, news) as lanes, _progress(console) as progress:
        bars = {
            plan.lane: progress.add_task(f"lane {plan.lane} ({plan.deployment.name})", total=len(plan.rounds), now="")
            for plan in given
        }
        done: list[Played] = []
        while len(done) < len(given):
            told = _next(news, lanes)
            if isinstance(told, Played):
                done.append(told)
                continue
            what = ", ".join(told.moments) or f"too late for {', '.join(told.missed)}"
            now = f"{' + '.join(told.died)}: {what}"
            progress.update(bars[told.lane], advance=1, now=now)
            if not console.is_terminal:
                since = time.monotonic() - began
                console.print(f"{since:6.1f} s  lane {told.lane} kill {told.number}: {now}", soft_wrap=True)
    return sorted(done, key=lambda each: each.plan.lane)


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}"),
    )
    return Progress(*columns, console=console, disable=not console.is_terminal)


@contextmanager
def _lanes(given: Sequence[Plan], folder: Path, news: Queue[News]) -> Iterator[list[SpawnProcess]]:
    """A process for each lane, ended with the block."""
    context = multiprocessing.get_context("spawn")
    turns = context.Semaphore(AT_ONCE)
    lanes = [context.Process(target=_lane, args=(plan, folder / f"lane-{plan.lane}", news, turns)) for plan in given]
    for lane in lanes:
        lane.start()
    try:
        yield lanes
        for lane in lanes:
            lane.join()
    finally:
        for lane in lanes:
            lane.terminate()
        for lane in lanes:
            lane.join(ENDING)


def _lane(plan: Plan, folder: Path, news: Queue[News], turns: Semaphore) -> None:
    logging.getLogger(
        "aiohttp.server"
    ).disabled = True  # it tells of each client that is gone: that is what we are here for
    with turns:
        try:
            news.put(asyncio.run(_played(plan, folder, news)))
        except asyncio.CancelledError:
            sys.exit(1)


async def _played(plan: Plan, folder: Path, news: Queue[News]) -> Played:
    """What comes of a lane; one that is told to end takes its bots and their database with it."""
    playing = asyncio.current_task()
    assert playing is not None

    def end() -> None:
        if not playing.cancelling():  # Ctrl+C in a terminal comes from there and from the campaign
            playing.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    return await play(plan, folder, news.put)


def _next(news: Queue[News], lanes: list[SpawnProcess]) -> News:
    """What a lane tells next.

    Raises:
        RuntimeError: a lane ended before its time; it has said why on standard error.
    """
    while True:
        try:
            return news.get(timeout=1)
        except queue.Empty:
            if any(lane.exitcode for lane in lanes):
                raise RuntimeError("a lane has failed") from None
