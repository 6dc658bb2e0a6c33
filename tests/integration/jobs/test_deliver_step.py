"""The step that posts, alone: what it writes before the message leaves, where it looks first, and what it makes of each end."""

from __future__ import annotations

import errno
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.jobs.delivery import DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.jobs.steps import Tools
from bot.jobs.steps.base import OUTAGE
from bot.jobs.steps.deliver import POST_TRIES, deliver
from bot.jobs.steps.fetch import DISK_FULL, FETCH_TRIES
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


def _fill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no byte free on any disk."""
    full = shutil.disk_usage("/")._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)


@pytest.fixture
async def job(bench: Any, tools: Tools, make_job: MakeJob) -> Job:
    """A job whose video is here already."""
    job = make_job(status=Status.DELIVERING, video_id="v", reason="Old.")
    await bench.store.add(job)
    tools.videos.spooled(job.id).write_bytes(VIDEO)
    return job


async def test_the_row_says_that_a_post_is_tried_before_it_is(bench: Any, job: Job, tools: Tools):
    """Saved with the time and without an old reason; then posted, once; then completed with the message."""
    bench.place.message_id = 5
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
    assert done == posting.evolve(status=Status.COMPLETED, message_id=5, message_url=url, finished_at=NOW, due_at=NOW)
    (result,) = bench.place.results
    assert result.original.until == KEPT
    assert result.original.url == LINKS.sign(f"/videos/{job.id}.mp4", int(KEPT))
    assert (result.video.path, result.poster) == (tools.videos.spooled(job.id), tools.videos.poster(job.id))


async def test_folders_that_were_tidied_away_are_made_anew(bench: Any, job: Job, tools: Tools):
    """Somebody cleans up under the running bot: the poster is taken all the same."""
    tools.videos.poster(job.id).parent.rmdir()

    assert (await deliver(job, bench.store.save, tools)).status is Status.COMPLETED

    assert [result.poster for result in bench.place.results] == [tools.videos.poster(job.id)]


async def test_no_video_is_kept_back_for_want_of_a_frame(
    bench: Any, job: Job, tools: Tools, monkeypatch: pytest.MonkeyPatch
):
    """It is posted without a poster."""
    monkeypatch.setattr(sys.modules["bot.media.poster"], "_TIMEOUT", 0.001)

    assert (await deliver(job, bench.store.save, tools)).status is Status.COMPLETED

    assert [result.poster for result in bench.place.results] == [None]


async def test_no_video_is_kept_back_for_want_of_room_for_its_poster(bench: Any, job: Job, tools: Tools):
    """Whatever the folder says to it."""
    folder = tools.videos.poster(job.id).parent
    folder.rmdir()
    folder.symlink_to("/proc")  # where nobody can make a file

    assert (await deliver(job, bench.store.save, tools)).status is Status.COMPLETED

    assert [result.poster for result in bench.place.results] == [None]


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


async def test_tries_without_a_disk_count_for_the_place(bench: Any, job: Job, tools: Tools):
    """More than it has may have been spent by then; the operator's log says what the place said."""
    bench.place.refuse_post = [DeliveryDelayed("Discord is down")]

    with capture_logs() as logs:
        held = await deliver(job.evolve(attempts=POST_TRIES + 7), bench.store.save, tools)

    assert held.status is Status.HELD
    assert [str(line["cause"]) for line in logs if line["action"] == "job_held"] == ["Discord is down"]


async def test_a_closed_place_holds_the_video(bench: Any, job: Job, tools: Tools):
    """With the sentence of who knows why; what it was told itself is for the log."""
    closed = Undeliverable("The channel is gone.")
    closed.__cause__ = ValueError("404: 10003")
    bench.place.refuse_post = [closed]

    with capture_logs() as logs:
        held = await deliver(job, bench.store.save, tools)

    assert [line["cause"] for line in logs if line["action"] == "job_held"] == ["404: 10003"]
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
    _fill(monkeypatch)

    with capture_logs() as logs:
        waiting = await deliver(job, bench.store.save, tools)

    assert [line["action"] for line in logs] == ["disk_full"]
    assert waiting == job.evolve(attempts=1, due_at=NOW + 10, reason=DISK_FULL)
    assert bench.place.posts == []
    assert await bench.store.get(job.id) == job


async def test_a_disk_that_stays_full_holds_a_video_that_is_here(
    bench: Any, job: Job, tools: Tools, monkeypatch: pytest.MonkeyPatch
):
    """Hours past the deadline of its job, with a link of ours to it."""
    _fill(monkeypatch)

    held = await deliver(job.evolve(attempts=FETCH_TRIES - 1, deadline_at=NOW - OUTAGE), bench.store.save, tools)

    assert (held.status, held.finished_at, held.original_until) == (Status.HELD, NOW, NOW + 14 * DAY)
    assert held.reason == "The bot's disk stayed full for hours, so this video could not be made ready for its place."


async def test_a_disk_that_stays_full_ends_a_job_whose_video_is_not_here(
    bench: Any, job: Job, tools: Tools, monkeypatch: pytest.MonkeyPatch
):
    """Hours past its deadline; the service's own link to it is offered."""
    link = f"{bench.api.files_url}/files/v.mp4"
    bench.api.faults.add("/files/", method="GET", status=200, body=VIDEO, headers={"Content-Type": "video/mp4"})
    tools.videos.spooled(job.id).unlink()
    _fill(monkeypatch)
    last = job.evolve(attempts=FETCH_TRIES - 1, deadline_at=NOW - OUTAGE, video_url=link)

    ended = await deliver(last, bench.store.save, tools)

    assert (ended.status, ended.finished_at, ended.original_url, ended.original_until) == (
        Status.FAILED,
        NOW,
        link,
        None,
    )
    assert "stayed full for hours, so this video could not be fetched" in str(ended.reason)


async def test_a_disk_that_fills_up_while_it_posts_waits(bench: Any, job: Job, tools: Tools):
    """With the time of the try: its message may be there."""
    bench.place.refuse_post = [OSError(errno.ENOSPC, "full")]

    waiting = await deliver(job, bench.store.save, tools)

    assert waiting == job.evolve(posting_at=NOW, attempts=1, due_at=NOW + 10, reason=DISK_FULL, revision=1)
