"""The step that says on a card what its job waits for, alone: once, and never too soon after another edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from bot.api.errors import Unauthorized
from bot.jobs.breaker import Scope
from bot.jobs.cards import SHOW_EVERY, face
from bot.jobs.job import Job
from bot.jobs.steps import Tools, tell
from tests.integration.jobs.rows import Hands

MakeJob: TypeAlias = Callable[..., Job]
NOW = Hands.now
SENTENCE = (
    "The video service does not accept the bot's key at the moment; this goes on by itself once that is put right."
)


async def _tell(job: Job, tools: Tools) -> Job:
    async def save(_job: Job) -> Job:
        raise AssertionError("nothing is to be saved ahead of a sentence")

    return await tell(job, save, tools)


@pytest.fixture
def refused(tools: Tools) -> Tools:
    """The tools where the service refuses the key."""
    tools.upstreams.refused(Scope(upstream="octopusx"), Unauthorized("Refused.", status=401))
    return tools


async def test_a_job_whose_service_works_again_stays_as_it_is(make_job: MakeJob, tools: Tools):
    """It is due, and goes on."""
    job = make_job(reason="Old.", due_at=NOW - 1)

    assert await _tell(job, tools) == job


@pytest.mark.parametrize("shown_at", [None, NOW - SHOW_EVERY, NOW - SHOW_EVERY - 1, NOW + 1])
async def test_a_job_that_waits_says_for_what(make_job: MakeJob, refused: Tools, shown_at: float | None):
    """It stays due; an edit of a time that has not come was seen by a clock that has stepped back since."""
    job = make_job(due_at=NOW - 1, shown="queued", shown_at=shown_at)

    assert await _tell(job, refused) == job.evolve(reason=SENTENCE)


async def test_a_card_that_says_so_already_is_left_alone(make_job: MakeJob, refused: Tools):
    """However long ago; only the row has to say so, too."""
    shown = face(make_job(reason=SENTENCE))
    job = make_job(due_at=NOW - 1, shown=shown, shown_at=NOW - 1)

    assert await _tell(job, refused) == job.evolve(reason=SENTENCE)


@pytest.mark.parametrize("shown", ["queued Busy.", "queued Zzz."])
@pytest.mark.parametrize("ago", [0, SHOW_EVERY - 1])
async def test_a_card_that_was_edited_a_moment_ago_is_edited_later(
    make_job: MakeJob, refused: Tools, ago: float, shown: str
):
    """As soon as it may be; until then the row is claimed for nothing else to say."""
    job = make_job(due_at=NOW - 1, shown=shown, shown_at=NOW - ago)

    assert await _tell(job, refused) == job.evolve(due_at=NOW - ago + SHOW_EVERY)
