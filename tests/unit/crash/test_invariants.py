"""The crash campaign's check can fail: each made-up ledger breaks one promise, and that one is named."""

from dataclasses import replace

import pytest

from tests.crash.invariants import DRAINED, ENDED, ENDS, PAID_ONCE, SEEN_ONCE, breaches, counts
from tests.crash.ledger import Command, Ledger, Post


def _post(task: str | None = "video_1", *, answered: bool = True, known: bool = True) -> Post:
    return Post(arrived_at=1.0, task=task, answered=answered, known=known)


def _command(
    word: str | None, *posts: Post, name: str = "A gate", job: str | None = "kxv8", videos: int = 0
) -> Command:
    return Command(
        name=name,
        place="general",
        private=False,
        acknowledged=word is not None,
        word=word,
        job=job,
        posts=posts,
        videos=tuple(range(1, videos + 1)),
    )


SOUND = {
    "done": _command("Done", _post(), videos=1),
    "failed": _command("Failed", _post()),
    "refused by the service": _command("Failed", _post(None)),
    "cancelled before it was sent": _command("Cancelled"),
    "expired": _command("Expired", _post()),
    "held": _command("Held", _post()),
    "the answer was lost": _command("Unconfirmed", _post(answered=False, known=False)),
    "killed between the save and the POST": _command("Unconfirmed"),
    "not ordered": _command("Not ordered", job=None),
    "refused in a sentence": _command("Refused", job=None),
    "never answered": _command(None, job=None),
    "in a direct message, its card out of reach": replace(_command("Generating", _post(), videos=1), shut=True),
}


@pytest.mark.parametrize("command", SOUND.values(), ids=SOUND.keys())
def test_what_may_be_is_no_breach(command: Command):
    """Every end that the promise knows, and the two ways in which nothing is ordered."""
    assert breaches(Ledger(commands=(command,))) == []


BROKEN = {
    "a card left as it was": (ENDED, _command("Checking", job=None)),
    "a job that never ends": (ENDED, _command("Generating", _post())),
    "a card that went away": (
        ENDED,
        Command(name="A gate", place="general", private=False, acknowledged=True, word=None, job=None),
    ),
    "refused and bought": (ENDED, _command("Not ordered", _post(), job=None)),
    "unanswered and bought": (ENDED, _command(None, _post(), job=None)),
    "bought twice": (PAID_ONCE, _command("Done", _post("video_1"), _post("video_2"), videos=1)),
    "sent twice, bought once": (PAID_ONCE, _command("Done", _post(None, answered=False), _post(), videos=1)),
    "unconfirmed with the answer read": (PAID_ONCE, _command("Unconfirmed", _post(known=False))),
    "unconfirmed with the id known": (PAID_ONCE, _command("Unconfirmed", _post(answered=False))),
    "seen twice": (SEEN_ONCE, _command("Done", _post(), videos=2)),
    "out of reach and seen twice": (SEEN_ONCE, replace(_command("Generating", _post(), videos=2), shut=True)),
    "out of reach, failed and seen": (SEEN_ONCE, replace(_command("Failed", _post(), videos=1), shut=True)),
    "done and not seen": (SEEN_ONCE, _command("Done", _post())),
    "failed and seen": (SEEN_ONCE, _command("Failed", _post(), videos=1)),
    "held and seen": (SEEN_ONCE, _command("Held", _post(), videos=1)),
}


@pytest.mark.parametrize(("invariant", "command"), BROKEN.values(), ids=BROKEN.keys())
def test_what_may_not_be_is_named(invariant: str, command: Command):
    """One breach, of the right promise, with the command and its job."""
    (breach,) = breaches(Ledger(commands=(SOUND["done"], command) if command.job is None else (command,)))
    assert (breach.invariant, breach.name, breach.job) == (invariant, "A gate", command.job)


def test_two_commands_with_one_job_are_a_breach():
    """Each command is an order of its own."""
    one = _command("Done", _post("video_1"), videos=1)
    other = _command("Done", _post("video_2"), name="A bridge", videos=1)
    assert [breach.invariant for breach in breaches(Ledger(commands=(one, other)))] == [ENDED]


def test_a_row_that_wants_a_step_is_a_breach():
    """After the last start nothing is left to do."""
    (breach,) = breaches(Ledger(commands=(), stuck=("kxv8",)))
    assert (breach.invariant, breach.job) == (DRAINED, "kxv8")


def test_a_process_that_ends_by_itself_is_a_breach():
    """Whoever is not killed goes on."""
    (breach,) = breaches(Ledger(commands=(), ended=("worker, with exit code 2",)))
    assert (breach.invariant, breach.name) == (DRAINED, "worker, with exit code 2")


def test_a_press_that_was_never_told_its_end_is_a_breach():
    """Post it here has an answer of its own, which may not say "Checking" for ever."""
    (breach,) = breaches(Ledger(commands=(), open_presses=("kxv8",)))
    assert (breach.invariant, breach.job) == (ENDED, "kxv8")


def test_what_nobody_asked_for_is_a_breach():
    """A POST or a video that belongs to no command."""
    (breach,) = breaches(Ledger(commands=(), strangers=("POST of 'A boat'",)))
    assert (breach.invariant, breach.name) == (PAID_ONCE, "POST of 'A boat'")


def test_the_counts_say_against_what_each_promise_was_held():
    """Acknowledged commands, POSTs, videos, jobs."""
    ledger = Ledger(commands=(SOUND["done"], SOUND["the answer was lost"], SOUND["never answered"]))
    assert counts(ledger) == {ENDED: 2, PAID_ONCE: 2, SEEN_ONCE: 1, DRAINED: 1}


def test_every_word_of_an_end_is_a_status_word():
    """The six ends as the README's glossary has them."""
    assert {"Done", "Failed", "Cancelled", "Expired", "Unconfirmed", "Held"} == ENDS
