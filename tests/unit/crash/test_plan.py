"""The plan of a crash campaign: decided by its seed, and no moment is left out."""

from collections import Counter

import pytest

from tests.crash.moments import MOMENTS, Way
from tests.crash.plan import EVERYWHERE, plans, short_plans

NAMES = {moment.name for moment in MOMENTS}


def test_the_same_seed_gives_the_same_plan():
    """And another seed another one."""
    assert plans(7, 60, 2) == plans(7, 60, 2)
    assert plans(7, 60, 2) != plans(8, 60, 2)


@pytest.mark.parametrize("seed", range(5))
def test_a_short_plan_has_every_moment_once(seed: int):
    """In a third as many kills, since a kill may land in several moments."""
    given = short_plans(seed, 2)
    hits = Counter(hit.moment.name for plan in given for each in plan.rounds for hit in each.hits)
    assert hits == Counter(NAMES)
    assert sum(len(plan.rounds) for plan in given) < len(NAMES)


def test_a_campaign_has_every_moment_and_as_many_kills_as_asked_for():
    """The lanes share them evenly."""
    given = plans(1, 200, 2)
    assert sum(len(plan.rounds) for plan in given) == 200
    assert all(90 <= len(plan.rounds) <= 110 for plan in given)
    assert {hit.moment.name for plan in given for each in plan.rounds for hit in each.hits} == NAMES


def test_what_follows_a_moment_comes_right_behind_it():
    """A bot that looks for its message has one that it may have posted."""
    for plan in plans(3, 300, 2):
        for before, each in zip(plan.rounds, plan.rounds[1:], strict=False):
            if follows := each.hits[0].moment.follows:
                names = {hit.moment.name for hit in before.hits}
                starts = before.hits[0].moment.way is Way.START
                assert follows in names or starts


def test_no_prompt_is_given_twice():
    """A POST is known by its prompt."""
    orders = [
        order
        for plan in plans(4, 100, 2)
        for each in plan.rounds
        for order in (*each.orders, *(hit.order for hit in each.hits))
    ]
    assert len({order.prompt for order in orders}) == len(orders)
    assert all(order.who in EVERYWHERE for order in orders if order.place in ("lounge", "friends"))
