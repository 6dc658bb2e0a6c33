"""A polite stop in the middle of everything: exit 0 in time, and the next process goes on where this one was."""

from __future__ import annotations

import asyncio

from tests.acceptance.conftest import stage
from tests.acceptance.stage import Stage

__all__ = ["stage"]

HELD = ("A message on its way", "A download", "A question", "An order on its way")


async def test_a_stop_during_every_step_loses_and_repeats_nothing(stage: Stage) -> None:
    """Four jobs, each held in another step when SIGTERM comes: paid once, posted once, and only the order is in doubt."""
    gate = asyncio.Event()
    stage.api.seconds_to_done = 0.1
    bot = await stage.start_bot()
    faults = [
        (stage.discord.faults, {"path": r"/channels/\d+/messages$", "method": "POST", "after": True}),
        (stage.api.faults, {"path": "/files/|/content$", "method": "GET"}),
        (stage.api.faults, {"path": "/v1/videos/[^/]+$", "method": "GET"}),
        (stage.api.faults, {"path": "/v1/videos$", "method": "POST", "after": True}),
    ]
    cards = []
    for prompt, (where, what) in zip(HELD, faults, strict=True):
        fault = where.add(**what, hold=gate)
        cards.append(await stage.type("veo", {"prompt": prompt}))
        await asyncio.wait_for(fault.reached.wait(), 60)
    assert await stage.stop(bot) == 0
    gate.set()

    await stage.start_bot()
    await stage.until(lambda: all("Done" in card.text() for card in cards[:3]) and "Unconfirmed" in cards[3].text())
    assert [len(stage.results(card)) for card in cards] == [1, 1, 1, 0]
    assert len(stage.api.posts) == len(stage.api.tasks) == 4
