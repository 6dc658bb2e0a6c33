"""Two programs on one database: what one of them works on is left to it, and the other says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.jobs.job import Job, Status
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
    assert bench.files() == [f"posters/{job.id}.jpg"] or folder == "elsewhere"
