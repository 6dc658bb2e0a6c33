"""Which rows a worker gets, and for how long, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.jobs.breaker import Scope
from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from tests.integration.jobs.rows import Hands, with_files

MakeJob = Callable[..., Job]
QUEUED = {Status.QUEUED}


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
    """Rows that are due later, of other statuses, or of an upstream to skip are left alone; the others need no files."""
    late, early = make_job(due_at=hands.now), with_files(make_job(due_at=hands.now - 5))
    future, running = make_job(due_at=hands.now + 1), with_files(make_job(due_at=1.0, status=Status.IN_PROGRESS))
    for job in (late, early, future, running):
        await store.add(job)
    assert await store.claim(QUEUED, owner="w", limit=1, lease=60) == [early]
    assert await store.claim(QUEUED, owner="w", limit=9, lease=60, skip={Scope(upstream="octopusx")}) == []
    assert await store.claim(QUEUED, owner="w", limit=9, lease=60) == [late]
    (claimed,) = await store.claim({Status.IN_PROGRESS}, owner="w", limit=9, lease=60)
    assert (claimed.id, claimed.submission.files) == (running.id, ())


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
    for other in ("another", "zombie"):  # not theirs to renew
        await store.renew([job.id], owner=other, lease=60)
    assert await store.claim(QUEUED, owner="w", limit=1, lease=60) == []
    hands.now += 1
    assert await store.claim(QUEUED, owner="w", limit=1, lease=60) == [job]
    hands.now += 59
    await store.renew([job.id], owner="w", lease=60)
    hands.now += 59
    assert await store.claim(QUEUED, owner="dead", limit=1, lease=60) == []
    await store.disown(["w"])
    assert await store.claim(QUEUED, owner="dead", limit=1, lease=60) == [job]
    hands.now += 61
    assert await store.claim(QUEUED, owner="w", limit=1, lease=60) == [job]


async def test_a_row_that_was_given_back_is_nobodys(store: Store, make_job: MakeJob):
    """Whoever had it renews it no more, as a beat of the heart that comes late would, and leaves nothing when it dies."""
    job = make_job()
    await store.add(job)
    assert await store.claim(QUEUED, owner="w", limit=1, lease=60) == [job]
    assert await store.disown(["v", "x"]) == 0
    saved = await store.save(job)
    await store.renew([job.id], owner="w", lease=60)
    assert await store.disown(["w"]) == 0
    assert await store.claim(QUEUED, owner="v", limit=1, lease=60) == [saved]


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


async def test_a_scope_has_nothing_of_its_neighbours(store: Store, make_job: MakeJob):
    """Neither of a service after it in the alphabet, nor of a command that SQL's patterns would take for its own."""
    await store.add(with_files(make_job(id="uniall")))
    for command in ("a_b now", "axb now"):
        await store.add(make_job(id=command, command=command))
    only = Scope(upstream="octopusx", command="a_b")
    assert [job.id for job in await store.claim(QUEUED, owner="w", limit=9, lease=60, only=only)] == ["a_b now"]
    rest = await store.claim(QUEUED, owner="w", limit=9, lease=60, only=Scope(upstream="octopusx"))
    assert [job.id for job in rest] == ["axb now"]


async def test_who_was_told_already_is_not_claimed_to_be_told(store: Store, make_job: MakeJob):
    """A reason that begins as the sentence does is enough; signs that SQL reads as patterns mean themselves."""
    opening = "100 % of_it is down"
    reasons = {"told": f"{opening}, so this waits.", "new": None, "other": "100 percent of it is down; waits."}
    for name, reason in reasons.items():
        await store.add(with_files(make_job(id=name, reason=reason)))
    scope = Scope(upstream="uniall")
    claimed = await store.claim(QUEUED, owner="w", limit=9, lease=60, only=scope, untold=opening)
    assert sorted((job.id, job.submission.files) for job in claimed) == [("new", ()), ("other", ())]
