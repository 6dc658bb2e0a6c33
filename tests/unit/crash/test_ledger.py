"""The crash campaign's ledger: which answers a bot has read, and whose a POST is."""

import pytest

from tests.crash.ledger import Death, Post, dealt, is_read

DEATHS = [Death(at=100.0), Death(at=200.0, spared=frozenset({40001}))]


@pytest.mark.parametrize(
    ("arrived_at", "answered_at", "client", "read"),
    [
        (150.0, 150.1, 40002, True),
        (150.0, None, 40002, False),
        (99.0, 101.0, 40002, False),
        (99.9, 99.95, None, False),
        (100.002, 100.003, 40002, False),
        (196.5, 196.9, 40002, True),
        (190.0, 197.5, 40002, False),
        (190.0, 201.0, 40001, True),
        (99.0, 101.0, 40001, False),
    ],
    ids=[
        "long before a kill",
        "never answered",
        "held at the kill",
        "no time to save it",
        "sent by a bot that was dead when it arrived",
        "time enough to save it",
        "held, and answered right before the kill",
        "held by one that the kill spared",
        "held by one that had that port before",
    ],
)
def test_an_answer_is_read_where_the_bot_lived_to_save_it(
    arrived_at: float, answered_at: float | None, client: int | None, *, read: bool
):
    """All in Unix seconds; only such an answer makes an unconfirmed job a breach."""
    assert is_read(arrived_at, answered_at, client, DEATHS) is read


@pytest.mark.parametrize(
    ("given", "words", "sent", "numbers"),
    [
        ([10.0], ["Done"], [12.0], [[12.0]]),
        ([10.0, 20.0], ["Failed", "Done"], [12.0, 22.0], [[12.0], [22.0]]),
        ([10.0, 20.0, 21.0], ["Cancelled", "Held", "Refused"], [22.0], [[], [22.0], []]),
        ([10.0, 11.0], ["Done", "Refused"], [12.0, 13.0], [[12.0, 13.0], []]),
        ([10.0], ["Not ordered"], [12.0], [[12.0]]),
        ([10.0, 11.0], [None, "Refused"], [12.0], [[], [12.0]]),
    ],
    ids=[
        "one command",
        "repeated after its end",
        "a second press while the first waits",
        "a refused press that was sent",
        "a refused command that was sent",
        "nobody was told of an order",
    ],
)
def test_each_post_is_somebodys(
    given: list[float], words: list[str | None], sent: list[float], numbers: list[list[float]]
):
    """So a refused press costs no other its innocence, and what was sent for it is one too many of the one before."""
    posts = [Post(arrived_at=at, task=f"task {at}", answered=True, known=True) for at in sent]
    assert [[post.arrived_at for post in each] for each in dealt(posts, given, words)] == numbers
