"""What is left of a paid video's id where no database takes it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from bot.jobs.job import Job

MakeJob = Callable[..., Job]
POST = {"path": "/v1/videos$", "method": "POST"}


async def test_an_id_that_cannot_be_saved_is_in_the_log(
    bench: Any, make_job: MakeJob, capsys: pytest.CaptureFixture[str]
):
    """The database refuses every write until the program is ended: an operator can still find what was paid for."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add(**POST, hold=asyncio.Event())
    trouble = sqlite3.connect(bench.database, isolation_level=None)
    async with bench.working(drain=0.05):
        await asyncio.wait_for(fault.reached.wait(), 30)
        trouble.execute("CREATE TRIGGER full BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        fault.hold.set()
        await bench.api.wait_for(lambda: bench.api.posts and bench.api.posts[0].status == 200)
        said = await _until_said(capsys, "save_failed")
    trouble.close()
    (lost,) = [line for line in (said + capsys.readouterr().out).splitlines() if "video_id_lost" in line]
    assert f"job='{job.id}'" in lost
    assert f"video_id='{bench.api.posts[0].task_id}'" in lost


async def _until_said(capsys: pytest.CaptureFixture[str], action: str) -> str:
    """Wait for a log line; returns all that was said by then."""
    said = ""
    async with asyncio.timeout(30):
        while action not in said:
            await asyncio.sleep(0.01)
            said += capsys.readouterr().out
    return said
