"""Two programs on one database: what one of them works on is left to it, and the other says so."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.job import Job, Status
from bot.jobs.sweep import LEFTOVER, sweep
from bot.jobs.videos import DAY, Retention, Videos
from tests.integration.durability.conftest import Start

MakeJob = Callable[..., Job]


@pytest.mark.parametrize("folder", [".", "elsewhere"])
async def test_a_second_program_leaves_leased_rows_alone_and_says_so(
    bench: Any, start: Start, make_job: MakeJob, folder: str
):
    """In the same DATA_DIR or in another: it takes over nothing, and both together pay once and post once."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add("/v1/videos$", method="POST", hold=asyncio.Event())
    async with bench.working():
        await asyncio.wait_for(fault.reached.wait(), 30)
        second = await start("work", f"sqlite:///{bench.database}", bench.api.url, bench.data_dir / folder)
        second.stdin.write(b"go\n")
        said = b""
        while b"others_at_work" not in said:
            line = await asyncio.wait_for(second.stdout.readline(), 30)
            assert line
            said += line
        assert b"jobs_taken_over" not in said
        assert b"its rows are left to it" in said
        seen = await bench.store.get(job.id)
        assert seen is not None
        assert seen.status is Status.SUBMITTING
        fault.hold.set()
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert len(bench.api.posts) == 1
    videos = [path for path in bench.data_dir.rglob("*.mp4") if not path.is_relative_to(bench.spool)]
    assert [path.parent.name for path in videos] == ["place"]
    assert [path.name for path in bench.data_dir.rglob("*.jpg") if path.parent.name == "posters"] == [f"{job.id}.jpg"]


def _old_file(path: Path, now: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"film")
    os.utime(path, (now - LEFTOVER - 1, now - LEFTOVER - 1))


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))


async def test_each_sweeps_its_own_folder_and_by_all_the_jobs(bench: Any, make_job: MakeJob, tmp_path: Path):
    """Two DATA_DIRs on one database: what jobs of either need stays in both, and only its own orphans go from each."""
    now = bench.clock()
    ours, theirs = (make_job(status=Status.DELIVERING, video_id="v") for _ in range(2))
    ended = {"status": Status.COMPLETED, "due_at": None, "finished_at": now - DAY}
    kept = make_job(**ended, original_url="https://bot/a", original_until=now + DAY)
    over = make_job(**ended)
    held = make_job(**ended | {"status": Status.HELD})
    for job in (ours, theirs, kept, over, held):
        await bench.store.add(job)
    needed = [*(f"spool/{job.id}.mp4" for job in (ours, theirs, held)), f"originals/{kept.id}.mp4"]
    orphans = [f"spool/{over.id}.mp4", f"spool/{over.id}.mp4.part", "spool/nobodysjob22.mp4", "spool/.fit-crashed.mp4"]
    folders = [tmp_path / "here", tmp_path / "there"]
    for folder in folders:
        for name in (*needed, *orphans):
            _old_file(folder / name, now)
    left = [sorted([*needed, *orphans])] * 2
    for number, folder in enumerate(folders):
        await sweep(bench.store, Videos(folder), Retention(), now)
        left[number] = sorted(needed)
        assert [_names(each) for each in folders] == left
    assert await bench.store.get(kept.id) == kept
