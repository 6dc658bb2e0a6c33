"""Kill -9 and power loss: what was acknowledged is there, whole and in order, and what was not is not halfway there."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.jobs.store import Store
from tests.integration.durability.child import PICTURES
from tests.integration.durability.conftest import Start

ROWS = """
    SELECT CAST(id AS INTEGER), status, message_id, message_url, finished_at, revision,
           (SELECT COUNT(*) FROM inputs WHERE job_id = jobs.id AND length(data) = 3000)
    FROM jobs ORDER BY id
"""


def _halves(database: Path) -> list[object]:
    """Rows that are neither as they were added nor as they were ended."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reader:
        rows = reader.execute(ROWS).fetchall()
    added = [(n, "queued", None, None, None, 0, PICTURES) for n, *_ in rows]
    ended = [(n, "completed", n, str(n), 1.0, 1, PICTURES) for n, *_ in rows]
    return [row for row, *wholes in zip(rows, added, ended, strict=True) if row not in wholes]


def _standing(database: Path) -> tuple[str, list[int], int]:
    """What SQLite says of the file, the rows in it, and how many of those have ended."""
    with closing(sqlite3.connect(database)) as opened:
        said = opened.execute("PRAGMA integrity_check").fetchone()[0]
        rows = opened.execute("SELECT CAST(id AS INTEGER), status FROM jobs ORDER BY id").fetchall()
    return said, [number for number, _ in rows], sum(status == "completed" for _, status in rows)


def _told(lines: bytes) -> tuple[int, int]:
    """The last rows that were told to be added and to be ended."""
    words = [line.split() for line in lines.splitlines()]
    added, ended = ([int(n) for word, n in words if word == kind] for kind in (b"added", b"ended"))
    return max(added, default=0), max(ended, default=0)


@pytest.mark.parametrize("kept", ["-wal -shm", "-wal"])
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_power_loss_takes_nothing_that_was_acknowledged(start: Start, tmp_path: Path, seed: int, kept: str):
    """Frozen at a moment drawn by lot, its files copied as they lie on the disk, then killed: both open clean and whole."""
    roll = random.Random(seed)
    database, copy = tmp_path / "reelcord.db", tmp_path / "copy.db"
    child = await start("write", f"sqlite:///{database}")
    lines = b"".join([await asyncio.wait_for(child.stdout.readline(), 30) for _ in range(roll.randrange(2, 60))])
    await asyncio.sleep(roll.random() * 0.01)
    assert _halves(database) == []  # a reader beside the writer sees no half either

    os.kill(child.pid, signal.SIGSTOP)
    for end in ("", *kept.split()):
        shutil.copyfile(f"{database}{end}", f"{copy}{end}")
    child.kill()
    added, ended = _told(lines + await child.stdout.read())

    for file in (copy, database):
        assert _halves(file) == []
        said, numbers, done = _standing(file)
        assert said == "ok"
        assert numbers == list(range(1, len(numbers) + 1))
        assert added <= len(numbers) <= added + 1
        assert ended <= done <= ended + 1
        store = await Store.open(f"sqlite:///{file}")
        assert sum((await store.counts()).values()) == len(numbers)
        await store.close()


async def test_a_reader_beside_a_writer_that_dies_never_sees_half_a_job(start: Start, tmp_path: Path):
    """Read all the time: a row has all of its pictures, and its status with its message, or none of it."""
    database = tmp_path / "reelcord.db"
    child = await start("write", f"sqlite:///{database}")
    for reads in range(40):
        await asyncio.wait_for(child.stdout.readline(), 30)
        if reads == 30:
            child.kill()
        assert await asyncio.to_thread(_halves, database) == []


async def test_a_backup_made_while_the_bot_writes_is_whole(start: Start, tmp_path: Path):
    """SQLite's own backup has every row told before it began; files copied by hand beside a writer promise nothing."""
    database, copy = tmp_path / "reelcord.db", tmp_path / "copy.db"
    child = await start("write", f"sqlite:///{database}")
    lines = b"".join([await asyncio.wait_for(child.stdout.readline(), 30) for _ in range(20)])
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    said, numbers, done = _standing(copy)
    added, ended = _told(lines)
    assert said == "ok"
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= added
    assert done >= ended
    assert _halves(copy) == []
