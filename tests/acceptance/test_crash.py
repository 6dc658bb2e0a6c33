"""The crash campaign in short: every moment once, in as few kills as may be, and all promises hold afterwards."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.crash.deployments import PAIR, POSTGRES, Deployment
from tests.crash.invariants import breaches
from tests.crash.lane import play
from tests.crash.plan import Plan, brief_plan, short_plans

pytestmark = pytest.mark.unmeasured

SEED, LANES = 1, 3
#: Each is held by whichever process came first; those that a kill spares take the jobs over.
SHARED = ("POST sent, answer pending", "poll pending", "message POST carried out after the kill")


async def _hold(plan: Plan, folder: Path) -> None:
    """Each kill landed where it should; afterwards nothing is broken, and no secret lies around."""
    played = await play(plan, folder)

    log = (folder / "bot.log").read_text()[-6000:]
    assert [kill.missed for kill in played.kills] == [()] * len(played.plan.rounds), log
    assert breaches(played.ledger) == [], log
    assert played.leaks == ()


@pytest.mark.parametrize("lane", range(LANES))
async def test_whatever_a_kill_interrupts_nothing_is_lost_or_paid_twice(lane: int, tmp_path: Path):
    """A bot alone, which starts again each time."""
    await _hold(short_plans(SEED, LANES)[lane], tmp_path)


@pytest.mark.parametrize("deployment", [PAIR, replace(POSTGRES, programs=PAIR.programs)], ids=lambda each: each.name)
async def test_what_the_dead_began_the_living_end(deployment: Deployment, tmp_path: Path):
    """A bot with a worker beside it, of which a kill hits those that hold a request."""
    await _hold(brief_plan(SEED, deployment, *SHARED), tmp_path)
