"""Fetching a made video: whole, playable, by either route; and nothing but a clear end gives it up."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.jobs.delivery import DeliveryDelayed
from bot.jobs.job import Job, Status
from bot.jobs.steps.base import OUTAGE
from bot.jobs.steps.fetch import DISK_FULL, FETCH_TRIES
from bot.media import megabytes
from tests.integration.jobs.conftest import VIDEO

MakeJob = Callable[..., Job]
NO_VIDEO = {"status": 200, "body": b"no video", "headers": {"Content-Type": "video/mp4"}}


@pytest.mark.parametrize("url", ["direct", "content", "data", "proxy", "redirect"])
async def test_every_kind_of_link_ends_in_the_same_bytes(bench: Any, make_job: MakeJob, url: str):
    """The key never leaves home, and a row does not keep a whole video as a data: link."""
    job = await bench.add(make_job(), url=url, video=VIDEO)
    async with bench.working():
        done = await bench.settled(job)
    assert done.status is Status.COMPLETED
    assert (bench.place.folder / f"{job.id}.mp4").read_bytes() == VIDEO
    # A redirect starts on the service's own host, where the key is at home; the file's host never sees it.
    assert [call for call in bench.api.leaked_bearers if call.path.startswith("/files/")] == []
    assert not (done.video_url or "").startswith("data:")


async def test_a_download_cut_short_is_fetched_again_from_zero(bench: Any, make_job: MakeJob):
    """new-api cuts /content after 60 s with the status already 200."""
    job = await bench.add(make_job(), truncate=1024, truncate_times=3, video=VIDEO)
    async with bench.working():
        done = await bench.rushed(job)
    assert done.status is Status.COMPLETED
    assert (bench.place.folder / f"{job.id}.mp4").read_bytes() == VIDEO
    assert (bench.place.posts, bench.place.looks) == ([job.id], [])


async def test_a_video_that_is_gone_ends_honestly(bench: Any, make_job: MakeJob):
    """Made and charged, and not to be had: after half an hour of trying the person is told so."""
    job = await bench.add(make_job(), gone=True)
    async with bench.working():
        made = await bench.until(job, Status.DELIVERING)
        ended = await bench.rushed(job)
    assert ended.status is Status.FAILED
    assert "was made but could not be fetched" in str(ended.reason)
    assert 1200 < ended.finished_at - made.created_at < 3600
    tried = [call for call in bench.api.log if call.path.endswith("/content")]
    assert len(tried) == FETCH_TRIES


async def test_a_service_that_is_down_for_hours_costs_no_made_video(bench: Any, make_job: MakeJob):
    """It is paid for: while nobody answers nothing is known of it, and a slow recovery does not end it at once either."""
    job = await bench.add(make_job(), content_refuses=3, url="content")
    away = bench.api.faults.add("/content$", status=503, times=30)
    async with bench.working(job_timeout=7200.0):
        done = await bench.rushed(job)
    assert away.hits == 30
    assert done.status is Status.COMPLETED


async def test_a_service_that_never_comes_back_ends_honestly(bench: Any, make_job: MakeJob):
    """Hours past the deadline of the job nobody waits any more."""
    job = await bench.add(make_job(), url="content")
    bench.api.faults.add("/content$", status=503, times=-1)
    async with bench.working(job_timeout=1200.0):
        late = await bench.rushed(job, lambda seen: bench.clock() > (seen.deadline_at or math.inf))
        bench.advance(OUTAGE - 3600)
        kept = await bench.rushed(job, lambda _: bench.clock() > late.deadline_at + OUTAGE - 1800)
        ended = await bench.rushed(job)
    assert (late.status, kept.status) == (Status.DELIVERING, Status.DELIVERING)
    assert ended.status is Status.FAILED
    assert "was made but could not be fetched" in str(ended.reason)
    assert ended.finished_at is not None
    assert ended.deadline_at is not None
    assert OUTAGE < ended.finished_at - ended.deadline_at < OUTAGE + 3600


async def test_a_key_refused_while_fetching_costs_no_try(bench: Any, make_job: MakeJob):
    """The file needs the key; it waits for the operator like every other question."""
    job = await bench.add(make_job(), url="content")
    fault = bench.api.faults.add(
        "/content$", status=401, times=15, body={"error": {"message": "Invalid token", "code": ""}}
    )
    async with bench.working():
        done = await bench.rushed(job)
    assert done.status is Status.COMPLETED
    assert fault.hits == 15


@pytest.mark.parametrize(("broken", "status"), [(1, Status.COMPLETED), (-1, Status.FAILED)])
async def test_a_file_that_cannot_be_played_is_fetched_again(
    bench: Any, make_job: MakeJob, broken: int, status: Status
):
    """What was downloaded had the right length and was no video; a few times, not for ever."""
    job = await bench.add(make_job(), url="content")
    fault = bench.api.faults.add(
        "/content$", status=200, times=broken, body=b"no video", headers={"Content-Type": "video/mp4"}
    )
    async with bench.working():
        assert (await bench.rushed(job)).status is status
    assert fault.hits == (1 if broken == 1 else FETCH_TRIES)
    assert not (bench.data_dir / "spool" / f"{job.id}.mp4").exists()


async def test_what_comes_broken_by_the_link_is_fetched_by_the_other_route(bench: Any, make_job: MakeJob):
    """A file that calls itself a video and is none says nothing about the content route, which is asked at once."""
    job = await bench.add(make_job(), url="direct")
    fault = bench.api.faults.add("/files/", times=-1, **NO_VIDEO)
    async with bench.working():
        done = await bench.settled(job)
    assert done.status is Status.COMPLETED
    assert (bench.place.folder / f"{job.id}.mp4").read_bytes() == VIDEO
    assert (fault.hits, [call.path for call in bench.api.log if call.path.endswith("/content")]) == (
        1,
        [f"/v1/videos/{done.video_id}/content"],
    )


async def test_what_is_broken_by_both_routes_ends_honestly(bench: Any, make_job: MakeJob):
    """Each try asks both, and there are as many tries as for anything else."""
    job = await bench.add(make_job(), url="direct")
    faults = [bench.api.faults.add(path, times=-1, **NO_VIDEO) for path in ("/files/", "/content$")]
    async with bench.working():
        ended = await bench.rushed(job)
    assert ended.status is Status.FAILED
    assert "was made but could not be fetched" in str(ended.reason)
    assert [fault.hits for fault in faults] == [FETCH_TRIES, FETCH_TRIES]
    assert bench.files() == []


async def test_tries_of_the_place_are_none_of_the_file(bench: Any, make_job: MakeJob):
    """Its place was out of reach for long when the file was lost: it is fetched with a patience of its own."""
    job = await bench.add(make_job(), url="content")
    bench.place.refuse_post = [DeliveryDelayed("Discord is down")] * (FETCH_TRIES + 2)
    async with bench.working():
        await bench.rushed(job, lambda seen: seen.attempts == FETCH_TRIES + 2)
        (bench.spool / f"{job.id}.mp4").unlink()
        fault = bench.api.faults.add("/content$", times=3, **NO_VIDEO)
        done = await bench.rushed(job)
    assert done.status is Status.COMPLETED
    assert fault.hits == 3


async def test_a_video_over_the_cap_ends_at_once_and_offers_the_services_link(bench: Any, make_job: MakeJob):
    """It will not be smaller the next time; the person may fetch it themselves."""
    job = await bench.add(make_job(), url="direct")
    async with bench.working(max_bytes=len(VIDEO) - 1):
        ended = await bench.settled(job)
    assert ended.status is Status.FAILED
    assert "larger than" in str(ended.reason)
    assert f"It has {megabytes(len(VIDEO))}." in str(ended.reason)
    assert ended.original_url == ended.video_url
    assert (ended.original_url or "").startswith(bench.api.files_url)
    assert (ended.original_until, ended.attempts, bench.files()) == (None, 0, [])


async def test_a_full_disk_costs_no_video(bench: Any, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch):
    """The jobs wait and their cards say why; the operator is told once, not for each try of each job."""
    jobs = [await bench.add(make_job(), url="content") for _ in range(2)]
    full = shutil.disk_usage(bench.data_dir)._replace(free=0)
    with capture_logs() as logs:
        async with bench.working():
            with monkeypatch.context() as disk:
                disk.setattr(shutil, "disk_usage", lambda _path: full)
                due = {job.id: (await bench.until(job, _waits_for_room)).due_at for job in jobs}
                for _ in range(FETCH_TRIES + 2):
                    bench.advance(200)
                    for job in jobs:
                        due[job.id] = (await bench.until(job, lambda seen: seen.due_at != due[seen.id])).due_at
                for job in jobs:
                    await bench.until(job, _waits_for_room)
                assert DISK_FULL in (bench.place.folder / f"{jobs[0].id}.json").read_text()
            for job in jobs:
                assert (await bench.rushed(job)).status is Status.COMPLETED
    said = [line["action"] for line in logs if line.get("action") in ("disk_full", "disk_has_room")]
    assert said == ["disk_full", "disk_has_room"]


def _waits_for_room(job: Job) -> bool:
    return (job.status, job.reason) == (Status.DELIVERING, DISK_FULL)


async def test_a_disk_that_stays_full_ends_honestly(bench: Any, make_job: MakeJob):
    """The system's own word for it, hours past the deadline; the service's own link is offered instead."""
    job = make_job()
    part = bench.spool / f"{job.id}.mp4.part"
    part.parent.mkdir()
    part.symlink_to("/dev/full")
    await bench.add(job, url="direct")

    def ended(seen: Job) -> bool:
        if not part.is_symlink():
            part.symlink_to("/dev/full")
        return seen.due_at is None

    async with bench.working(job_timeout=60.0):
        await bench.until(job, lambda seen: seen.reason == DISK_FULL)
        bench.clock.ahead = OUTAGE + 30
        over = await bench.rushed(job, ended)
    assert over.status is Status.FAILED
    assert "stayed full for hours" in str(over.reason)
    assert over.finished_at is not None
    assert over.deadline_at is not None
    assert OUTAGE < over.finished_at - over.deadline_at < OUTAGE + 3600
    assert (over.original_url, over.original_until) == (over.video_url, None)
