"""Turns and things done once: what a flood of one person may take."""

import asyncio

import pytest

from bot.chat.turns import Once, Turns
from bot.errors import Refusal


async def have(turns: Turns, user_id: int, at_work: list[int], gate: asyncio.Event) -> None:
    """Have a turn until the gate opens."""
    async with turns.turn(user_id):
        at_work.append(user_id)
        await gate.wait()
        at_work.remove(user_id)


async def settle() -> None:
    """Let every task come as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_person_has_one_turn_at_a_time_and_leaves_room_for_others():
    """Ten orders of one person take one slot; of three other people two find room at once, and all get their turn."""
    turns, gate, at_work = Turns(slots=3, seconds=30), asyncio.Event(), list[int]()
    tasks = [asyncio.create_task(have(turns, user_id, at_work, gate)) for user_id in [1] * 10 + [2, 3, 4]]
    await settle()
    assert at_work == [1, 2, 3]
    gate.set()
    await asyncio.wait_for(asyncio.gather(*tasks), 30)
    assert at_work == []


async def test_a_turn_that_does_not_come_is_refused_and_blocks_nobody():
    """Neither the person's own next order nor anybody's."""
    turns, gate, at_work = Turns(slots=1, seconds=0.02), asyncio.Event(), list[int]()
    first = asyncio.create_task(have(turns, 1, at_work, gate))
    await settle()
    for user_id in (1, 2):
        with pytest.raises(Refusal, match="Too many pictures are being read just now, and nothing was ordered"):
            await have(turns, user_id, at_work, gate)
    gate.set()
    await first
    for user_id in (1, 2):
        await have(turns, user_id, at_work, gate)


def test_what_is_done_once_is_free_again_when_it_ends():
    """Also where it ends with an error; other names are others' business."""
    once = Once()

    def fail() -> None:
        with once.only("again", 1, "abc") as first, once.only("again", 1, "abc") as second:
            assert (first, second) == (True, False)
            with once.only("again", 2, "abc") as other:
                assert other
            raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            fail()
