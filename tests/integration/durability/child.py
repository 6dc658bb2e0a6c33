"""Programs for the tests that kill them. What each prints, it was told by the store before."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.api.client import VideoApi
from bot.jobs.folder import FolderDelivery
from bot.jobs.job import Destination, Job, Status
from bot.jobs.presence import new_owner
from bot.jobs.schedule import Pace
from bot.jobs.store import Store
from bot.jobs.videos import Retention
from bot.jobs.worker import Worker
from bot.requests.base import InputFile, Submission

PICTURES = 3
TOGETHER = 8
SENT = Submission(upstream="octopusx", submit_path="/v1/videos", fields={"model": "veo_3_1", "prompt": "a lighthouse"})
READY, GATE = os.pipe(), os.pipe()


def _say(*words: object) -> None:
    """One write for the whole line: the reader stops this program at any moment, and half a line would say nothing."""
    os.write(sys.stdout.fileno(), f"{' '.join(map(str, words))}\n".encode())


def _job(number: int) -> Job:
    picture = InputFile.model_construct(field="images", name="a.png", content_type="image/png", data=bytes(3000))
    return Job(
        id=f"{number:012}",
        command="veo",
        prompt="a lighthouse at dawn",
        recipe={},
        destination=Destination(user_id=1, channel_id=2),
        submission=SENT.model_copy(update={"files": (picture,) * PICTURES}),
        created_at=time.time(),
        due_at=time.time() + 3000,
    )


async def write(url: str) -> None:
    """Add jobs and end each, one after the other, and print what is saved."""
    store = await Store.open(url)
    for number in range(1, 100_000):
        job = _job(number)
        await store.add(job)
        _say("added", number)
        done = job.evolve(status=Status.COMPLETED, message_id=number, message_url=str(number), finished_at=1.0)
        await store.save(done)
        _say("ended", number)


def _together(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do it in eight processes, which `_wait` lets go at one moment."""
    for _ in range(TOGETHER):
        if not os.fork():
            os.close(GATE[1])
            asyncio.run(work())
            os._exit(0)
    left = TOGETHER
    while left:
        left -= len(os.read(READY[0], left))
    _say("open")
    os.close(GATE[1])
    for _ in range(TOGETHER):
        os.wait()


def _wait() -> None:
    os.write(READY[1], b"r")
    os.read(GATE[0], 1)  # until nobody can write any more


def claim(url: str) -> None:
    """Eight processes on one database: each prints what it has claimed."""
    _together(lambda: _claim(url))


async def _claim(url: str) -> None:
    store = await Store.open(url)
    _wait()
    claimed = await store.claim({Status.QUEUED}, owner=str(os.getpid()), limit=8, lease=60.0)
    _say(os.getpid(), *(job.id for job in claimed))
    await store.close()


async def work(url: str, api: str, data_dir: str) -> None:
    """A worker that begins once it is told to: a line when the store is open, another one back."""
    store = await Store.open(url)
    _say("open")
    await asyncio.to_thread(sys.stdin.readline)
    await _worker(store, api, data_dir).run()


def compete(url: str, api: str, data_dir: str) -> None:
    """Eight workers in processes of their own."""
    _together(lambda: _compete(url, api, data_dir))


async def _compete(url: str, api: str, data_dir: str) -> None:
    store = await Store.open(url)
    worker = _worker(store, api, data_dir)
    _wait()
    await worker.run()


def _worker(store: Store, api: str, data_dir: str) -> Worker:
    return Worker(
        store,
        {"octopusx": VideoApi("octopusx", api, SecretStr("sk-sandbox"))},
        FolderDelivery(Path(data_dir, "place"), None),
        pace=Pace(poll_interval=0.05, job_timeout=3600, off_peak_timeout=7200),
        data_dir=Path(data_dir),
        links=None,
        retention=Retention(),
        owner=new_owner(),
    )


async def upgrade(url: str) -> None:
    """Bring a database up to date, and say when that is about to begin."""
    _say("ready")
    await Store.open(url)


if __name__ == "__main__":
    doing = {each.__name__: each for each in (write, claim, work, compete, upgrade)}[sys.argv[1]](*sys.argv[2:])
    if doing is not None:
        asyncio.run(doing)
