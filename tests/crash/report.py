"""What a campaign has shown, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.crash.deployments import DEPLOYMENTS, Deployment
from tests.crash.invariants import ENDS, INVARIANTS, Breach, breaches, counts
from tests.crash.lane import Kill, Played
from tests.crash.ledger import REFUSALS, Command
from tests.crash.moments import MOMENTS
from tests.crash.scene import RUN

_HITS = ("hit every process", "run alone", "workers alone", "run and a worker")
_WORDS = (*sorted(ENDS), *sorted(REFUSALS))


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """All lanes of a campaign, played."""

    seed: int
    lanes: tuple[Played, ...]
    seconds: float

    @property
    def kills(self) -> int:
        """How often a bot was killed."""
        return sum(len(lane.kills) for lane in self.lanes)

    @property
    def is_sound(self) -> bool:
        """Whether every invariant holds and no secret was found."""
        return not any(breaches(lane.ledger) or lane.leaks for lane in self.lanes)


def report(campaign: Campaign) -> str:
    """The whole report."""
    return "\n".join(
        [
            f"# {campaign.kills} kills, seed {campaign.seed}\n",
            f"{campaign.seconds:.0f} s in {len(campaign.lanes)} lanes, {campaign.kills / campaign.seconds * 60:.0f} kills a minute.\n",
            *_by_deployment(campaign),
            *_by_moment(campaign),
            *_by_end(campaign),
            *_by_invariant(campaign),
            *_trouble(campaign),
        ]
    )


def _by_deployment(campaign: Campaign) -> Iterator[str]:
    """A kill hits all processes of a deployment, or some."""
    kills = Counter((lane.plan.deployment, _hit(lane, kill)) for lane in campaign.lanes for kill in lane.kills)
    yield from _table(
        ("deployment", "what runs", "kills", *_HITS),
        [
            (each.name, each.what, sum(kills[each, hit] for hit in _HITS), *(kills[each, hit] for hit in _HITS))
            for each in _deployments(campaign)
        ],
    )


def _hit(lane: Played, kill: Kill) -> str:
    everything, run, workers, mixed = _HITS
    if set(kill.died) == set(lane.plan.deployment.programs):
        return everything
    if RUN not in kill.died:
        return workers
    return run if kill.died == (RUN,) else mixed


def _deployments(campaign: Campaign) -> list[Deployment]:
    return [each for each in DEPLOYMENTS if any(lane.plan.deployment == each for lane in campaign.lanes)]


def _by_moment(campaign: Campaign) -> Iterator[str]:
    """A kill may land in several moments at once."""
    deployments = _deployments(campaign)
    hits = Counter(
        (name, lane.plan.deployment) for lane in campaign.lanes for kill in lane.kills for name in kill.moments
    )
    missed = Counter(name for lane in campaign.lanes for kill in lane.kills for name in kill.missed)
    yield from _table(
        ("moment of the kill", *(f"kills of {each.name}" for each in deployments), "came too late"),
        [
            (each.name, *(hits[each.name, deployment] for deployment in deployments), missed[each.name])
            for each in MOMENTS
        ],
    )


def _by_end(campaign: Campaign) -> Iterator[str]:
    commands = [command for lane in campaign.lanes for command in lane.ledger.commands]
    seen = Counter((command.place, command.word) for command in commands if command.acknowledged)
    unanswered = Counter(command.place for command in commands if not command.acknowledged)
    rows = [
        (place, *(seen[place, word] for word in _WORDS), unanswered[place])
        for place in sorted({command.place for command in commands})
    ]
    sums = ("all", *(sum(int(row[column]) for row in rows) for column in range(1, len(_WORDS) + 2)))
    yield from _table(("commands given in", *_WORDS, "never answered"), [*rows, sums])


def _by_invariant(campaign: Campaign) -> Iterator[str]:
    held: Counter[str] = Counter()
    for lane in campaign.lanes:
        held.update(counts(lane.ledger))
    broken = Counter(each.invariant for lane in campaign.lanes for each in breaches(lane.ledger))
    yield from _table(
        ("invariant", "held against", "broken"), [(each, held[each], broken[each]) for each in INVARIANTS]
    )
    ledgers = [lane.ledger for lane in campaign.lanes]
    yield (
        f"Beside them: {sum(_is_out_of_reach(each) for ledger in ledgers for each in ledger.commands)} cards that nobody can change any "
        "more, since their tokens died before their jobs ended, "
        f"{sum(each.stale_cards for each in ledgers)} old cards that do not say that their job has moved, "
        f"{sum(len(lane.leaks) for lane in campaign.lanes)} secrets found in files and command lines.\n"
    )


def _is_out_of_reach(command: Command) -> bool:
    return command.shut and command.word not in ENDS | REFUSALS


def _trouble(campaign: Campaign) -> Iterator[str]:
    """What a person needs to see it again."""
    for lane in campaign.lanes:
        for breach in breaches(lane.ledger):
            yield (
                f"- BROKEN: {breach.name} (job {breach.job}): {breach.what}. Seed {campaign.seed}, lane {lane.plan.lane} ({lane.plan.deployment.name}), "
                f"{_kill_of(lane, breach)}, log {lane.folder / 'bot.log'}"
            )
        yield from (f"- LEAKED: {leak}, in {lane.folder}" for leak in lane.leaks)


def _kill_of(lane: Played, breach: Breach) -> str:
    for each in lane.plan.rounds:
        orders = (*each.orders, *(hit.order for hit in each.hits))
        if any(breach.name.startswith(order.prompt) for order in orders):
            return f"kill {each.number} ({', '.join(hit.moment.name for hit in each.hits)})"
    return "no kill of its own"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(map(str, row))} |" for row in rows)
    yield ""
