"""When a status card is worth an edit."""

import pytest

from bot.jobs.cards import face, wants_showing
from bot.jobs.job import TERMINAL, Destination, Job, Status
from bot.requests.base import Submission


def _job(status: Status, **changes: object) -> Job:
    submission = Submission(upstream="octopusx", submit_path="/v1/videos", fields={})
    given = {"id": "a", "command": "veo", "prompt": "p", "recipe": {}, "due_at": 0.0, "created_at": 0.0} | changes
    return Job(status=status, destination=Destination(user_id=1, channel_id=2), submission=submission, **given)  # pyright: ignore[reportArgumentType]


def test_a_face_is_status_progress_and_reason():
    """Two jobs with one face have one card, so the progress of other statuses does not count."""
    assert face(_job(Status.IN_PROGRESS, progress=40)) == "in_progress 40"
    assert face(_job(Status.DELIVERING, progress=100)) == "delivering"
    assert face(_job(Status.FAILED, reason="Blocked.")) == "failed Blocked."


@pytest.mark.parametrize(
    ("shown", "shown_at", "now", "wanted"),
    [
        (None, None, 100.0, True),
        ("in_progress 40", 50.0, 100.0, False),
        ("in_progress 30", 95.0, 100.0, False),
        ("in_progress 30", 90.0, 100.0, True),
        ("in_progress 30", 5000.0, 100.0, True),
    ],
    ids=["never shown", "nothing new", "too soon", "due", "the clock stepped back"],
)
def test_a_running_jobs_card_is_edited_on_change_and_not_too_often(
    shown: str | None, shown_at: float | None, now: float, wanted: bool
):
    """At most every ten seconds, and never to say the same again."""
    job = _job(Status.IN_PROGRESS, progress=40, shown=shown, shown_at=shown_at)
    assert wants_showing(job, now) is wanted


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_the_end_is_announced_by_its_own_step(status: Status):
    """It must not be forgotten, so it is due work and no courtesy edit."""
    assert not wants_showing(_job(status), 100.0)
