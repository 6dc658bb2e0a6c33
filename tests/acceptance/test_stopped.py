"""A bot that sleeps past its leases, as on a machine that is suspended, and wakes when another has done its work."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest

from tests.acceptance.stage import Stage

pytestmark = pytest.mark.unmeasured

LEASE = "lease=1.5"
HELD = (
    ("api", "POST", "^/v1/videos$", True),
    ("api", "GET", "^/v1/videos/[^/]+$", False),
    ("api", "GET", "^/files/", False),
    ("discord", "POST", r"/channels/\d+/messages$", False),
    ("discord", "PATCH", r"/webhooks/\d+/[^/]+/messages/\d+(\?|$)", False),
)


async def test_a_bot_that_sleeps_past_its_leases_pays_and_posts_nothing_twice(stage: Stage):
    """Stopped in a POST, a poll, a download, a message and an edit at once; a worker takes over; then the bot wakes.

    Only the file that the sleeper is writing has to wait for it.
    """
    sleeper = await stage.start_bot(short=LEASE)
    hold = asyncio.Event()
    cards: list[Any] = []
    for side, method, path, after in HELD:
        fault = getattr(stage, side).faults.add(path, method=method, after=after, hold=hold)
        cards.append(await stage.type("veo", {"prompt": f"A sleeper {len(cards)}"}))
        await asyncio.wait_for(fault.reached.wait(), 60)
    os.kill(sleeper.pid, signal.SIGSTOP)

    await stage.start_bot(ready=False, command="worker", short=LEASE)
    lost, polled, fetched, posted, edited = cards
    await stage.until(lambda: "Unconfirmed" in lost.text())
    await stage.until(lambda: all("Done" in card.text() for card in (polled, posted, edited)))
    assert [len(stage.results(card)) for card in cards] == [0, 1, 0, 1, 1]
    hold.set()
    os.kill(sleeper.pid, signal.SIGCONT)

    await stage.until(lambda: "Done" in lost.text() and "Done" in fetched.text())
    await stage.until(lambda: all(row["due_at"] is None for row in stage.rows()))
    assert [len(stage.results(card)) for card in cards] == [1] * 5
    assert len(stage.api.posts) == len(stage.api.tasks) == 5
    assert [row["status"] for row in stage.rows()] == ["completed"] * 5
