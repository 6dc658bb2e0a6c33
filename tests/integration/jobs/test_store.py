"""The store's promises, each on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.breaker import Scope
from bot.jobs.job import TERMINAL, Job, Standing, Status, ended
from bot.jobs.store import FURTHEST, KEEP_INPUTS, Conflict, Store
from bot.requests.base import Image, InputFile, Submission

MakeJob = Callable[..., Job]
QUEUED = {Status.QUEUED}


class Hands:
    """A clock whose hands a test moves."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now


@pytest.fixture
def hands() -> Hands:
    """The store's clock."""
    return Hands()


@pytest.fixture
async def store(new_database: Any, hands: Hands) -> AsyncIterator[Store]:
    """An empty store."""
    store = await Store.open(await new_database(), clock=hands)
    yield store
    await store.close()


def _with_files(job: Job) -> Job:
    picture = Image(name="a.png", content_type="image/png", width=1, height=1, data=b"\x89PNG\x00\xff")
    files = (InputFile.of("image[]", picture), InputFile.of("image[]", picture.model_copy(update={"name": "b.png"})))
    fields: dict[str, Any] = {"prompt": "ünïcödé 🎬", "nested": {"deep": [1, 2.5, None, True]}, "image": "https://x/a"}
    submission = Submission(
        upstream="uniall",
        submit_path="/v1/x",
        encoding="multipart",
        fields=fields,
        files=files,
        links=("image",),
        patient=True,
    )
    return replace(job, submission=submission, notes=("Told, not refused.",))


async def test_a_job_comes_back_as_it_went_in(store: Store, make_job: MakeJob):
    """Every field, 64-bit ids, nested JSON and the files byte for byte."""
    job = _with_files(make_job())
    await store.add(job)
    assert await store.get(job.id, with_files=True) == job
    without = job.submission.model_copy(update={"files": ()})
    assert await store.get(job.id) == replace(job, submission=without)
    assert await store.get("nobody") is None


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


async def test_a_save_over_a_newer_revision_is_refused(store: Store, make_job: MakeJob):
    """Of two who read the same row, the first to save wins and the other is told."""
    job = make_job()
    await store.add(job)
    first = await store.save(job.evolve(progress=1))
    with pytest.raises(Conflict):
        await store.save(job.evolve(progress=2))
    assert await store.get(job.id) == first


async def test_one_row_goes_to_one_claimer(store: Store, make_job: MakeJob):
    """Forty rows, ten claimers at once: nobody gets what another has."""
    jobs = [make_job() for _ in range(40)]
    for job in jobs:
        await store.add(job)
    claims = [store.claim(QUEUED, owner=f"w{n}", limit=6, lease=60) for n in range(10)]
    got = [job.id for claimed in await asyncio.gather(*claims) for job in claimed]
    while more := await store.claim(QUEUED, owner="last", limit=6, lease=60):
        got += [job.id for job in more]
    assert sorted(got) == sorted(job.id for job in jobs)


async def test_the_oldest_due_goes_first_and_queued_rows_bring_their_files(
    store: Store, hands: Hands, make_job: MakeJob
):
    """Rows that are due later, of other statuses, or of an upstream to skip are left alone."""
    late, early = make_job(due_at=hands.now), _with_files(make_job(due_at=hands.now - 5))
    future, running = make_job(due_at=hands.now + 1), make_job(due_at=1.0, status=Status.IN_PROGRESS)
    for job in (late, early, future, running):
        await store.add(job)
    assert await store.claim(QUEUED, owner="w", limit=1, lease=60) == [early]
    assert await store.claim(QUEUED, owner="w", limit=9, lease=60, skip={Scope(upstream="octopusx")}) == []
    assert await store.claim(QUEUED, owner="w", limit=9, lease=60) == [late]


async def test_what_is_claimed_at_once_comes_with_the_oldest_due_first(store: Store, hands: Hands, make_job: MakeJob):
    """Whatever the order in which the database hands it out."""
    jobs = [make_job(due_at=hands.now - wait) for wait in (5, 9, 1, 7, 3)]
    for job in jobs:
        await store.add(job)
    claimed = await store.claim(QUEUED, owner="w", limit=9, lease=60)
    assert [job.due_at for job in claimed] == [hands.now - wait for wait in (9, 7, 5, 3, 1)]


async def test_a_lapsed_lease_is_no_lease(store: Store, hands: Hands, make_job: MakeJob):
    """The row of a worker that died is claimed by another; one that is renewed, disowned or foreign behaves so."""
    job = make_job()
    await store.add(job)
    assert await store.claim(QUEUED, owner="dead", limit=1, lease=60) == [job]
    hands.now += 59
    await store.renew([job.id], owner="another", lease=60)  # not theirs to renew
    assert await store.claim(QUEUED, owner="w", limit=1, lease=60) == []
    hands.now += 1
    assert await store.claim(QUEUED, owner="w", limit=1, lease=60) == [job]
    hands.now += 59
    await store.renew([job.id], owner="w", lease=60)
    hands.now += 59
    assert await store.claim(QUEUED, owner="dead", limit=1, lease=60) == []
    await store.disown(["w"])
    assert await store.claim(QUEUED, owner="dead", limit=1, lease=60) == [job]


async def test_next_due_sees_only_rows_that_can_be_claimed(store: Store, hands: Hands, make_job: MakeJob):
    """So the worker sleeps neither too long nor in circles."""
    assert await store.next_due() is None
    await store.add(make_job(due_at=7.0))
    await store.add(make_job(due_at=hands.now + 9))
    await store.add(make_job(due_at=None, status=Status.COMPLETED))
    assert await store.next_due() == 7.0
    assert await store.next_due({Status.DELIVERING}) is None
    assert await store.next_due(skip={Scope(upstream="octopusx")}) is None
    await store.claim(QUEUED, owner="w", limit=1, lease=60)
    assert await store.next_due(QUEUED) == hands.now + 9


async def test_a_paid_id_is_recorded_whatever_the_revision(store: Store, hands: Hands, make_job: MakeJob):
    """Another worker called the row unconfirmed while the POST was still on its way: its outcome is better news."""
    job = make_job()
    await store.add(job)
    job = await store.save(job.evolve(status=Status.SUBMITTING))
    await store.save(ended(job, Status.UNCONFIRMED, "Nobody knows.", hands.now))
    paid = job.evolve(status=Status.IN_PROGRESS, video_id="v1", due_at=1.0)
    saved = await store.record_submitted(paid)
    assert saved == replace(paid, revision=3)
    assert await store.get(job.id) == saved
    with pytest.raises(Conflict):
        await store.record_submitted(paid)


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
    jobs = [make_job(id=name, status=status) for name in "abc"]
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


async def test_of_user_finds_ones_own_newest_first(store: Store, make_job: MakeJob):
    """By the start of the id or a part of the prompt; what LIKE would take for a wildcard is a letter."""
    old = make_job(id="abc", prompt="A red Fox", created_at=1.0)
    new = make_job(id="xyz", prompt="100% done_", created_at=2.0, status=Status.COMPLETED)
    other = make_job(destination=replace(old.destination, user_id=3))
    for job in (old, new, other):
        await store.add(job)
    me = old.destination.user_id
    assert await store.of_user(me) == [new, old]
    assert await store.of_user(me, limit=1) == [new]
    assert await store.of_user(me, search="AB") == [old]
    assert await store.of_user(me, search="red f") == [old]
    assert await store.of_user(me, search="0%") == [new]
    assert await store.of_user(me, search="%") == [new]
    assert await store.of_user(me, statuses={Status.QUEUED}) == [old]


async def test_counts(store: Store, make_job: MakeJob):
    """By status, and the active ones by upstream."""
    for status in (Status.QUEUED, Status.QUEUED, Status.FAILED):
        await store.add(make_job(status=status))
    assert await store.counts() == {Status.QUEUED: 2, Status.FAILED: 1}
    assert await store.waiting() == {"octopusx": 2}


async def test_the_sweep_forgets_old_pictures_and_nothing_else(store: Store, hands: Hands, make_job: MakeJob):
    """A week after the end; a job that is still waiting keeps them."""
    old, waiting = _with_files(make_job(status=Status.FAILED, finished_at=hands.now)), _with_files(make_job())
    await store.add(old)
    await store.add(waiting)
    hands.now += KEEP_INPUTS
    await store.sweep()
    assert await store.get(old.id, with_files=True) == old
    hands.now += 1
    await store.sweep()
    kept = await store.get(old.id, with_files=True)
    assert kept is not None
    assert kept.submission.files == ()
    assert await store.get(waiting.id, with_files=True) == waiting


async def test_a_row_says_how_long_its_files_are_needed(store: Store, make_job: MakeJob):
    """Whether a step is still to come, when it ended, and until when a link leads to the original."""
    over = {"due_at": None, "finished_at": 7.0}
    rows = {
        "active": make_job(id="active", status=Status.DELIVERING, created_at=3.0),
        "told": make_job(id="told", status=Status.COMPLETED, finished_at=7.0, original_until=9.0),
        "kept": make_job(id="kept", status=Status.COMPLETED, original_until=9.0, **over),
        "held": make_job(id="held", status=Status.HELD, **over),
    }
    for job in rows.values():
        await store.add(job)
    assert await store.standings({*rows, "nobody"}) == {
        "active": Standing(at_work=True, held=False, ended_at=3.0, original_until=None),
        "told": Standing(at_work=True, held=False, ended_at=7.0, original_until=9.0),
        "kept": Standing(at_work=False, held=False, ended_at=7.0, original_until=9.0),
        "held": Standing(at_work=False, held=True, ended_at=7.0, original_until=None),
    }
    assert await store.standings(set()) == {}


async def test_a_link_of_ours_is_forgotten_with_its_file(store: Store, make_job: MakeJob):
    """Not that of a job whose step is still to come, and not the service's own."""
    link = {"status": Status.COMPLETED, "original_url": "https://bot/a", "original_until": 9.0}
    gone, working = make_job(due_at=None, **link), make_job(due_at=1.0, **link)
    other, elsewhere = make_job(due_at=None, **link), make_job(due_at=None, **link | {"original_until": None})
    for job in (gone, working, other, elsewhere):
        await store.add(job)
    await store.forget_originals({gone.id, working.id, elsewhere.id})
    assert await store.get(gone.id) == replace(gone, original_url=None, original_until=None)
    for job in (working, other, elsewhere):
        assert await store.get(job.id) == job


async def test_a_clock_that_stepped_back_strands_no_row(store: Store, hands: Hands, make_job: MakeJob):
    """A row put off by a clock that was a day ahead is due now."""
    far, near = make_job(due_at=hands.now + FURTHEST + 1), make_job(due_at=hands.now + FURTHEST - 1)
    await store.add(far)
    await store.add(near)
    await store.sweep()
    assert await store.claim(QUEUED, owner="w", limit=9, lease=60) == [replace(far, due_at=hands.now)]


async def test_a_scope_is_skipped_or_claimed_alone(store: Store, make_job: MakeJob):
    """A command's own includes its subcommands, and no command whose name only begins so."""
    commands = ["veo", "veo31 text", "veo31 image", "veo310"]
    for command in commands:
        await store.add(make_job(command=command, id=command.replace(" ", "")))
    scope = Scope(upstream="octopusx", command="veo31")
    elsewhere = Scope(upstream="uniall", command="veo31")
    assert await store.next_due(skip={Scope(upstream="octopusx")}) is None
    assert await store.claim(QUEUED, owner="w", limit=9, lease=60, only=elsewhere) == []
    assert await store.claim(QUEUED, owner="w", limit=9, lease=60, only=scope, skip={scope}) == []
    alone = await store.claim(QUEUED, owner="w", limit=1, lease=60, only=scope)
    others = await store.claim(QUEUED, owner="w", limit=9, lease=60, skip={scope, elsewhere})
    left = await store.claim(QUEUED, owner="w", limit=9, lease=60)
    assert sorted(job.command for job in others) == ["veo", "veo310"]
    assert sorted(job.command for job in [*alone, *left]) == ["veo31 image", "veo31 text"]


async def test_who_was_told_already_is_not_claimed_to_be_told(store: Store, make_job: MakeJob):
    """A reason that begins as the sentence does is enough; signs that SQL reads as patterns mean themselves."""
    opening = "100 % of_it is down"
    reasons = {"told": f"{opening}, so this waits.", "new": None, "other": "100 percent of it is down; waits."}
    for name, reason in reasons.items():
        await store.add(_with_files(make_job(id=name, reason=reason)))
    scope = Scope(upstream="uniall")
    claimed = await store.claim(QUEUED, owner="w", limit=9, lease=60, only=scope, untold=opening)
    assert sorted((job.id, job.submission.files) for job in claimed) == [("new", ()), ("other", ())]
