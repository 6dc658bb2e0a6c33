"""The plan of a crash campaign: decided by its seed, and no moment is left out."""

from collections import Counter

import pytest

from tests.crash.deployments import DEPLOYMENTS, PAIR, POSTGRES
from tests.crash.moments import MOMENTS, Way
from tests.crash.plan import EVERYWHERE, brief_plan, plans, short_plans

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


def test_a_campaign_has_every_moment_in_every_deployment():
    """As many kills as asked for, shared evenly by the lanes, of which one in two has links of its own."""
    given = plans(1, 200, 2)
    assert [plan.lane for plan in given] == [*range(6)]
    assert sum(len(plan.rounds) for plan in given) == 200
    assert all(25 <= len(plan.rounds) <= 40 for plan in given)
    for deployment in DEPLOYMENTS:
        mine = [plan for plan in given if plan.deployment == deployment]
        assert {plan.with_links for plan in mine} == {False, True}
        assert {hit.moment.name for plan in mine for each in plan.rounds for hit in each.hits} == NAMES


def test_one_deployment_may_have_all_kills():
    """The plan of a lane is then another one, since it has more kills."""
    given = plans(1, 61, 2, [POSTGRES])
    assert [plan.deployment for plan in given] == [POSTGRES, POSTGRES]
    assert sum(len(plan.rounds) for plan in given) == 61


@pytest.mark.parametrize("seed", range(5))
def test_who_dies_leaves_the_next_moment_possible(seed: int):
    """What starts has died before, a lost answer is of one that died, and nobody ends by itself."""
    for plan in plans(seed, 200, 2):
        for each, after in zip(plan.rounds, (*plan.rounds[1:], None), strict=True):
            if after and after.hits[0].moment.way is Way.START and not after.hits[0].moment.follows:
                assert each.victims == "all"
            if (after and after.hits[0].moment.follows) or any(hit.moment.way is Way.DRAIN for hit in each.hits):
                assert each.victims != "run"
    assert {each.victims for plan in plans(seed, 200, 2) for each in plan.rounds} == {"holder", "run", "all"}


def test_a_brief_plan_is_one_kill_of_those_who_hold_its_moments():
    """With no order but those that lead there."""
    (only,) = brief_plan(1, PAIR, "poll pending", "download asked for").rounds
    assert [hit.moment.name for hit in only.hits] == ["poll pending", "download asked for"]
    assert (only.victims, only.orders) == ("holder", ())


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
