"""A disk that is full, a file that is locked, damaged or read-only: nothing is paid twice, and the bot goes on by itself."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.jobs import outcomes
from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from tests.integration.durability.conftest import Start

MakeJob = Callable[..., Job]
FULL = "CREATE TRIGGER full BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'disk full'); END"
LOCKED_FOR = 0.3  # seconds; 20 of them prove no more, since SQLite waits for 30
MOMENTS = {
    "claim": ("/v1/videos$", "POST"),
    "answer": ("/v1/videos$", "POST"),
    "poll": ("/v1/videos/", "GET"),
    "download": ("/files/", "GET"),
}


@contextmanager
def _full(process: int, _database: Path) -> Iterator[None]:
    """The process may make no file longer, as on a full disk; then there is room again."""
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (0, before[1]))
    yield
    resource.prlimit(process, resource.RLIMIT_FSIZE, before)


@contextmanager
def _locked(_process: int, database: Path) -> Iterator[None]:
    """Another program writes, and takes its time."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def _rows(database: Path) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reader:
        return reader.execute("SELECT status, video_id FROM jobs").fetchall()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("trouble", [_full, _locked], ids=["full", "locked"])
async def test_trouble_with_the_disk_costs_nothing_but_time(
    bench: Any, start: Start, make_job: MakeJob, trouble: Callable[..., AbstractContextManager[None]], moment: str
):
    """Whenever it comes over a job, that is paid once and brought once as soon as it is over."""
    worker = await start("work", f"sqlite:///{bench.database}", bench.api.url, bench.data_dir)
    await asyncio.wait_for(worker.stdout.readline(), 30)
    job = await bench.add(make_job())
    path, method = MOMENTS[moment]
    fault = bench.api.faults.add(path, method=method, hold=asyncio.Event())
    if moment != "claim":
        worker.stdin.write(b"go\n")
        await asyncio.wait_for(fault.reached.wait(), 30)
    before = _rows(bench.database)
    with trouble(worker.pid, bench.database):
        fault.hold.set()
        worker.stdin.write(b"go\n")
        for _ in range(int(LOCKED_FOR / 0.05)):
            await asyncio.sleep(0.05)
        assert _rows(bench.database) == before
        assert len(bench.api.posts) == (moment != "claim")
    done = await bench.until(job, _ended, 60)
    assert done.status is Status.COMPLETED
    assert [call.task_id for call in bench.api.posts] == [done.video_id]
    assert [path.name for path in (bench.data_dir / "place").glob("*.mp4")] == [f"{job.id}.mp4"]


def _ended(job: Job) -> bool:
    return job.due_at is None


async def test_a_refused_post_is_no_lost_answer_however_long_the_database_is_in_trouble(
    bench: Any, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
):
    """A save of any other step is given up after half a minute; here that would tell the person of a charge."""
    monkeypatch.setattr(outcomes, "PATIENCE", 0.0)
    job = await bench.add(make_job())
    no = {"code": "invalid_size", "message": "the size is invalid", "data": None}
    fault = bench.api.faults.add("/v1/videos$", method="POST", status=400, body=no, hold=asyncio.Event())
    with closing(sqlite3.connect(bench.database, isolation_level=None, check_same_thread=False)) as trouble:
        async with bench.working():
            await asyncio.wait_for(fault.reached.wait(), 30)
            # In threads: the worker may be in the middle of a transaction, and must be let end it.
            await asyncio.to_thread(trouble.execute, FULL)
            fault.hold.set()
            for _ in range(6):
                await asyncio.sleep(0.05)
            await asyncio.to_thread(trouble.execute, "DROP TRIGGER full")
            bench.advance(120)  # leases lapse: a row given up would be claimed as one whose sender died
            ended = await bench.settled(job)
    assert ended.status is Status.FAILED
    assert fault.hits == 1


def _damaged_header(file: Path) -> Path:
    file.write_bytes(b"\xff" * 100 + file.read_bytes()[100:])
    return file


def _damaged_middle(file: Path) -> Path:
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + os.urandom(8 * 4096) + whole[9 * 4096 :])
    return file


def _damaged_log(file: Path) -> Path:
    log = file.with_name(file.name + "-wal")
    log.write_bytes(b"garbage" * 2000)
    return log


@pytest.mark.parametrize("damage", [_damaged_header, _damaged_middle, _damaged_log])
async def test_a_damaged_database_is_refused_and_left_as_it_is(
    tmp_path: Path, make_job: MakeJob, damage: Callable[[Path], Path]
):
    """One line that names the setting and what to do; not a byte is changed, so that it can be saved by hand."""
    file = tmp_path / "reelcord.db"
    store = await Store.open(f"sqlite:///{file}")
    for _ in range(40):
        await store.add(make_job())
    await store.close()
    damaged = damage(file)
    before = file.read_bytes(), damaged.read_bytes()
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: [^\n]*(damaged|not a database)[^\n]*$"):
        await Store.open(f"sqlite:///{file}")
    assert (file.read_bytes(), damaged.read_bytes()) == before


async def test_a_log_of_zeros_is_what_a_power_loss_may_leave(tmp_path: Path, make_job: MakeJob):
    """Nothing in it was committed: the bot starts, and what was there before is there."""
    file, job = tmp_path / "reelcord.db", make_job()
    store = await Store.open(f"sqlite:///{file}")
    await store.add(job)
    await store.close()
    file.with_name("reelcord.db-wal").write_bytes(bytes(8192))
    store = await Store.open(f"sqlite:///{file}")
    assert await store.get(job.id) == job
    await store.close()


async def test_damage_that_appears_while_the_bot_runs_pays_nothing_twice(bench: Any, start: Start, make_job: MakeJob):
    """The file is overwritten while a POST is unanswered: it was sent once, and the next start refuses the file."""
    await bench.add(make_job())
    fault = bench.api.faults.add("/v1/videos$", method="POST", hold=asyncio.Event())
    worker = await start("work", f"sqlite:///{bench.database}", bench.api.url, bench.data_dir)
    worker.stdin.write(b"go\n")
    await asyncio.wait_for(fault.reached.wait(), 30)
    with closing(sqlite3.connect(bench.database)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with bench.database.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(bench.database.stat().st_size - 4096))
    fault.hold.set()
    await bench.api.wait_for(lambda: bench.api.posts and bench.api.posts[0].status == 200)
    await asyncio.sleep(0.05)
    assert worker.returncode is None
    assert len(bench.api.posts) == 1
    worker.kill()
    await worker.wait()
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: .*damaged"):
        await Store.open(f"sqlite:///{bench.database}")
