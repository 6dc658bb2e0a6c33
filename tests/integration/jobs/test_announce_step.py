"""The step that tells how a job ended, alone: once, for as long as it is worth it, and what it leaves in row and folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.jobs.cards import face
from bot.jobs.delivery import DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.jobs.steps import STEPS, Tools
from bot.jobs.steps.deliver import ANNOUNCE_FOR
from bot.jobs.videos import DAY
from tests.integration.jobs.rows import Hands

MakeJob = Callable[..., Job]
NOW = Hands.now
KEPT = NOW + 7 * DAY


async def test_an_end_is_told_with_the_poster_if_there_is_one(bench: Any, make_job: MakeJob, tools: Tools):
    """A link of the service is short, and stays in the row."""
    ended = make_job(status=Status.COMPLETED, finished_at=NOW, due_at=NOW, video_url="https://cdn/v.mp4")
    poster = tools.videos.poster(ended.id)

    told = await STEPS[Status.COMPLETED](ended, bench.store.save, tools)
    poster.touch()
    await STEPS[Status.COMPLETED](ended, bench.store.save, tools)

    assert bench.place.posters == [None, poster]
    assert told.video_url == "https://cdn/v.mp4"


async def test_an_end_is_told_once_and_for_all(bench: Any, make_job: MakeJob, tools: Tools):
    """What the card then says is in the row; the token and a video in the row itself are not, and no step is to come."""
    ended = make_job(
        status=Status.FAILED, reason="No.", finished_at=NOW, due_at=NOW, video_url="data:video/mp4;base64,AA"
    )

    told = await STEPS[Status.FAILED](ended, bench.store.save, tools)

    destination = told.destination
    assert destination.token is None
    assert told == ended.evolve(due_at=None, shown=face(ended), shown_at=NOW, video_url=None, destination=destination)


async def test_the_only_copy_of_a_held_video_stays_in_the_row(bench: Any, make_job: MakeJob, tools: Tools):
    """It came in the answer itself and is in no file any more: whoever brings it elsewhere has it from there."""
    inside = "DATA:video/mp4;base64,AA"
    held = make_job(status=Status.HELD, finished_at=NOW, due_at=NOW, video_url=inside)

    kept = await STEPS[Status.HELD](held, bench.store.save, tools)
    tools.videos.spooled(held.id).touch()
    filed = await STEPS[Status.HELD](held, bench.store.save, tools)
    over = await STEPS[Status.COMPLETED](held.evolve(status=Status.COMPLETED), bench.store.save, tools)

    assert (kept.video_url, filed.video_url, over.video_url) == (inside, None, None)


@pytest.mark.parametrize(
    ("status", "patience"), [(Status.FAILED, ANNOUNCE_FOR), (Status.HELD, 14 * DAY)], ids=["an end", "a held video"]
)
async def test_an_end_that_cannot_be_told_is_told_later(
    bench: Any, make_job: MakeJob, tools: Tools, status: Status, patience: float
):
    """With waits of up to half an hour, for two days; that a video is held, as long as it is kept."""
    bench.place.refuse_show = [DeliveryDelayed("Discord is down")] * 3 + [DeliveryDelayed("Discord is down", 40)]
    ended = make_job(status=status, finished_at=NOW - patience + 1, due_at=NOW, attempts=20)

    again = await STEPS[status](ended, bench.store.save, tools)
    over = await STEPS[status](ended.evolve(finished_at=NOW - patience), bench.store.save, tools)
    late = await STEPS[status](ended.evolve(finished_at=NOW - patience - 9), bench.store.save, tools)
    asked = await STEPS[status](ended.evolve(attempts=0), bench.store.save, tools)

    assert again == ended.evolve(attempts=21, due_at=NOW + 1800)
    assert (over.due_at, over.destination.token, late.due_at) == (None, None, None)
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
    bench: Any, make_job: MakeJob, tools: Tools, status: Status, until: float | None, left: list[str]
):
    """A held video stays where it waits, an original is put away, and the rest goes."""
    ended = make_job(status=status, finished_at=NOW, due_at=NOW, original_until=until)
    tools.videos.spooled(ended.id).touch()

    await STEPS[status](ended, bench.store.save, tools)

    assert [name.partition("/")[0] for name in bench.files()] == left


async def test_files_that_cannot_be_put_away_keep_nobody_from_being_told(bench: Any, make_job: MakeJob, tools: Tools):
    """They are left to the sweep."""
    ended = make_job(status=Status.COMPLETED, finished_at=NOW, due_at=NOW)
    (bench.spool / f"{ended.id}.x").mkdir()

    assert (await STEPS[Status.COMPLETED](ended, bench.store.save, tools)).due_at is None

    assert bench.place.shown == [(Status.COMPLETED, 0)]
