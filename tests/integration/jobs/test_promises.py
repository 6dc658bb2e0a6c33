"""Promises of first answers: one process answers, one transaction keeps, and what is broken is told; on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.folder import FolderDelivery
from bot.jobs.job import Job, Status, ended
from bot.jobs.presence import Presence
from bot.jobs.promise import TOKEN_SECONDS, BrokenPromise, Promise, TooMany
from bot.jobs.promises import LONGEST
from bot.jobs.store import Conflict, Store
from tests.integration.jobs.place import Place
from tests.integration.jobs.rows import Hands

MakeJob = Callable[..., Job]


def promise(hands: Hands, token: str = "aW50ZXJhY3Rpb24", **changes: Any) -> Promise:
    """A promise of this moment, made by the process `first`."""
    given: dict[str, Any] = {"application_id": 2**62, "user_id": 2**63 - 5, "command": "veo", "owner": "first"}
    return Promise(token=token, made_at=hands.now, **(given | changes))


async def test_one_process_answers(store: Store, hands: Hands):
    """Of five that are told of one interaction at one moment, one makes the promise."""
    made = await asyncio.gather(
        *(store.promises.make(promise(hands, owner=f"process {n}"), seconds=30) for n in range(5))
    )
    assert sorted(made) == [False] * 4 + [True]


async def test_what_was_ordered_is_not_promised_again(store: Store, hands: Hands, make_job: MakeJob):
    """Another process with the bot's token hears of a command late: its job is there."""
    ours = promise(hands)
    assert await store.promises.make(ours, seconds=30)
    await store.add(make_job(id=ours.id), ours)
    assert not await store.promises.make(replace(ours, owner="late"), seconds=30)
    assert await store.promises.break_those_of(["first", "late"]) == 0


async def test_a_promise_is_kept_with_its_row_or_not_at_all(store: Store, hands: Hands, make_job: MakeJob):
    """Where the row is refused, the promise stands; where the promise is broken, there is no row."""
    parent = make_job(status=Status.FAILED)
    await store.add(parent)
    await store.add(make_job(parent_id=parent.id))
    ours = promise(hands)
    assert await store.promises.make(ours, seconds=30)
    with pytest.raises(Conflict):
        await store.add(make_job(id=ours.id, parent_id=parent.id), ours)
    assert await store.promises.break_those_of(["first"]) == 1
    with pytest.raises(BrokenPromise):
        await store.add(make_job(id=ours.id), ours)
    assert await store.get(ours.id) is None
    assert await store.promises.broken() == [replace(ours, owner=None)]


async def test_a_move_keeps_its_promise_or_is_not_made(store: Store, hands: Hands, make_job: MakeJob):
    """A held video that is brought elsewhere: the row and the promise change together."""
    held = make_job(status=Status.HELD)
    await store.add(held)
    ours = promise(hands, held_id=held.id)
    with pytest.raises(BrokenPromise):
        await store.save(held.evolve(status=Status.DELIVERING), promise=ours)
    assert await store.promises.make(ours, seconds=30)
    with pytest.raises(Conflict):
        await store.save(replace(held, revision=7), promise=ours)
    moved = await store.save(held.evolve(status=Status.DELIVERING), promise=ours)
    assert await store.get(held.id) == moved
    assert await store.promises.break_those_of(["first"]) == 0


async def test_a_promise_that_cannot_be_written_in_time_is_not_made(store: Store, hands: Hands):
    """The person has been refused by then, so it must not turn up later."""
    with pytest.raises(TimeoutError):
        await store.promises.make(promise(hands), seconds=0)
    assert await store.promises.make(promise(hands), seconds=30)
    assert await store.promises.break_those_of(["first"]) == 1


async def test_those_of_the_dead_and_those_too_old_are_broken(store: Store, hands: Hands):
    """A process that lives has its time."""
    for token, owner in (("a", "dead"), ("b", "first"), ("c", "second")):
        assert await store.promises.make(promise(hands, token, owner=owner), seconds=30)
        hands.now += 1
    assert await store.promises.break_those_of(["dead"]) == 1
    assert await store.promises.break_those_of(["dead"]) == 0
    assert [each.token for each in await store.promises.broken()] == ["a"]
    hands.now += LONGEST - 1.5
    assert await store.promises.break_those_of([]) == 1
    assert [each.token for each in await store.promises.broken()] == ["a", "b"]


async def test_nobody_has_more_at_work_than_one_may(new_database: Any, hands: Hands, make_job: MakeJob):
    """Two processes, forty orders at one moment, some already rows: never more than ten; another person is not counted."""
    url = await new_database()
    stores = [await Store.open(url, clock=hands) for _ in range(2)]
    me = promise(hands).user_id
    others = make_job(destination=replace(make_job().destination, user_id=5))
    for job in (make_job(status=Status.IN_PROGRESS, due_at=hands.now), make_job(status=Status.HELD), others):
        assert job.destination.user_id in (me, 5)
        await stores[0].add(job)

    async def order(number: int) -> bool:
        store, ours = stores[number % 2], promise(hands, f"order {number}")
        made = await store.promises.make(ours, seconds=60, most=10)
        if number % 3 == 0:
            await store.add(make_job(id=ours.id), ours)
        return made

    made = await asyncio.gather(*(order(number) for number in range(40)), return_exceptions=True)
    assert sorted(str(each) for each in made) == [f"{me} has 10 jobs at work"] * 31 + ["True"] * 9
    assert {type(each) for each in made} == {bool, TooMany}
    assert await stores[0].promises.make(promise(hands, "held", held_id="x"), seconds=60)
    for store in stores:
        await store.close()


async def test_what_ends_makes_room(store: Store, hands: Hands, make_job: MakeJob):
    """A refused order, a job that ended, and the order of a dead process are counted no more."""
    refused, died = promise(hands, "refused"), promise(hands, "died", owner="dead")
    for each in (refused, died):
        assert await store.promises.make(each, seconds=30, most=2)
    with pytest.raises(TooMany):
        await store.promises.make(promise(hands, "third"), seconds=30, most=2)
    await store.promises.forget(refused)
    third = promise(hands, "third")
    assert await store.promises.make(third, seconds=30, most=2)
    job = make_job(id=third.id)
    await store.add(job, third)
    with pytest.raises(TooMany):
        await store.promises.make(promise(hands, "fourth"), seconds=30, most=2)
    await store.promises.break_those_of(["dead"])
    assert await store.promises.make(promise(hands, "fourth"), seconds=30, most=2)
    with pytest.raises(TooMany):
        await store.promises.make(promise(hands, "fifth"), seconds=30, most=2)
    await store.save(ended(job, Status.FAILED, "It failed.", hands.now))
    assert await store.promises.make(promise(hands, "fifth"), seconds=30, most=2)


class Told(Place):
    """A place that is told of broken promises, and refuses some."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.told: list[str] = []
        self.heard = asyncio.Event()
        self.refuse: dict[str, list[Exception]] = {}

    async def retract(self, promise: Promise) -> None:
        """Remember it, unless told to refuse."""
        self.told.append(promise.token)
        self.heard.set()
        if errors := self.refuse.get(promise.token):
            raise errors.pop(0)


async def _left(store: Store) -> list[str]:
    return [each.token for each in await store.promises.broken()]


async def test_each_is_told_until_it_is_heard_or_can_be_heard_no_more(store: Store, hands: Hands, tmp_path: Path):
    """An outage, and even a bug, is tried again and holds up nobody else; a dead token is the end."""
    place = Told(tmp_path)
    place.refuse = {
        "away": [DeliveryDelayed("Discord answered 503."), TimeoutError()],
        "bug": [RuntimeError("a bug in the adapter")],
        "closed": [Undeliverable("The answer is out of reach.")],
        "never": [DeliveryDelayed("Discord answered 503.")] * 9,
    }
    for token in ("away", "bug", "closed", "never", "well"):
        assert await store.promises.make(promise(hands, token, owner=None), seconds=30)
    await store.promises.settle(place)
    assert sorted(place.told) == ["away", "bug", "closed", "never", "well"]
    assert sorted(await _left(store)) == ["away", "bug", "never"]
    await store.promises.settle(place)
    assert sorted(await _left(store)) == ["away", "never"]
    await store.promises.settle(place)
    assert await _left(store) == ["never"]
    hands.now += TOKEN_SECONDS
    tries = len(place.told)
    await store.promises.settle(place)
    assert await _left(store) == []
    assert len(place.told) == tries + 1
    await store.promises.settle(place)
    assert len(place.told) == tries + 1


@pytest.mark.parametrize("jump", [TOKEN_SECONDS, 3600.0, 86_400.0, -86_400.0])
async def test_a_clock_that_jumps_leaves_nobody_untold(store: Store, hands: Hands, tmp_path: Path, jump: float):
    """By the clock the token is long dead, or not yet born; by Discord's own it lives, and so it is told."""
    place = Told(tmp_path)
    assert await store.promises.make(promise(hands, "t", owner=None), seconds=30)
    hands.now += jump
    await store.promises.settle(place)
    assert (place.told, await _left(store)) == (["t"], [])


class Slow(Place):
    """A place that answers nobody before it has been asked by all."""

    def __init__(self, folder: Path, parties: int) -> None:
        super().__init__(folder)
        self.all = asyncio.Barrier(parties)
        self.told: list[str] = []

    async def retract(self, promise: Promise) -> None:
        """Wait for the others."""
        await self.all.wait()
        self.told.append(promise.token)


async def test_people_are_told_at_once_and_not_one_after_the_other(store: Store, hands: Hands, tmp_path: Path):
    """A Discord that hangs costs the end of the program one time-out, and not one for each person."""
    tokens = ["a", "b", "c", "d"]
    place = Slow(tmp_path, len(tokens))
    for token in tokens:
        await store.promises.make(promise(hands, token, owner=None), seconds=30)
    await store.promises.settle(place)
    assert sorted(place.told) == tokens
    assert await store.promises.broken() == []


async def test_a_folder_leaves_it_to_who_has_cards(store: Store, hands: Hands, tmp_path: Path):
    """A headless worker on the bot's database must not take the news for told."""
    place: Delivery = FolderDelivery(tmp_path, None)
    assert await store.promises.make(promise(hands, owner=None), seconds=30)
    await store.promises.settle(place)
    assert await _left(store) == ["aW50ZXJhY3Rpb24"]


async def test_a_worker_tells_of_the_dead_at_its_start_and_of_its_own_process_at_its_end(bench: Any, clock: Hands):
    """Two promises: of a process whose file nobody locks any more, and of the worker's own."""
    bench.place = Told(bench.data_dir / "told")
    dead = Presence(bench.data_dir / "workers", "dead")
    dead.appear()
    assert dead._file is not None
    (bench.data_dir / "workers" / "copy").write_bytes(b"")
    (bench.data_dir / "workers" / "copy").replace(bench.data_dir / "workers" / "dead.alive")  # unlocked, as by a kill
    for token, owner in (("a", "dead"), ("b", "ours"), ("c", "another")):
        given = Promise(token=token, application_id=1, user_id=2, command="veo", owner=owner, made_at=clock())
        assert await bench.store.promises.make(given, seconds=30)
    async with bench.working(owner="ours"):
        await asyncio.wait_for(bench.place.heard.wait(), 30)
    assert bench.place.told == ["a", "b"]
    assert await bench.store.promises.broken() == []
    assert await bench.store.promises.break_those_of(["another"]) == 1
