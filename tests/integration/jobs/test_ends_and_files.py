"""How a made video ends: in its place, held back or told to be lost; what of its files stays, and what the card says."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.jobs.delivery import DeliveryDelayed, Posted, Result, Undeliverable
from bot.jobs.folder import FolderDelivery
from bot.jobs.job import Job, Status
from bot.jobs.steps.base import OUTAGE
from bot.jobs.steps.deliver import ANNOUNCE_FOR, POST_TRIES
from bot.jobs.steps.fetch import DISK_FULL
from bot.jobs.videos import DAY, Retention
from bot.media import probe
from tests.integration.jobs.conftest import LINKS, VIDEO

MakeJob = Callable[..., Job]


async def test_an_original_that_a_message_leads_to_is_kept(bench: Any, make_job: MakeJob):
    """By our own signed link, for the operator's time; what was made of it goes."""
    job = await bench.add(make_job())
    bench.place.offers_original = True
    async with bench.working(links=LINKS, retention=Retention(originals_for=3 * DAY)):
        done = await bench.settled(job)
    assert done.original_until == pytest.approx(done.finished_at + 3 * DAY, abs=1)
    assert done.original_url == LINKS.sign(f"/videos/{job.id}.mp4", int(done.original_until))
    assert bench.files() == [f"originals/{job.id}.mp4", f"posters/{job.id}.jpg"]
    assert (bench.data_dir / "originals" / f"{job.id}.mp4").read_bytes() == VIDEO


async def test_the_card_offers_the_link_that_the_message_has(bench: Any, make_job: MakeJob):
    """An encode takes minutes: the card does not promise the original for those minutes more than the message does."""
    job = await bench.add(make_job())
    bench.place.offers_original = True
    bench.place.holds = {"post": asyncio.Event()}
    async with bench.working(links=LINKS):
        await bench.api.wait_for(lambda: "post" in bench.place.waiting)
        bench.advance(900)
        bench.place.holds["post"].set()
        done = await bench.settled(job)
    (result,) = bench.place.results
    assert (done.original_url, done.original_until) == (result.original.url, result.original.until)


@pytest.mark.parametrize(
    ("url", "own"),
    [("direct", True), ("content", False), ("data", False)],
    ids=["public", "with the key", "in the row"],
)
async def test_without_links_of_ours_the_services_own_is_offered(bench: Any, make_job: MakeJob, url: str, own: bool):
    """Where it needs no key; then nothing is kept here."""
    job = await bench.add(make_job(), url=url)
    bench.place.offers_original = True
    async with bench.working():
        done = await bench.settled(job)
    (result,) = bench.place.results
    assert (result.original is not None) is own
    assert done.original_url == (done.video_url if own else None)
    assert (done.original_until, bench.files()) == (None, [f"posters/{job.id}.jpg"])


async def test_a_closed_place_holds_the_video(bench: Any, make_job: MakeJob):
    """The file stays for /jobs to offer, and the card says the place's own sentence."""
    job = await bench.add(make_job())
    bench.place.refuse_post = [Undeliverable("I may not post in that channel.")]
    async with bench.working():
        held = await bench.settled(job)
    assert (held.status, held.reason) == (Status.HELD, "I may not post in that channel.")
    assert (bench.data_dir / "spool" / f"{job.id}.mp4").exists()
    assert bench.place.shown[-1][0] is Status.HELD


async def test_a_held_video_is_offered_by_a_link_and_then_brought(bench: Any, make_job: MakeJob):
    """The link lives as long as the file; once the video is in its place the row says only what is true then."""
    job = await bench.add(make_job())
    bench.place.refuse_post = [Undeliverable("I may not post in that channel.")]
    async with bench.working(links=LINKS, retention=Retention(originals_for=DAY)):
        held = await bench.settled(job)
        assert held.original_until == pytest.approx(held.finished_at + 8 * DAY, abs=1)
        assert held.original_url == LINKS.sign(f"/videos/{job.id}.mp4", int(held.original_until))
        await bench.store.save(_brought(held, bench.clock()))
        bench.wake()
        done = await bench.settled(job)
    assert (done.status, done.original_url, done.original_until) == (Status.COMPLETED, None, None)
    assert (bench.place.posted, bench.files()) == ([job.id], [f"posters/{job.id}.jpg"])


def _brought(held: Job, now: float) -> Job:
    """What a press of Post it here makes of a held job."""
    where = replace(held.destination, channel_id=99)
    return held.evolve(status=Status.DELIVERING, destination=where, reason=None, due_at=now, finished_at=None)


@pytest.mark.parametrize("gone", [False, True], ids=["still there", "gone there too"])
async def test_a_held_video_whose_file_is_gone_is_fetched_again_or_ends_honestly(
    bench: Any, make_job: MakeJob, gone: bool
):
    """After two weeks only the service may still have it; the link to the file is not offered any more."""
    job = await bench.add(make_job(), url="content")
    bench.place.refuse_post = [Undeliverable("I may not post in that channel.")]
    async with bench.working(links=LINKS):
        held = await bench.settled(job)
        (bench.spool / f"{job.id}.mp4").unlink()
        if gone:
            bench.api.faults.add("/content$", times=-1, status=502, body={"error": {"message": "gone", "code": "x"}})
        await bench.store.save(_brought(held, bench.clock()))
        over = await bench.rushed(job)
    assert over.status is (Status.FAILED if gone else Status.COMPLETED)
    assert (over.reason is not None and "could not be fetched" in over.reason) is gone
    assert (over.original_url, over.original_until) == (None, None)


async def test_a_held_video_is_brought_although_its_service_has_lost_its_key(bench: Any, make_job: MakeJob):
    """It is here, so nothing has to be asked; one that has to be fetched waits until the service is back."""
    here, elsewhere = [await bench.add(make_job(), url="direct") for _ in range(2)]
    bench.place.refuse_post = [Undeliverable("I may not post in that channel.")] * 2
    async with bench.working():
        held = [await bench.settled(job) for job in (here, elsewhere)]
    (bench.spool / f"{elsewhere.id}.mp4").unlink()
    for job in held:
        await bench.store.save(_brought(job, bench.clock()))
    async with bench.working(names=["uniall"]):
        assert (await bench.settled(here)).status is Status.COMPLETED
        waiting = await bench.until(elsewhere, lambda seen: seen.due_at > bench.clock() + 30)
        assert (waiting.status, waiting.attempts) == (Status.DELIVERING, 0)
    async with bench.working():
        assert (await bench.rushed(elsewhere)).status is Status.COMPLETED
    assert sorted(bench.place.posted) == sorted([here.id, elsewhere.id])


async def test_a_video_held_without_a_key_is_offered_by_no_link_of_the_service(bench: Any, make_job: MakeJob):
    """Whether it needs the key is not known then."""
    job = make_job(status=Status.DELIVERING, video_id="v", video_url="https://cdn.example/v.mp4")
    bench.spool.mkdir()
    (bench.spool / f"{job.id}.mp4").write_bytes(VIDEO)
    await bench.add(job)
    bench.place.refuse_post = [Undeliverable("I may not post in that channel.")]
    async with bench.working(names=["uniall"]):
        held = await bench.settled(job)
    assert (held.status, held.original_url) == (Status.HELD, None)


async def test_a_video_brought_while_its_card_is_still_told_goes_at_once(bench: Any, make_job: MakeJob):
    """The card of the held job hangs; the press of Post it here does not wait for it, nor for a lease to lapse."""
    job = await bench.add(make_job())
    bench.place.refuse_post = [Undeliverable("I may not post in that channel.")]
    bench.place.holds = {"show": asyncio.Event()}
    async with bench.working():
        await bench.api.wait_for(lambda: "show" in bench.place.waiting)
        held = await bench.until(job, Status.HELD)
        hanging = bench.place.holds.pop("show")
        await bench.store.save(_brought(held, bench.clock()))
        bench.wake()
        done = await bench.settled(job)
        hanging.set()
    assert done.status is Status.COMPLETED
    assert bench.place.posted == [job.id]


async def test_a_place_that_asks_for_six_hours_only_delays(bench: Any, make_job: MakeJob):
    """The longest slow mode there is: the video is posted when that is over, and the person need do nothing."""
    job = await bench.add(make_job())
    opens = bench.clock() + 6 * 3600
    tries: list[float] = []

    async def slow(_: Job, __: Result) -> Posted:
        tries.append(bench.clock())
        raise DeliveryDelayed("Slow mode", retry_after=opens - bench.clock())

    post, bench.place.post = bench.place.post, slow
    async with bench.working():
        await bench.rushed(job, lambda _: bench.clock() >= opens - 1)
        bench.place.post = post
        done = await bench.rushed(job)
    assert (done.status, len(bench.place.posted)) == (Status.COMPLETED, 1)
    assert tries[-1] - tries[0] > 5 * 3600


async def test_a_place_out_of_reach_for_hours_holds_the_video(bench: Any, make_job: MakeJob):
    """It is paid for, so it is kept; the person learns where to find it."""
    left = 8
    job = make_job(status=Status.DELIVERING, video_id="v", attempts=POST_TRIES - left)
    bench.spool.mkdir()
    (bench.spool / f"{job.id}.mp4").write_bytes(VIDEO)
    bench.place.refuse_post = [DeliveryDelayed("Discord is down")] * left
    await bench.add(job)
    with capture_logs() as logs:
        async with bench.working():
            held = await bench.rushed(job)
    assert held.status is Status.HELD
    delays = [(line["job"], line["error"]) for line in logs if line["action"] == "post_delayed"]
    assert delays == [(job.id, "Discord is down")] * (left - 1)
    (told,) = [line for line in logs if line["action"] == "job_held"]
    assert (told["job"], told["error"], told["cause"]) == (job.id, held.reason, "Discord is down")
    assert held.reason == "Its place could not be reached for hours."
    assert bench.place.refuse_post == []


async def test_a_disk_too_full_to_make_a_video_fit_delays(
    bench: Any, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
):
    """It is not said to be unfit for its place; after hours it is held, since it is here."""
    job = await bench.add(make_job())
    bench.place.refuse_post = [DeliveryDelayed("Discord is down")]
    async with bench.working(job_timeout=60.0):
        await bench.until(job, lambda seen: seen.attempts == 1)
        usage = shutil.disk_usage(bench.data_dir)._replace(free=0)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
        await bench.rushed(job, lambda seen: seen.reason == DISK_FULL)
        bench.clock.ahead += OUTAGE
        held = await bench.rushed(job)
    assert held.status is Status.HELD
    assert "stayed full for hours" in str(held.reason)
    assert held.finished_at - held.deadline_at > OUTAGE
    assert bench.place.posts == [job.id]
    assert (bench.spool / f"{job.id}.mp4").read_bytes() == VIDEO


async def test_a_disk_that_fills_up_while_a_video_is_posted_delays(bench: Any, make_job: MakeJob):
    """However the adapter wraps it; once there is room the card is right again."""
    job = await bench.add(make_job())
    wrapped = DeliveryDelayed("Discord could not be reached.")
    wrapped.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    bench.place.refuse_post = [wrapped, OSError(errno.EDQUOT, "Quota exceeded")]
    async with bench.working():
        for attempts in (1, 2):
            waiting = await bench.rushed(job, lambda seen: seen.attempts == attempts)  # noqa: B023
            assert (waiting.status, waiting.reason) == (Status.DELIVERING, DISK_FULL)
        bench.place.refuse_find = [DeliveryDelayed("Discord is down")]
        assert (await bench.rushed(job, lambda seen: seen.attempts == 3)).reason is None
        done = await bench.rushed(job)
    assert (done.status, done.reason) == (Status.COMPLETED, None)


async def test_files_that_cannot_be_put_away_keep_no_card_waiting(bench: Any, make_job: MakeJob):
    """The original stays where the link finds it all the same; the sweep sees to the rest."""
    job = await bench.add(make_job())
    bench.place.offers_original = True
    (bench.data_dir / "originals" / f"{job.id}.mp4").mkdir(parents=True)
    (bench.data_dir / "originals" / f"{job.id}.mp4" / "in the way").touch()
    async with bench.working(links=LINKS):
        done = await bench.settled(job)
    assert (done.status, done.due_at) == (Status.COMPLETED, None)
    assert bench.place.shown[-1] == (Status.COMPLETED, 100)
    assert (bench.spool / f"{job.id}.mp4").read_bytes() == VIDEO


async def test_the_end_is_told_even_if_the_card_is_out_of_reach_at_first(bench: Any, make_job: MakeJob):
    """Announcing is due work: tried again until it is done."""
    job = await bench.add(make_job(status=Status.CANCELLED))
    bench.place.refuse_show = [DeliveryDelayed("Discord is down", retry_after=50), RuntimeError("a bug in the adapter")]
    async with bench.working():
        ended = await bench.rushed(job)
    assert bench.place.shown == [(Status.CANCELLED, 0)] * 3
    assert ended.destination.token is None


@pytest.mark.parametrize(
    ("refusals", "until"),
    [([Undeliverable("gone")], 0.0), ([DeliveryDelayed("down")] * 999, ANNOUNCE_FOR)],
    ids=["for ever", "for days"],
)
async def test_a_card_that_cannot_be_edited_is_given_up(
    bench: Any, make_job: MakeJob, refusals: list[Exception], until: float
):
    """At once where it is gone, after two days where it does not answer; the job's end stands."""
    started = bench.clock()
    job = await bench.add(make_job(status=Status.EXPIRED, finished_at=started))
    bench.place.refuse_show = refusals
    async with bench.working():
        if until:
            await bench.rushed(job, lambda seen: seen.attempts >= 12)  # by then it is tried twice an hour
            bench.advance(until - 6 * 3600)
        ended = await bench.rushed(job)
    assert (ended.status, ended.due_at) == (Status.EXPIRED, None)
    assert until <= ended.shown_at - started < until + 2200


async def test_a_held_video_is_told_of_after_an_outage_of_days(bench: Any, make_job: MakeJob):
    """As long as it is kept: who never heard of it would never fetch it."""
    started = bench.clock()
    job = await bench.add(make_job(status=Status.HELD, video_id="v", reason="No.", finished_at=started))
    bench.place.refuse_show = [DeliveryDelayed("Discord is down")] * 110
    async with bench.working():
        told = await bench.rushed(job)
    assert bench.place.shown == [(Status.HELD, 0)] * 111
    assert told.shown_at - started > ANNOUNCE_FOR


async def test_a_folder_that_cannot_be_written_delays(tmp_path: Any, make_job: MakeJob):
    """The headless worker's disk may be full or away."""
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "v.mp4").write_bytes(VIDEO)
    delivery = FolderDelivery(tmp_path / "file", None)
    result = Result(video=await probe(tmp_path / "v.mp4"), poster=None, original=None)
    with pytest.raises(DeliveryDelayed, match="cannot be written"):
        await delivery.post(make_job(), result)
    with pytest.raises(DeliveryDelayed, match="cannot be written"):
        await delivery.show(make_job())
    assert await delivery.renew(["https://a"]) == {"https://a": "https://a"}
