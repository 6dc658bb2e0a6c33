"""Delivering: fetched whole, posted at least once and looked for before a second time, and told on the card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.jobs.delivery import DeliveryDelayed, Result, Undeliverable
from bot.jobs.folder import FolderDelivery
from bot.jobs.job import Job, Status
from bot.jobs.steps.base import OUTAGE
from bot.jobs.steps.deliver import ANNOUNCE_TRIES, FETCH_TRIES, POST_TRIES
from bot.media import probe
from tests.integration.jobs.conftest import VIDEO

MakeJob = Callable[..., Job]


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
    async with bench.working(job_timeout=7200.0):
        ended = await bench.rushed(job)
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


async def test_a_closed_place_holds_the_video(bench: Any, make_job: MakeJob):
    """The file stays for /jobs to offer, and the card says the place's own sentence."""
    job = await bench.add(make_job())
    bench.place.refuse_post = [Undeliverable("I may not post in that channel.")]
    async with bench.working():
        held = await bench.settled(job)
    assert (held.status, held.reason) == (Status.HELD, "I may not post in that channel.")
    assert (bench.data_dir / "spool" / f"{job.id}.mp4").exists()
    assert bench.place.shown[-1][0] is Status.HELD


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


async def test_a_place_out_of_reach_for_hours_holds_the_video(bench: Any, make_job: MakeJob):
    """It is paid for, so it is kept; the person learns where to find it."""
    job = await bench.add(make_job())
    bench.place.refuse_post = [DeliveryDelayed("Discord is down")] * POST_TRIES
    async with bench.working():
        held = await bench.rushed(job)
    assert held.status is Status.HELD
    assert held.reason == "This place could not be reached for hours."
    assert bench.place.refuse_post == []


async def test_a_crash_after_the_post_looks_before_it_posts_again(bench: Any, make_job: MakeJob):
    """`posting_at` is on disk before the message leaves, so a row found with it may have its message already."""
    job = await bench.add(make_job(status=Status.DELIVERING, video_id="v", posting_at=1.0))
    bench.place.folder.mkdir()
    (bench.place.folder / f"{job.id}.mp4").write_bytes(VIDEO)
    async with bench.working():
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert (bench.place.posts, bench.place.looks) == ([], [job.id])
    assert bench.api.log == []


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


async def test_the_end_is_told_even_if_the_card_is_out_of_reach_at_first(bench: Any, make_job: MakeJob):
    """Announcing is due work: tried again until it is done."""
    job = await bench.add(make_job(status=Status.CANCELLED))
    bench.place.refuse_show = [DeliveryDelayed("Discord is down", retry_after=50), RuntimeError("a bug in the adapter")]
    async with bench.working():
        ended = await bench.rushed(job)
    assert bench.place.shown == [(Status.CANCELLED, 0)] * 3
    assert ended.destination.token is None


@pytest.mark.parametrize(
    ("refusals", "shows"),
    [([Undeliverable("gone")], 1), ([DeliveryDelayed("down")] * 99, ANNOUNCE_TRIES)],
    ids=["for ever", "for an hour"],
)
async def test_a_card_that_cannot_be_edited_is_given_up(
    bench: Any, make_job: MakeJob, refusals: list[Exception], shows: int
):
    """At once where it is gone, after about an hour where it does not answer; the job's end stands."""
    job = await bench.add(make_job(status=Status.EXPIRED))
    bench.place.refuse_show = refusals
    started = bench.clock()
    async with bench.working():
        ended = await bench.rushed(job)
    assert (ended.status, ended.due_at) == (Status.EXPIRED, None)
    assert len(bench.place.shown) == shows
    assert ended.shown_at - started < 5400


async def test_a_folder_that_cannot_be_written_delays(tmp_path: Any, make_job: MakeJob):
    """The headless worker's disk may be full or away."""
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "v.mp4").write_bytes(VIDEO)
    delivery = FolderDelivery(tmp_path / "file")
    result = Result(video=await probe(tmp_path / "v.mp4"), poster=None, original=None)
    with pytest.raises(DeliveryDelayed, match="cannot be written"):
        await delivery.post(make_job(), result)
    with pytest.raises(DeliveryDelayed, match="cannot be written"):
        await delivery.show(make_job())
    assert await delivery.renew(["https://a"]) == {"https://a": "https://a"}
