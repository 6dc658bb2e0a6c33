"""The crash campaign's ledger: which answers a bot has read."""

import pytest

from tests.crash.ledger import is_read

KILLS = [100.0, 200.0]


@pytest.mark.parametrize(
    ("arrived_at", "answered_at", "read"),
    [
        (150.0, 150.1, True),
        (150.0, None, False),
        (99.0, 101.0, False),
        (99.9, 99.95, False),
        (100.002, 100.003, False),
        (196.5, 196.9, True),
        (190.0, 197.5, False),
    ],
    ids=[
        "long before a kill",
        "never answered",
        "held at the kill",
        "no time to save it",
        "sent by a bot that was dead when it arrived",
        "time enough to save it",
        "held, and answered right before the kill",
    ],
)
def test_an_answer_is_read_where_the_bot_lived_to_save_it(arrived_at: float, answered_at: float | None, *, read: bool):
    """All in Unix seconds; only such an answer makes an unconfirmed job a breach."""
    assert is_read(arrived_at, answered_at, KILLS) is read
