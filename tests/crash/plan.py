"""What happens in a campaign, decided by its seed alone: commands, moments, their order and delays."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal, TypeAlias

from tests.crash.deployments import ALONE, DEPLOYMENTS, Deployment
from tests.crash.moments import BY_NAME, MESSAGES, MOMENTS, Moment, Step, Way

Film = Literal["plain", "late", "odd", "content", "failing", "stuck"]
Victims = Literal["holder", "run", "all"]
"""Who dies: the processes that hold the moment's requests, the one that answers people, or every one."""

#: Who may type where: each person in places of theirs. In "announcements" the bot may not post, so a video is held; in
#: "lounge" and "friends" it is no member.
PLACES = ("general", "general", "trailer", "green-room", "first-cut", "dm", "announcements", "lounge", "friends")
PEOPLE = ("owner", "moderator", "member", "newcomer")
EVERYWHERE = ("owner", "member")
COMMANDS = ("veo", "sora", "vidu", "kling", "video", "veo31 text")
LONGEST_ABSENCE = 3.0
"""Seconds for which the dead are not replaced: more than the living need to see it and to take over."""
EARLY = 0.6
"""The share of a campaign in which videos are ordered that never get done: they have to expire before its end."""
FILMS: tuple[Film, ...] = ("plain", "plain", "plain", "plain", "late", "odd", "content", "failing", "stuck")


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A command that a person types; its prompt is like no other's."""

    prompt: str
    who: str
    place: str
    command: str
    private: bool
    picture: bool
    #: What the service makes of it.
    film: Film
    #: Cancel is pressed as soon as the card has the button.
    cancel: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A moment to be reached, and the order that leads to it."""

    moment: Moment
    order: Order


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One kill and what leads to it."""

    number: int
    #: Reached one after the other and held together; the kill lands in all of them.
    hits: tuple[Hit, ...]
    victims: Victims
    #: Seconds for which those that a kill has spared were left to themselves before.
    absence: float
    #: Typed and answered before.
    orders: tuple[Order, ...]
    #: Seconds to a kill at any moment.
    delay: float
    #: Discord forgets the nonces of its messages before the bot is back, as it does after some minutes.
    forget: bool
    #: Somebody presses Again, or Post it here, where there is such a button.
    again: bool
    bring: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All rounds of one lane: the processes of a bot with two stand-ins."""

    seed: int
    lane: int
    deployment: Deployment
    rounds: tuple[Round, ...]

    @property
    def with_links(self) -> bool:
        """Whether this bot has a web server, and so links of its own."""
        return self.lane % 2 == 1


def plans(seed: int, kills: int, lanes: int, deployments: Sequence[Deployment] = DEPLOYMENTS) -> list[Plan]:
    """The kills of a campaign, dealt to the deployments and of each to so many lanes.

    Among the kills of a deployment every moment comes before any comes a second time.
    """
    given: list[Plan] = []
    for number, deployment in enumerate(deployments):
        random = Random(f"{seed} moments {deployment.name}")
        groups: list[Group] = []
        share = (kills + number) // len(deployments)
        while len(groups) < share:
            groups += _cycle(random, (1, 1, 1, 2, 3))
        mine = range(number * lanes, (number + 1) * lanes)
        given += _dealt(seed, groups[:share], mine, EARLY, deployment)
    return given


def short_plans(seed: int, lanes: int) -> list[Plan]:
    """Every moment once, in as few kills as may be, for a bot alone."""
    return _dealt(seed, _cycle(Random(f"{seed} moments"), (5,)), range(lanes), 0.0, ALONE)


def brief_plan(seed: int, deployment: Deployment, *moments: str) -> Plan:
    """One kill in these moments at once, of the processes that hold them."""
    plan = _plan(seed, 0, [tuple(BY_NAME[name] for name in moments)], 0.0, deployment)
    return replace(plan, rounds=tuple(replace(each, orders=(), victims="holder") for each in plan.rounds))


Group: TypeAlias = tuple[Moment, ...]


def _cycle(random: Random, sizes: Sequence[int]) -> list[Group]:
    """Every moment once, in any order, some of them together; one that follows another comes right behind it."""
    waiting = [moment for moment in random.sample(MOMENTS, len(MOMENTS)) if not moment.follows]
    groups: list[Group] = []
    while waiting:
        group, size = [waiting.pop(0)], random.choice(sizes)
        for moment in [*waiting]:
            if len(group) < size and all(_together(each, moment) for each in group):
                waiting.remove(moment)
                group.append(moment)
        groups.append(tuple(sorted(group, key=lambda each: each.way is not Way.WIRE)))
        groups += [(each,) for each in MOMENTS if each.follows in {before.name for before in group}]
    return groups


def _together(one: Moment, other: Moment) -> bool:
    """Whether a kill can land in both: neither holds up the other, and one of them at most is not a held request."""
    if Way.WIRE not in (one.way, other.way) or {one.way, other.way} & {Way.START, Way.MIGRATION, Way.RANDOM}:
        return False
    if MESSAGES in (one.path, other.path) and Step.POSTED in (one.step, other.step):
        return False  # discord.py sends one message at a time to a channel whose limits it does not know yet
    leads = {each.follows for each in MOMENTS}
    return one.path != other.path and not (one.name in leads and other.name in leads)


def _dealt(
    seed: int, groups: Sequence[Group], lanes: Sequence[int], early: float, deployment: Deployment
) -> list[Plan]:
    dealt: dict[int, list[Group]] = {lane: [] for lane in lanes}
    lane = lanes[0]
    for group in groups:
        if not group[0].follows:
            lane = min(lanes, key=lambda each: len(dealt[each]))
        dealt[lane].append(group)
    return [_plan(seed, lane, given, early, deployment) for lane, given in dealt.items() if given]


def _victims(random: Random, group: Group, after: Group) -> Victims:
    """Who dies at some moments, by those of the kill after it."""
    if after and after[0].way is Way.START and not after[0].follows:
        return "all"  # since they are all to start
    leads = bool(after and after[0].follows)
    if leads or any(moment.way is Way.DRAIN for moment in group):
        return random.choice(("holder", "all"))  # else nothing is left to be done, or somebody ends by itself
    return random.choice(("holder", "holder", "run", "all"))


def _plan(seed: int, lane: int, groups: Sequence[Group], early: float, deployment: Deployment) -> Plan:
    random = Random(f"{seed} lane {lane}")
    numbers = itertools.count()

    def order(**what: Any) -> Order:
        late = number >= len(groups) * early
        return _order(random, f"Scene {seed}-{lane}-{next(numbers):04d}", late=late, **what)

    rounds: list[Round] = []
    for number, (group, after) in enumerate(zip(groups, (*groups[1:], ()), strict=True)):
        each = Round(
            number=number,
            hits=tuple(Hit(moment=moment, order=order(**moment.order)) for moment in group),
            victims=_victims(random, group, after),
            absence=random.choice((0.0, 0.0, random.random() * LONGEST_ABSENCE)),
            orders=tuple(order() for _ in range(random.choice((0, 0, 1, 1, 2)))),
            delay=random.random() * 1.5,
            forget=random.random() < 0.5,
            again=random.random() < 0.3,
            bring=random.random() < 0.3,
        )
        rounds.append(each)
    return Plan(seed=seed, lane=lane, deployment=deployment, rounds=tuple(rounds))


def _order(random: Random, prompt: str, *, late: bool, **what: Any) -> Order:
    """Any order but for what is given."""
    film = random.choice(FILMS)
    order = Order(
        prompt=prompt,
        who=random.choice(PEOPLE),
        place=random.choice(PLACES),
        command=random.choice(COMMANDS),
        private=random.random() < 0.2,
        picture=random.random() < 0.2,
        film="plain" if late and film == "stuck" else film,
        cancel=random.random() < 0.1,
    )
    order = replace(order, **what)
    who = order.who if order.place not in ("lounge", "friends") or order.who in EVERYWHERE else "member"
    return replace(order, who=who, picture=order.picture and order.command != "veo31 text")
