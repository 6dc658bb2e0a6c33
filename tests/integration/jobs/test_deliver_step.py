"""The step that posts, alone: what it writes before the message leaves, where it looks first, and what it makes of each end."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.cards import face
from bot.jobs.delivery import DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.jobs.steps import STEPS, Tools
from bot.jobs.steps.deliver import ANNOUNCE_FOR, POST_TRIES, deliver
from bot.jobs.steps.fetch import DISK_FULL
from bot.jobs.store import Conflict
from bot.jobs.videos import DAY
from tests.integration.jobs.conftest import LINKS, VIDEO
from tests.integration.jobs.rows import Hands

MakeJob = Callable[..., Job]
NOW = Hands.now
KEPT = NOW + 7 * DAY


@pytest.fixture
def tools(tools: Tools) -> Tools:
    """The step's tools: our own links are offered."""
    return replace(tools, links=LINKS)


@pytest.fixture
async def job(bench: Any, tools: Tools, make_job: MakeJob) -> Job:
    """A job whose video is here already."""
    job = make_job(status=Status.DELIVERING, video_id="v", reason="Old.")
    await bench.store.add(job)
    tools.videos.spooled(job.id).write_bytes(VIDEO)
    return job


async def test_the_row_says_that_a_post_is_tried_before_it_is(bench: Any, job: Job, tools: Tools):
    """Saved with the time and without an old reason; then posted, once; then completed with the message."""
    seen: list[list[str]] = []

    async def save(changed: Job) -> Job:
        seen.append([*bench.place.posts])
        return await bench.store.save(changed)

    done = await deliver(job, save, tools)

    posting = job.evolve(posting_at=NOW, reason=None, revision=1)
    assert seen == [[]]
    assert await bench.store.get(job.id) == posting
    assert bench.place.since == [("post", NOW)]
    url = (bench.place.folder / f"{job.id}.mp4").absolute().as_uri()
    assert done == posting.evolve(status=Status.COMPLETED, message_url=url, finished_at=NOW, due_at=NOW)
    (result,) = bench.place.results
    assert result.original.until == KEPT
    assert result.original.url == LINKS.sign(f"/videos/{job.id}.mp4", int(KEPT))
    assert result.poster == tools.videos.poster(job.id)


async def test_a_post_that_may_have_been_seen_is_looked_for_and_found(bench: Any, job: Job, tools: Tools):
    """Nothing is saved and nothing posted: the message is there, and the link that it offers is kept with it."""
    bench.place.offers_original = True
    bench.place.folder.mkdir(parents=True, exist_ok=True)
    (bench.place.folder / f"{job.id}.mp4").write_bytes(VIDEO)
    tried = await bench.store.save(job.evolve(posting_at=NOW - 50))

    done = await deliver(tried, bench.store.save, tools)

    assert bench.place.since == [("find", NOW - 50)]
    assert await bench.store.get(job.id) == tried
    assert (done.status, done.original_until) == (Status.COMPLETED, KEPT)
    assert done.original_url == LINKS.sign(f"/videos/{job.id}.mp4", int(KEPT))


async def test_a_post_that_is_not_found_is_posted_anew(bench: Any, job: Job, tools: Tools):
    """Looked for from the last try on; the next look begins at this one."""
    tried = await bench.store.save(job.evolve(posting_at=NOW - 50))

    assert (await deliver(tried, bench.store.save, tools)).status is Status.COMPLETED

    assert bench.place.since == [("find", NOW - 50), ("post", NOW)]


async def test_a_look_that_cannot_be_made_posts_nothing(bench: Any, job: Job, tools: Tools):
    """Later, from the same time on."""
    bench.place.refuse_find = [DeliveryDelayed("Discord is down", retry_after=40)]
    tried = await bench.store.save(job.evolve(posting_at=NOW - 50))

    again = await deliver(tried, bench.store.save, tools)

    assert again == tried.evolve(attempts=1, due_at=NOW + 40, reason=None)
    assert bench.place.posts == []


async def test_a_row_that_another_has_changed_is_not_posted(bench: Any, job: Job, tools: Tools):
    """Another worker has it: the save fails, and with it the step."""
    await bench.store.save(job)

    with pytest.raises(Conflict):
        await deliver(job, bench.store.save, tools)

    assert bench.place.posts == []


async def test_a_post_that_comes_back_unseen_is_tried_again(bench: Any, job: Job, tools: Tools):
    """With the time of this try, which the next look needs."""
    bench.place.refuse_post = [DeliveryDelayed("Discord is down"), DeliveryDelayed("Discord is down", retry_after=40)]

    first = await deliver(job, bench.store.save, tools)
    second = await deliver(first.evolve(attempts=0), bench.store.save, tools)

    assert first == job.evolve(posting_at=NOW, attempts=1, due_at=NOW + 5, reason=None, revision=1)
    assert second.due_at == NOW + 40


async def test_a_place_out_of_reach_for_hours_holds_the_video(bench: Any, job: Job, tools: Tools):
    """The last try ends it, the one before does not; a link of ours leads to it for as long as it is held."""
    bench.place.refuse_post = [DeliveryDelayed("Discord is down")] * 2
    before = await deliver(job.evolve(attempts=POST_TRIES - 2), bench.store.save, tools)

    held = await deliver(before, bench.store.save, tools)

    assert (before.status, before.attempts) == (Status.DELIVERING, POST_TRIES - 1)
    assert (held.status, held.reason) == (Status.HELD, "Its place could not be reached for hours.")
    assert (held.due_at, held.finished_at, held.original_until) == (NOW, NOW, NOW + 14 * DAY)


async def test_a_closed_place_holds_the_video(bench: Any, job: Job, tools: Tools):
    """With the sentence of who knows why."""
    bench.place.refuse_post = [Undeliverable("The channel is gone.")]

    held = await deliver(job, bench.store.save, tools)

    assert (held.status, held.reason) == (Status.HELD, "The channel is gone.")
    assert held.original_url == LINKS.sign(f"/videos/{job.id}.mp4", int(NOW + 14 * DAY))


async def test_other_trouble_is_not_taken_for_the_places(bench: Any, job: Job, tools: Tools):
    """A disk that cannot be read says nothing of the place: whoever runs the step decides."""
    bench.place.refuse_post = [OSError(errno.EIO, "bad disk")]

    with pytest.raises(OSError, match="bad disk"):
        await deliver(job, bench.store.save, tools)


async def test_a_disk_without_room_to_make_it_fit_waits(
    bench: Any, job: Job, tools: Tools, monkeypatch: pytest.MonkeyPatch
):
    """Nothing is posted and nothing said of a post; an ffmpeg that meets a full disk would look like a broken video."""
    full = shutil.disk_usage(bench.data_dir)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)

    waiting = await deliver(job, bench.store.save, tools)

    assert waiting == job.evolve(attempts=1, due_at=NOW + 10, reason=DISK_FULL)
    assert bench.place.posts == []
    assert await bench.store.get(job.id) == job


async def test_a_disk_that_fills_up_while_it_posts_waits(bench: Any, job: Job, tools: Tools):
    """With the time of the try: its message may be there."""
    bench.place.refuse_post = [OSError(errno.ENOSPC, "full")]

    waiting = await deliver(job, bench.store.save, tools)

    assert waiting == job.evolve(posting_at=NOW, attempts=1, due_at=NOW + 10, reason=DISK_FULL, revision=1)


async def test_an_end_is_told_once_and_for_all(bench: Any, make_job: MakeJob, tools: Tools):
    """What the card then says is in the row; the token and a video in the row itself are not, and no step is to come."""
    ended = make_job(
        status=Status.FAILED, reason="No.", finished_at=NOW, due_at=NOW, video_url="data:video/mp4;base64,AA"
    )

    told = await STEPS[Status.FAILED](ended, bench.store.save, tools)

    destination = told.destination
    assert destination.token is None
    assert told == ended.evolve(due_at=None, shown=face(ended), shown_at=NOW, video_url=None, destination=destination)


@pytest.mark.parametrize(
    ("status", "patience"), [(Status.FAILED, ANNOUNCE_FOR), (Status.HELD, 14 * DAY)], ids=["an end", "a held video"]
)
async def test_an_end_that_cannot_be_told_is_told_later(
    bench: Any, make_job: MakeJob, tools: Tools, status: Status, patience: float
):
    """With waits of up to half an hour, for two days; that a video is held, as long as it is kept."""
    bench.place.refuse_show = [DeliveryDelayed("Discord is down")] * 2 + [DeliveryDelayed("Discord is down", 40)]
    ended = make_job(status=status, finished_at=NOW - patience + 1, due_at=NOW, attempts=20)

    again = await STEPS[status](ended, bench.store.save, tools)
    over = await STEPS[status](ended.evolve(finished_at=NOW - patience), bench.store.save, tools)
    asked = await STEPS[status](ended.evolve(attempts=0), bench.store.save, tools)

    assert again == ended.evolve(attempts=21, due_at=NOW + 1800)
    assert (over.due_at, over.destination.token) == (None, None)
    assert asked.due_at == NOW + 40


async def test_a_card_out_of_reach_is_given_up(bench: Any, make_job: MakeJob, tools: Tools):
    """It can never be edited again; the job is over all the same."""
    bench.place.refuse_show = [Undeliverable("The card is gone.")]
    ended = make_job(status=Status.COMPLETED, finished_at=NOW, due_at=NOW)

    assert (await STEPS[Status.COMPLETED](ended, bench.store.save, tools)).due_at is None


@pytest.mark.parametrize(
    ("status", "until", "left"),
    [
        (Status.COMPLETED, None, []),
        (Status.COMPLETED, KEPT, ["originals"]),
        (Status.FAILED, None, []),
        (Status.HELD, KEPT, ["spool"]),
    ],
)
async def test_the_end_keeps_what_a_link_leads_to(
    bench: Any, job: Job, tools: Tools, status: Status, until: float | None, left: list[str]
):
    """A held video stays where it waits, an original is put away, and the rest goes."""
    ended = job.evolve(status=status, finished_at=NOW, due_at=NOW, original_until=until)

    await STEPS[status](ended, bench.store.save, tools)

    assert [name.partition("/")[0] for name in bench.files()] == left
