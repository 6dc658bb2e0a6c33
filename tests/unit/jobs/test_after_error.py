"""What becomes of a job whose step raised something that nobody foresaw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.jobs.disk import Disk
from bot.jobs.folder import FolderDelivery
from bot.jobs.job import ACTIVE, TERMINAL, Destination, Job, Status
from bot.jobs.schedule import Pace
from bot.jobs.steps import Tools, after_error
from bot.jobs.steps.base import TRIES, over
from bot.jobs.upstreams import Upstreams
from bot.jobs.videos import Retention, Videos
from bot.requests.base import Submission

NOW = 1_000_000.0


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """What the steps work with, at a fixed time and without luck."""
    return Tools(
        upstreams=Upstreams({}, lambda: NOW),
        delivery=FolderDelivery(tmp_path, None),
        videos=Videos(tmp_path),
        retention=Retention(),
        disk=Disk(),
        links=None,
        pace=Pace(poll_interval=15.0, job_timeout=7200.0, off_peak_timeout=172_800.0),
        clock=lambda: NOW,
        roll=lambda: 0.0,
    )


def _job(**fields: Any) -> Job:
    given = {
        "id": "j",
        "command": "veo",
        "prompt": "p",
        "recipe": {},
        "destination": Destination(user_id=1, channel_id=2),
        "submission": Submission(upstream="octopusx", submit_path="/v1/videos", fields={}),
        "created_at": NOW - 100,
        "due_at": NOW - 1,
    }
    return Job(**given | fields)


@pytest.mark.parametrize("attempts", [0, TRIES, 10 * TRIES])
def test_what_may_have_been_paid_for_is_never_sent_again(tools: Tools, attempts: int):
    """A row that says `submitting` ends as unconfirmed, at once and however often it was tried."""
    saved = _job(status=Status.SUBMITTING, attempts=attempts)
    ended = after_error(saved, tools)

    assert (ended.status, ended.due_at, ended.finished_at) == (Status.UNCONFIRMED, NOW, NOW)
    assert "charged" in str(ended.reason)


@pytest.mark.parametrize("status", sorted((ACTIVE | TERMINAL) - {Status.SUBMITTING}))
def test_anything_else_is_tried_again_after_a_while(tools: Tools, status: Status):
    """The waits double from 5 s to 5 minutes; nothing but the try and its time changes."""
    for attempts, wait in ((0, 5.0), (1, 10.0), (TRIES - 1, 300.0)):
        saved = _job(status=status, attempts=attempts, deadline_at=NOW + 1)
        assert after_error(saved, tools) == saved.evolve(attempts=attempts + 1, due_at=NOW + wait)


@pytest.mark.parametrize("attempts", [TRIES, 10 * TRIES])
def test_a_video_that_may_still_come_is_asked_after_until_its_deadline(tools: Tools, attempts: int):
    """It is paid for: no number of failures ends it, only the time that was promised."""
    saved = _job(status=Status.IN_PROGRESS, attempts=attempts, deadline_at=NOW + 1)
    assert after_error(saved, tools) == saved.evolve(attempts=attempts + 1, due_at=NOW + 300)

    ended = after_error(saved.evolve(deadline_at=NOW), tools)
    assert (ended.status, ended.due_at, ended.finished_at) == (Status.EXPIRED, NOW, NOW)
    assert "may have been charged" in str(ended.reason)


@pytest.mark.parametrize(
    ("status", "end", "reason"),
    [
        (Status.QUEUED, Status.FAILED, "nothing was charged"),
        (Status.DELIVERING, Status.HELD, "could not post the video"),
    ],
)
@pytest.mark.parametrize("attempts", [TRIES, TRIES + 1])
def test_what_fails_for_hours_ends_with_a_sentence(
    tools: Tools, status: Status, end: Status, reason: str, attempts: int
):
    """Free where nothing was sent; a video that is there is kept for the person."""
    ended = after_error(_job(status=status, attempts=attempts), tools)

    assert (ended.status, ended.due_at, ended.finished_at) == (end, NOW, NOW)
    assert reason in str(ended.reason)


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_an_end_that_cannot_be_told_stays_that_end(tools: Tools, status: Status):
    """The card is given up, the job is what it was, and no step comes any more."""
    saved = _job(status=status, attempts=TRIES)

    assert after_error(saved, tools) == saved.evolve(due_at=None)


@pytest.mark.parametrize(("deadline", "is_over"), [(None, False), (NOW + 1, False), (NOW, True), (NOW - 1, True)])
def test_a_deadline_is_over_from_its_very_second(deadline: float | None, is_over: bool):
    """A job without one has all the time."""
    assert over(_job(deadline_at=deadline), NOW) is is_over


def test_the_times_of_the_next_tries(tools: Tools):
    """The pace of polls counts from the submit, a refused key is probed each minute, and a service may ask for more."""
    assert tools.poll_at(_job(submitted_at=NOW)) == NOW + 15
    assert tools.poll_at(_job(submitted_at=NOW - 300)) == NOW + 30
    assert tools.poll_at(_job()) == NOW + 15
    assert tools.after_pause() == NOW + 60
    assert tools.retry_at(_job(attempts=2)) == NOW + 20
    assert tools.retry_at(_job(attempts=9)) == NOW + 300
    assert tools.retry_at(_job(), first=7.0) == NOW + 7
    assert tools.retry_at(_job(attempts=9), longest=50.0) == NOW + 50
    assert tools.retry_at(_job(), retry_after=40.0) == NOW + 40
