"""Who may write over what, on SQLite and on PostgreSQL: no paid id is lost, and nothing newer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.job import ACTIVE, TERMINAL, Destination, Job, Status, ended
from bot.jobs.store import Conflict, Store
from tests.integration.jobs.rows import Hands

MakeJob = Callable[..., Job]


def _destination(user_id: int) -> Destination:
    return Destination(user_id=user_id, channel_id=7)


async def test_a_job_has_one_repeat_at_a_time(store: Store, make_job: MakeJob):
    """Of five repeats at one moment one is saved, each being paid; once it has ended the next one is."""
    parent = make_job(status=Status.FAILED)
    await store.add(parent)
    twins = [make_job(parent_id=parent.id) for _ in range(5)]
    saved = await asyncio.gather(*(store.add(twin) for twin in twins), return_exceptions=True)
    assert sorted(type(each).__name__ for each in saved) == ["Conflict"] * 4 + ["NoneType"]
    (first,) = [twin for twin in twins if await store.get(twin.id)]
    await store.save(ended(first, Status.FAILED, "It failed.", 1_000_000.0))
    await store.add(make_job(parent_id=parent.id))


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({}, True),
        ({"id": "c"}, True),  # whichever of the two ids comes first
        ({"parent_id": "o"}, False),
        ({"parent_id": "q"}, False),
        ({"destination": _destination(2**63 - 6)}, False),
        ({"destination": _destination(2**63 - 4)}, False),
        *(({"status": status}, status in ACTIVE) for status in sorted(Status)),
    ],
)
async def test_a_repeat_is_refused_for_its_own_twin_alone(
    store: Store, make_job: MakeJob, change: dict[str, Any], refused: bool
):
    """Not for a repeat of a neighbouring job, nor for a neighbouring person's, nor for one that is over."""
    for parent_id in ("o", "p", "q"):
        await store.add(make_job(id=parent_id, status=Status.FAILED))
    repeat = make_job(id="b", parent_id="p", destination=_destination(2**63 - 5))
    twin = {"id": "a", "parent_id": "p", "destination": repeat.destination}
    await store.add(make_job(**(twin | change)))
    if refused:
        with pytest.raises(Conflict):
            await store.add(repeat)
    else:
        await store.add(repeat)
    assert (await store.get("b") is None) is refused


async def test_a_save_writes_every_field_that_may_change(store: Store, make_job: MakeJob):
    """What a step returns is what the next one reads."""
    job = make_job()
    await store.add(job)
    changed = job.evolve(
        status=Status.DELIVERING,
        video_id="sora-2:task_01",
        video_url="https://cdn/x.mp4",
        progress=100,
        reason="r.",
        due_at=5.5,
        attempts=3,
        polls=7,
        posting_at=6.25,
        message_id=2**63 - 1,
        message_url="https://d/1",
        shown="s",
        shown_at=1.5,
        submitted_at=2.5,
        deadline_at=3.5,
        finished_at=4.5,
        destination=replace(job.destination, token=None),
        submission=job.submission.model_copy(update={"fields": {"a": 1}}),
    )
    saved = await store.save(changed)
    assert saved == replace(changed, revision=1)
    assert await store.get(job.id) == saved


async def test_a_save_leaves_alone_what_never_changes(store: Store, make_job: MakeJob):
    """What was ordered, by whom and when: a worker of another release may have read it in its own way."""
    job = make_job(notes=("Told.",), created_at=1.0)
    await store.add(job)
    submission = job.submission.model_copy(update={"upstream": "uniall"})
    other = {"command": "kling", "prompt": "p", "recipe": {}, "notes": (), "created_at": 2.0}
    saved = await store.save(make_job(id=job.id, destination=_destination(1), submission=submission, **other))
    row = await store.get(job.id)
    assert row == replace(saved, **{name: getattr(job, name) for name in other})
    assert await store.of_user(1) == []
    assert await store.of_user(job.destination.user_id) == [row]
    assert await store.waiting() == {"octopusx": 1}


async def test_a_save_over_a_newer_revision_is_refused(store: Store, make_job: MakeJob):
    """Of two who read the same row, the first to save wins and the other is told; and nobody saves over an older one."""
    job = make_job()
    await store.add(job)
    first = await store.save(job.evolve(progress=1))
    for revision in (0, 2):
        with pytest.raises(Conflict):
            await store.save(replace(job, progress=2, revision=revision))
    assert await store.get(job.id) == first


async def test_a_paid_id_is_recorded_whatever_the_revision(store: Store, hands: Hands, make_job: MakeJob):
    """Another worker called the row unconfirmed while the POST was still on its way: its outcome is better news."""
    job = make_job(id="b")
    await store.add(job)
    for neighbour in ("a", "c"):
        await store.add(make_job(id=neighbour, status=Status.IN_PROGRESS, video_id="v1"))
    job = await store.save(job.evolve(status=Status.SUBMITTING))
    await store.save(ended(job, Status.UNCONFIRMED, "Nobody knows.", hands.now))
    paid = job.evolve(status=Status.IN_PROGRESS, video_id="v1", due_at=1.0)
    saved = await store.record_submitted(paid)
    assert saved == replace(paid, revision=3)
    assert await store.get(job.id) == saved
    assert await store.record_submitted(paid) == saved  # as after a COMMIT whose answer was lost
    with pytest.raises(Conflict):
        await store.record_submitted(replace(paid, polls=1))
    assert await store.get(job.id) == saved
    for gone_on in ({"polls": 1}, {"video_id": "v2"}, {"status": Status.CANCELLED}):
        await store.save(saved := (await store.save(replace(saved, polls=0, video_id="v1"))).evolve(**gone_on))
        saved = replace(saved, revision=saved.revision + 1)
        with pytest.raises(Conflict):
            await store.record_submitted(paid)
        assert await store.get(job.id) == saved


async def test_a_save_whose_answer_was_lost_is_told_from_every_other(store: Store, hands: Hands, make_job: MakeJob):
    """By the moment that it holds, and by a lease that lasts: a POST hangs on it, and two of them cost twice."""
    job = make_job(id="b", due_at=hands.now)
    for each in (make_job(id="a", due_at=None), job, make_job(id="c", due_at=None)):
        await store.add(each)
    await store.claim({job.status}, owner="w", limit=1, lease=60)
    ours = job.evolve(status=Status.SUBMITTING, due_at=hands.now + 1.25)
    assert await store.written(ours, owner="w") is None  # not yet
    assert await store.written(make_job(), owner="w") is None
    saved = await store.save(ours, release=False)

    assert await store.written(ours, owner="w") == saved
    for other in ({"due_at": hands.now}, {"posting_at": 1.0}, {"status": Status.QUEUED}, {"revision": 1}):
        assert await store.written(replace(ours, **other), owner="w") is None
    assert await store.written(ours, owner="v") is None
    for later in (60, 1):
        hands.now += later
        assert await store.written(ours, owner="w") is None
    await store.save(saved)
    assert await store.written(saved, owner="w") is None  # nobody has it


async def _save(store: Store, job: Job) -> None:
    await store.save(job.evolve(progress=1))


async def _record(store: Store, job: Job) -> None:
    await store.record_submitted(job.evolve(status=Status.IN_PROGRESS, video_id="v1"))


async def _cancel(store: Store, job: Job) -> None:
    await store.cancel(job.id, job.destination.user_id)


@pytest.mark.parametrize(
    ("write", "status"),
    [(_save, Status.QUEUED), (_record, Status.SUBMITTING), (_record, Status.UNCONFIRMED), (_cancel, Status.QUEUED)],
)
async def test_a_write_is_to_its_own_row_alone(store: Store, make_job: MakeJob, write: Any, status: Status):
    """Its neighbours on both sides, which are just as it was, stay so, and leased to whoever has them."""
    jobs = [make_job(id=name, status=status, due_at=float(place)) for place, name in enumerate("abc")]
    for job in jobs:
        await store.add(job)
    assert await store.claim({status}, owner="w", limit=9, lease=60) == jobs

    await write(store, jobs[1])

    assert [await store.get(job.id) for job in (jobs[0], jobs[2])] == [jobs[0], jobs[2]]
    assert await store.claim(frozenset(Status), owner="v", limit=9, lease=60) == [
        job for job in [await store.get("b")] if job and job.due_at is not None
    ]


async def test_what_a_post_brought_is_written_over_nothing_else(store: Store, make_job: MakeJob):
    """A row that has gone on, or is gone, keeps what it says: the id belongs to a try that is over."""
    for status in sorted(set(Status) - {Status.SUBMITTING, Status.UNCONFIRMED}):
        job = make_job(status=status)
        await store.add(job)
        with pytest.raises(Conflict):
            await store.record_submitted(job.evolve(status=Status.IN_PROGRESS, video_id="v1"))
        assert await store.get(job.id) == job
    with pytest.raises(Conflict):
        await store.record_submitted(make_job(status=Status.IN_PROGRESS, video_id="v1"))


async def test_a_row_is_given_back_or_kept_as_asked(store: Store, make_job: MakeJob):
    """After a save or a record, whoever shows the card first keeps the lease; else the row is free at once."""
    for write in (store.save, store.record_submitted):
        job = make_job(status=Status.SUBMITTING)
        await store.add(job)
        assert await store.claim({Status.SUBMITTING}, owner="w", limit=9, lease=60) == [job]
        kept = await write(job, release=False)
        assert await store.claim({Status.SUBMITTING}, owner="v", limit=9, lease=60) == []
        free = await write(kept)
        assert await store.claim({Status.SUBMITTING}, owner="v", limit=9, lease=60) == [free]
        await store.save(free.evolve(status=Status.FAILED, due_at=None))


@pytest.mark.parametrize(
    ("status", "word"), [(Status.QUEUED, "nothing was charged"), (Status.IN_PROGRESS, "may still make it and charge")]
)
async def test_cancel_says_what_it_costs(store: Store, hands: Hands, make_job: MakeJob, status: Status, word: str):
    """Queued is free; afterwards the bot only stops watching. A copy read before can no longer be saved."""
    job = make_job(status=status)
    await store.add(job)
    await store.claim({status}, owner="w", limit=1, lease=60)
    cancelled = await store.cancel(job.id, job.destination.user_id)
    assert cancelled is not None
    assert (cancelled.status, cancelled.due_at, cancelled.finished_at) == (Status.CANCELLED, hands.now, hands.now)
    assert word in str(cancelled.reason)
    assert await store.claim({Status.CANCELLED}, owner="v", limit=1, lease=60) == [cancelled]
    with pytest.raises(Conflict):
        await store.save(job.evolve(status=Status.SUBMITTING))


@pytest.mark.parametrize("status", sorted(TERMINAL | {Status.SUBMITTING, Status.DELIVERING}))
async def test_cancel_comes_too_late(store: Store, make_job: MakeJob, status: Status):
    """What is being paid, delivered or over stays as it is; and other people's jobs do not exist."""
    job = make_job(status=status)
    await store.add(job)
    assert await store.cancel(job.id, job.destination.user_id) == job
    for other in (1, job.destination.user_id - 1, job.destination.user_id + 1):
        assert await store.cancel(job.id, other) is None
