"""`make bench`: what a poll costs, side by side in one run; a Markdown table of CPU time and ratios, no verdict.

The video API stand-in runs as its own process. In every round each contender asks for the same running video the same
number of times; rounds take turns, so that a noisy machine is noisy for all.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_hex

import aiohttp
import httpx
import openai
import structlog
from pydantic import SecretStr

from bot.api.client import VideoApi
from bot.jobs.folder import FolderDelivery
from bot.jobs.job import Destination, Job, Status, id_from
from bot.jobs.presence import new_owner
from bot.jobs.schedule import Pace
from bot.jobs.store import Store
from bot.jobs.videos import Retention
from bot.jobs.worker import Worker
from bot.requests.base import Submission

POLLS, ROUNDS, AT_ONCE = 250, 5, 25
SUBMISSION = Submission(upstream="octopusx", submit_path="/v1/videos", fields={"model": "veo_3_1", "prompt": "[stuck]"})

Contender = Callable[[], Awaitable[float]]
"""Polls `POLLS` times; returns the CPU seconds this process spent on it."""


@asynccontextmanager
async def service() -> AsyncIterator[tuple[str, str]]:
    """The stand-in in a process of its own: its URL and key."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox.video_api", "--quality", "tiny", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        ready = json.loads(await process.stdout.readline())
        yield ready["url"], ready["key"]
    finally:
        process.terminate()
        await process.wait()


async def many(ask: Callable[[], Awaitable[object]]) -> float:
    """Ask `POLLS` times, `AT_ONCE` at a time; the CPU seconds it took."""

    async def some() -> None:
        for _ in range(POLLS // AT_ONCE):
            await ask()

    began = time.process_time()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return time.process_time() - began


async def engine(store: Store, api: VideoApi, video_id: str, folder: Path) -> float:
    """`POLLS` rows due at once: claim, GET, read and save each; the CPU seconds until all are saved."""
    ids = [await _running_job(store, video_id) for _ in range(POLLS)]
    worker = Worker(
        store,
        {"octopusx": api},
        FolderDelivery(folder, None),
        pace=Pace(poll_interval=1000, job_timeout=7200, off_peak_timeout=7200),
        data_dir=folder,
        links=None,
        retention=Retention(),
        owner=new_owner(),
    )
    began = time.process_time()
    running = asyncio.create_task(worker.run())
    while (due := await store.next_due({Status.IN_PROGRESS})) is not None and due <= time.time():  # noqa: ASYNC110 - it is in the database
        await asyncio.sleep(0.05)
    worker.stop()
    await running
    spent = time.process_time() - began
    for job_id in ids:
        polled = await store.cancel(job_id, user_id=1)
        assert polled is not None
        assert polled.polls == 1
    return spent


async def _running_job(store: Store, video_id: str) -> str:
    now = time.time()
    job = Job(
        id=id_from(token_hex()),
        command="veo",
        prompt="[stuck]",
        recipe={"model": "veo_3_1"},
        submission=SUBMISSION,
        destination=Destination(user_id=1, channel_id=1),
        status=Status.IN_PROGRESS,
        video_id=video_id,
        shown_at=now + 60,  # no card to edit here
        due_at=now,
        created_at=now,
        submitted_at=now,
        deadline_at=now + 7200,
    )
    await store.add(job)
    return job.id


def row_of(name: str, spent: list[float], limit: list[float]) -> str:
    """A line of the table: median CPU time a poll with its spread, and the ratio round by round to the limit."""
    each = sorted(seconds / POLLS * 1e6 for seconds in spent)
    ratios = sorted(mine / bare for mine, bare in zip(spent, limit, strict=True))
    middle = statistics.median(each)
    return (
        f"| {name} | {middle:,.0f} ({each[0]:,.0f} to {each[-1]:,.0f}) "
        f"| {statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f}) |"
    )


async def measure(url: str, key: str, folder: Path) -> dict[str, list[float]]:
    """The CPU seconds of every contender in every round."""
    store = await Store.open(f"sqlite:///{folder}/bench.db")
    api = VideoApi("octopusx", url, SecretStr(key))
    video_id = (await api.submit(SUBMISSION)).video_id
    assert video_id is not None
    target, bearer = f"{url}/v1/videos/{video_id}", {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession(headers=bearer) as bare,
        httpx.AsyncClient(headers=bearer) as plain,
        openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key) as sdk,
    ):

        async def get() -> None:
            async with bare.get(target) as answer:
                await answer.read()

        contenders: dict[str, Contender] = {
            "bare aiohttp GET (the limit)": lambda: many(get),
            "our client (GET and tolerant reader)": lambda: many(lambda: api.retrieve(video_id)),
            "our engine (claim, GET, read, save on SQLite)": lambda: engine(store, api, video_id, folder),
            "httpx GET, its own transport": lambda: many(lambda: plain.get(target)),
            "openai SDK, videos.retrieve": lambda: many(lambda: sdk.videos.retrieve(video_id)),
        }
        spent: dict[str, list[float]] = {name: [] for name in contenders}
        for number in range(ROUNDS + 1):  # the first round warms up and is not counted
            for name, contender in contenders.items():
                seconds = await contender()
                if number:
                    spent[name].append(seconds)
    await api.aclose()
    await store.close()
    return spent


async def main() -> None:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    warnings.simplefilter("ignore", DeprecationWarning)  # the SDK marks its videos as going away
    with tempfile.TemporaryDirectory() as folder:
        async with service() as (url, key):
            spent = await measure(url, key, Path(folder))
    limit = next(iter(spent.values()))
    print(
        f"{POLLS} polls a round, {AT_ONCE} at once, {ROUNDS} rounds, {os.cpu_count()} cores, {platform.python_version()}\n"
    )
    print("| a poll by | CPU in µs, median (least to most) | ratio to the limit |\n|---|---|---|")
    for name, seconds in spent.items():
        print(row_of(name, seconds, limit))


if __name__ == "__main__":
    asyncio.run(main())
