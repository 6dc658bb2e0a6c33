"""The line to PostgreSQL breaks while a worker saves: what is saved goes on at once, paid once and brought once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.api.client import VideoApi
from bot.jobs import database
from bot.jobs.job import Job, Status
from bot.jobs.presence import new_owner
from bot.jobs.schedule import Pace
from bot.jobs.store import Store
from bot.jobs.videos import Retention
from bot.jobs.worker import Worker
from tests.integration.durability.proxy import Break, Proxy
from tests.integration.jobs.conftest import PACE, VIDEO
from tests.postgres import new_postgres

MakeJob = Callable[..., Job]
AHEAD, PAID = "AND jobs.revision =", "RETURNING jobs.revision"  # in the words of the one statement, and of no other
MOMENTS = {"before the POST": (None, AHEAD), "after it": ("/v1/videos$", PAID), "before the post": ("/files/", AHEAD)}
"""When the line breaks: while this path is asked, and which statement's COMMIT is lost."""


@pytest.fixture
async def proxy(postgres: str) -> AsyncIterator[Proxy]:
    """A line to the server, whole at first."""
    line = Proxy(str(next(Path(postgres).glob(".s.PGSQL.*[0-9]"))))
    yield line
    line.gate.set()
    await line.stop()


@pytest.fixture
async def there(postgres: str) -> str:
    """A fresh database."""
    return await new_postgres(postgres)


@pytest.fixture
async def begin(
    there: str, proxy: Proxy, bench: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[], None]]:
    """Starts a worker at the other end of that line."""
    monkeypatch.setattr(database, "BUSY", 2.0)
    name = there.split("/")[3].split("?", maxsplit=1)[0]
    words = "prepared_statement_cache_size=0"  # so that each statement goes over the line in words
    url = f"postgresql://postgres@127.0.0.1:{await proxy.start()}/{name}?{words}"
    store = await Store.open(url, clock=bench.clock)
    apis = {"octopusx": VideoApi("octopusx", bench.api.url, SecretStr(bench.api.key))}
    rest: dict[str, Any] = {"pace": Pace(**PACE), "links": None, "retention": Retention(), "owner": new_owner()}
    worker = Worker(store, apis, bench.place, data_dir=bench.data_dir, clock=bench.clock, **rest)
    running: list[asyncio.Task[None]] = []
    yield lambda: running.append(asyncio.create_task(worker.run()))
    worker.stop()
    await asyncio.gather(*running)
    await apis["octopusx"].aclose()
    await store.close()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("how", Break)
async def test_a_save_whose_commit_is_lost(
    how: Break,
    moment: str,
    proxy: Proxy,
    there: str,
    begin: Callable[[], None],
    bench: Any,
    make_job: MakeJob,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Long before its lease lapses the video is there: none is called unconfirmed, and no id is said to be lost."""
    path, words = MOMENTS[moment]
    watching = await Store.open(there)
    await watching.add(job := make_job())
    bench.api.next(video=VIDEO)
    fault = bench.api.faults.add(path, hold=asyncio.Event()) if path else None
    if fault is None:
        proxy.spoil(how, after=words)
    begin()
    if fault is not None:
        await asyncio.wait_for(fault.reached.wait(), 30)
        proxy.spoil(how, after=words)
        fault.hold.set()
    await asyncio.wait_for(proxy.reached.wait(), 30)
    for _ in range(4):
        await asyncio.sleep(0.05)
    proxy.gate.set()
    done = await _settled(watching, job)
    await watching.close()
    assert done.status is Status.COMPLETED
    assert [call.task_id for call in bench.api.posts] == [done.video_id]
    assert bench.place.posted == [job.id]
    assert "video_id_lost" not in capsys.readouterr().out


async def _settled(store: Store, job: Job) -> Job:
    """The job, once nothing is left to do."""
    async with asyncio.timeout(30):
        while True:
            seen = await store.get(job.id)
            assert seen is not None
            if seen.due_at is None:
                return seen
            await asyncio.sleep(0.05)
