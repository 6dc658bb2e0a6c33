"""A database that cannot be used, seen as the operator does: one line, exit 2, and not a byte is changed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.jobs.store import Store
from tests.acceptance.conftest import stage
from tests.acceptance.stage import Stage

__all__ = ["stage"]


async def _made(stage: Stage) -> Path:
    file = stage.folder / "reelcord.db"
    store = await Store.open(f"sqlite:///{file}")
    await store.close()
    return file


async def test_a_damaged_database_ends_the_program(stage: Stage) -> None:
    """What can be done about it is in the line."""
    file = await _made(stage)
    file.write_bytes(file.read_bytes()[:4096] + b"\xa5" * 3 * 4096 + file.read_bytes()[4 * 4096 :])
    before = file.read_bytes()
    bot = await stage.start_bot(ready=False, LOG_LEVEL="ERROR")
    assert await asyncio.wait_for(bot.wait(), 30) == 2
    (line,) = (stage.folder / "bot.log").read_text().splitlines()
    assert line.startswith(f"reelcord: DATABASE_URL: sqlite+aiosqlite:///{file} is damaged (")
    assert line.endswith("; nothing was changed")
    assert file.read_bytes() == before
