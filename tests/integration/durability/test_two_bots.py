"""Two bots by mistake: both run with one token on one SQLite file, and nobody sees it but the operator."""

from __future__ import annotations

import asyncio
import re

from tests.acceptance.conftest import stage
from tests.acceptance.stage import Stage

__all__ = ["stage"]

COMMANDS = 4


async def test_two_bots_on_one_file_do_each_thing_once(stage: Stage) -> None:
    """The second says who is there and takes over nothing; each command is answered once, each video posted once."""
    gate = asyncio.Event()
    held = stage.api.faults.add("/v1/videos$", method="POST", after=True, hold=gate)
    first = await stage.start_bot()
    early = await stage.type("veo", {"prompt": "An early kite"})
    await asyncio.wait_for(held.reached.wait(), 30)

    before = len(_said(stage))
    second = await stage.start_bot(ready=False)
    await stage.until(
        lambda: all(any(word in line for line in _said(stage)[before:]) for word in ("others_at_work", "discord_ready"))
    )
    (line,) = [line for line in _said(stage)[before:] if "others_at_work" in line]
    assert "Another program works on this database or in this DATA_DIR; its rows are left to it" in line
    assert re.search(r"programs=1 rows=1\b", line)
    cards = [await stage.type("veo", {"prompt": f"Kite number {number}"}) for number in range(COMMANDS)]
    gate.set()

    await stage.until(lambda: all("Done" in card.text() for card in [early, *cards]))
    assert [len(stage.results(card)) for card in [early, *cards]] == [1] * (COMMANDS + 1)
    assert len(stage.discord.messages("general")) == 2 * (COMMANDS + 1)
    assert len(stage.api.posts) == len(stage.api.tasks) == COMMANDS + 1
    assert sorted(row["status"] for row in stage.rows()) == ["completed"] * (COMMANDS + 1)
    assert "taken over" not in "".join(_said(stage))
    assert [await stage.stop(bot) for bot in (first, second)] == [0, 0]
    assert list((stage.folder / "data" / "workers").iterdir()) == []


def _said(stage: Stage) -> list[str]:
    return (stage.folder / "bot.log").read_text().splitlines()
