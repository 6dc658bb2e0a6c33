"""The crash campaign in short: every moment once, in as few kills as may be, and all promises hold afterwards."""

from pathlib import Path

import pytest

from tests.crash.invariants import breaches
from tests.crash.lane import play
from tests.crash.plan import short_plans

SEED, LANES = 1, 3


@pytest.mark.parametrize("lane", range(LANES))
async def test_whatever_a_kill_interrupts_nothing_is_lost_or_paid_twice(lane: int, tmp_path: Path):
    """Each kill landed where it should; afterwards nothing is broken, and no secret lies around."""
    played = await play(short_plans(SEED, LANES)[lane], tmp_path)

    log = (tmp_path / "bot.log").read_text()[-6000:]
    assert [kill.missed for kill in played.kills] == [()] * len(played.plan.rounds), log
    assert breaches(played.ledger) == [], log
    assert played.leaks == ()
