"""Posting: at least once and seen once, wherever the worker dies; looked for before a second time."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from bot.jobs.delivery import DeliveryDelayed
from bot.jobs.job import Job, Status
from bot.jobs.worker import LEASE
from tests.integration.jobs.conftest import LINKS, VIDEO
from tests.integration.processes import children

MakeJob = Callable[..., Job]


async def test_a_place_out_of_reach_is_tried_again_and_looked_at_first(bench: Any, make_job: MakeJob):
    """The first try may have been seen through unseen, so the second searches; the video is fetched once."""
    job = await bench.add(make_job(), url="content")
    bench.place.refuse_post = [DeliveryDelayed("Discord is down", retry_after=100), DeliveryDelayed("Discord is down")]
    async with bench.working():
        waiting = await bench.until(job, lambda seen: seen.posting_at is not None and seen.attempts == 1)
        assert 90 < waiting.due_at - bench.clock() <= 100
        done = await bench.rushed(job)
    assert done.status is Status.COMPLETED
    assert (bench.place.posts, bench.place.looks) == ([job.id] * 3, [job.id] * 2)
    (task,) = bench.api.tasks.values()
    assert len(task.downloads) == 1


async def test_a_crash_after_the_post_looks_before_it_posts_again(bench: Any, make_job: MakeJob):
    """`posting_at` is on disk before the message leaves, so a row found with it may have its message already."""
    job = await bench.add(make_job(status=Status.DELIVERING, video_id="v", posting_at=1.0))
    bench.place.folder.mkdir()
    (bench.place.folder / f"{job.id}.mp4").write_bytes(VIDEO)
    async with bench.working():
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert (bench.place.posts, bench.place.looks) == ([], [job.id])
    assert bench.api.log == []


async def test_a_video_that_was_fetched_before_a_crash_is_not_fetched_again(bench: Any, make_job: MakeJob):
    """Nothing was posted yet, so nothing is looked for."""
    bench.spool.mkdir()
    job = make_job(status=Status.DELIVERING, video_id="v")
    (bench.spool / f"{job.id}.mp4").write_bytes(VIDEO)
    await bench.add(job)
    async with bench.working():
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert (bench.place.looks, bench.place.posted, bench.api.log) == ([], [job.id], [])


def _killed(processes: list[int]) -> bool:
    """Kill the first of them; False where there is none, or it came to its end by itself just now."""
    try:
        os.kill(processes[0], signal.SIGKILL)
    except (IndexError, ProcessLookupError):
        return False
    return True


async def test_a_look_that_somebody_ends_costs_no_video(bench: Any, make_job: MakeJob):
    """A system short of memory kills ffmpeg while it probes the only copy: that copy stays, and is looked at again."""
    bench.spool.mkdir()
    job = make_job(status=Status.DELIVERING, video_id="v")
    (bench.spool / f"{job.id}.mp4").write_bytes(VIDEO)
    await bench.add(job)
    async with bench.working(), asyncio.timeout(30):
        while not _killed(children(os.getpid(), bench.spool)):  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.001)
        done = await bench.rushed(job)
    assert (done.status, bench.place.posted, bench.api.log) == (Status.COMPLETED, [job.id], [])


@pytest.mark.parametrize("offers", [False, True], ids=["as it is", "with a link"])
@pytest.mark.parametrize("point", ["before post", "after post", "before show", "after show"])
async def test_wherever_the_worker_dies_the_video_appears_once(bench: Any, make_job: MakeJob, point: str, offers: bool):
    """One message, one download, the card done, and of the files just what the message leads to."""
    bench.place.crash, bench.place.offers_original = point, offers
    job = await bench.add(make_job())
    async with bench.working(links=LINKS):
        await bench.api.wait_for(lambda: bench.place.crash == "")
    async with bench.working(links=LINKS):
        done = await bench.rushed(job)
    assert done.status is Status.COMPLETED
    assert bench.place.posted == [job.id]
    assert bench.place.shown[-1] == (Status.COMPLETED, 100)
    (task,) = bench.api.tasks.values()
    assert len(task.downloads) == 1
    assert bench.files() == [*([f"originals/{job.id}.mp4"] if offers else []), f"posters/{job.id}.jpg"]
    assert (done.original_until is not None) is offers


async def test_a_worker_killed_in_the_midst_of_a_download_begins_it_again(bench: Any, make_job: MakeJob):
    """Kill -9: what was half written is not taken for the video, and does not stay."""
    job = await bench.add(make_job(), url="content", truncate=1024, truncate_times=1)
    fault = bench.api.faults.add("/content$", hold=asyncio.Event())
    process = await bench.process()
    await asyncio.wait_for(fault.reached.wait(), 30)
    process.kill()
    await process.wait()
    fault.hold.set()
    (bench.spool / f"{job.id}.mp4.part").write_bytes(VIDEO[:1000])
    bench.clock.ahead = LEASE + 1
    async with bench.working():
        assert (await bench.rushed(job)).status is Status.COMPLETED
    assert bench.place.posted == [job.id]
    assert (bench.place.folder / f"{job.id}.mp4").read_bytes() == VIDEO
    assert bench.files() == [f"posters/{job.id}.jpg"]


async def test_the_search_goes_back_to_the_last_try_that_may_have_posted(bench: Any, make_job: MakeJob):
    """Written anew, on disk, before each post; a search that could not be made moves nothing."""
    job = await bench.add(make_job())
    bench.place.refuse_post = [DeliveryDelayed("Discord is down")] * 2
    bench.place.refuse_find = [DeliveryDelayed("Discord is down")] * 2
    bench.place.holds = {"post": asyncio.Event()}

    def on_disk() -> float:
        with sqlite3.connect(bench.database) as database:
            (when,) = database.execute("SELECT posting_at FROM jobs").fetchone()
        database.close()
        return when

    async with bench.working():
        await bench.api.wait_for(lambda: "post" in bench.place.waiting)
        assert on_disk() == bench.place.since[0][1]
        bench.place.holds["post"].set()
        assert (await bench.rushed(job)).status is Status.COMPLETED
    calls, since = [call for call, _ in bench.place.since], [when for _, when in bench.place.since]
    assert calls == ["post", "find", "find", "find", "post", "find", "post"]
    first, second, third = since[0], since[4], since[6]
    assert since == [first, first, first, first, second, second, third]
    assert first < second < third


async def test_the_poster_is_taken_before_the_row_says_that_a_post_is_tried(bench: Any, make_job: MakeJob):
    """So that the search need not go back over what took long and posted nothing."""
    job = await bench.add(make_job())
    async with bench.working():
        done = await bench.settled(job)
    (result,) = bench.place.results
    assert result.poster is not None
    assert result.poster.stat().st_mtime <= done.posting_at
    assert result.video.path == bench.spool / f"{job.id}.mp4"
