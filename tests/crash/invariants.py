"""What must be true of every campaign, as a pure function of its ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.crash.ledger import REFUSALS, Command, Ledger

ENDS = frozenset({"Done", "Failed", "Cancelled", "Expired", "Unconfirmed", "Held"})

ENDED, PAID_ONCE, SEEN_ONCE, DRAINED = INVARIANTS = (
    "each acknowledged command ends in exactly one of the six ways, or was refused with nothing bought, and its card says so",
    "no command is sent twice, and none is unconfirmed whose answer the bot has read",
    "no video appears twice, and none is missing that a card calls done",
    "no row is stuck, and no process has ended by itself",
)

_UNTOLD = "somebody pressed Post it here and was never told what came of it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """An invariant that does not hold, and where."""

    invariant: str
    #: The command or row.
    name: str
    job: str | None
    what: str


def breaches(ledger: Ledger) -> list[Breach]:
    """All that is broken."""
    found = [breach for command in ledger.commands for breach in _of(command)]
    found += _shared(ledger)
    found += [Breach(invariant=PAID_ONCE, name=each, job=None, what="nobody asked for it") for each in ledger.strangers]
    found += [Breach(invariant=ENDED, name=job, job=job, what=_UNTOLD) for job in ledger.open_presses]
    found += [Breach(invariant=DRAINED, name=row, job=row, what="it still wants a step") for row in ledger.stuck]
    found += [Breach(invariant=DRAINED, name=each, job=None, what="it ended by itself") for each in ledger.ended]
    return found


def counts(ledger: Ledger) -> dict[str, int]:
    """How many commands, POSTs, videos and rows each invariant was held against."""
    acknowledged = [command for command in ledger.commands if command.acknowledged]
    return {
        ENDED: len(acknowledged),
        PAID_ONCE: sum(len(command.posts) for command in ledger.commands),
        SEEN_ONCE: sum(len(command.videos) for command in ledger.commands),
        DRAINED: len({command.job for command in ledger.commands if command.job}),
    }


def _of(command: Command) -> Iterator[Breach]:
    checks = ((ENDED, _no_end(command)), (PAID_ONCE, _overpaid(command)), (SEEN_ONCE, _ill_seen(command)))
    for invariant, what in checks:
        if what:
            yield Breach(invariant=invariant, name=command.name, job=command.job, what=what)


def _no_end(command: Command) -> str | None:
    if not command.acknowledged:
        return f"it was never answered, and yet sent {len(command.posts)} times" if command.posts else None
    if command.word in REFUSALS:
        return f'its card says "{command.word}", and yet it was sent' if command.posts else None
    return None if command.word in ENDS or command.shut else f'its card says "{command.word}" in the end'


def _overpaid(command: Command) -> str | None:
    tasks = [post.task for post in command.posts if post.task]
    if len(tasks) > 1:
        return f"it was bought {len(tasks)} times: {', '.join(tasks)}"
    if len(command.posts) > 1:
        return f"it was sent {len(command.posts)} times"
    if command.word == "Unconfirmed" and any(post.answered or post.known for post in command.posts):
        return "it is unconfirmed, and yet the bot has read the answer"
    return None


def _ill_seen(command: Command) -> str | None:
    if len(command.videos) > 1:
        return f"its video is there {len(command.videos)} times: messages {', '.join(map(str, command.videos))}"
    if command.word == "Done" and not command.videos:
        return "its card says that it is done, and its video is nowhere"
    if command.word != "Done" and command.videos and not (command.shut and command.word not in ENDS):
        return f'its video is there, and yet its card says "{command.word}"'
    return None


def _shared(ledger: Ledger) -> Iterator[Breach]:
    """Two commands are two jobs."""
    for job, count in Counter(command.job for command in ledger.commands if command.job).items():
        if count > 1:
            yield Breach(invariant=ENDED, name=job, job=job, what=f"{count} commands share this job")
