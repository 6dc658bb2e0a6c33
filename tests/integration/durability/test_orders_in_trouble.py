"""Orders while the disk is full or another program holds the database: a plain answer, and nothing sent that is not saved."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from asyncio.subprocess import Process
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from bot.chat.promises import UNWRITTEN
from bot.sandbox.demo.script import picture
from tests.acceptance.conftest import stage
from tests.acceptance.stage import Stage

__all__ = ["stage"]

SHORT = "busy=0.3"
Trouble = Callable[[Process, Path], AbstractContextManager[None]]


@contextmanager
def _full(bot: Process, _database: Path) -> Iterator[None]:
    """The bot may make no file longer, as on a full disk; then there is room again."""
    before = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    yield
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def _locked(_bot: Process, database: Path) -> Iterator[None]:
    """Another program writes for longer than the bot waits."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


TROUBLES = pytest.mark.parametrize("trouble", [_full, _locked], ids=["full", "locked"])


def _promises(stage: Stage) -> int:
    with closing(sqlite3.connect(stage.folder / "reelcord.db")) as database:
        return database.execute("SELECT count(*) FROM promises").fetchone()[0]


@TROUBLES
async def test_a_command_that_cannot_be_written_down_is_refused(stage: Stage, trouble: Trouble) -> None:
    """Before the first answer: one sentence that only the person sees, and the next command goes its way."""
    bot = await stage.start_bot(short=SHORT)
    with trouble(bot, stage.folder / "reelcord.db"):
        refused = await stage.discord.command("member", "general", "veo", {"prompt": "A red kite"})
        await refused.answered()
        assert refused.response is not None
        assert (refused.ephemeral, refused.response.text()) == (True, UNWRITTEN)
        assert stage.rows() == []
    card = await stage.type("veo", {"prompt": "A blue kite"})
    await stage.until(lambda: "Done" in card.text())
    assert [call.json["prompt"] for call in stage.api.posts] == ["A blue kite"]
    assert (len(stage.results(card)), _promises(stage)) == (1, 0)


@TROUBLES
async def test_an_order_that_cannot_be_saved_is_none(stage: Stage, trouble: Trouble) -> None:
    """The card stands and the picture is read when it comes: the card says that nothing was ordered, which is true."""
    bot = await stage.start_bot(short=SHORT)
    reading = stage.discord.faults.add("/ephemeral-attachments/", hold=asyncio.Event())
    call = await stage.discord.command(
        "member", "general", "veo", {"prompt": "A kite", "image": picture("fox", 64, 36, 9)}
    )
    await asyncio.wait_for(reading.reached.wait(), 30)
    card = (await call.answered()).response
    assert card is not None
    with trouble(bot, stage.folder / "reelcord.db"):
        assert reading.hold is not None
        reading.hold.set()
        await stage.until(lambda: "Not ordered" in card.text())
        assert card.text() == f"### /veo · Not ordered\n{UNWRITTEN}"
    await stage.until(lambda: _promises(stage) == 0)
    assert (stage.rows(), stage.api.posts) == ([], [])
    assert "Not ordered" in card.text()


MOMENTS = {
    "before the message": ("api", "GET", "/files/", False, 0),
    "after the message": ("discord", "POST", r"/channels/\d+/messages$", True, 1),
}


@TROUBLES
@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_video_is_posted_once_whatever_cannot_be_saved(stage: Stage, trouble: Trouble, moment: str) -> None:
    """Its steps cannot be written down for longer than a save is tried: one message comes of it, and one POST."""
    side, method, path, after, messages = MOMENTS[moment]
    bot = await stage.start_bot(short=f"{SHORT} save=0.3 lease=1.5")
    fault = getattr(stage, side).faults.add(path, method=method, after=after, hold=asyncio.Event())
    card = await stage.type("veo", {"prompt": "A red kite"})
    await asyncio.wait_for(fault.reached.wait(), 30)
    with trouble(bot, stage.folder / "reelcord.db"):
        assert fault.hold is not None
        fault.hold.set()
        for _ in range(20):  # longer than a save is tried; the log has no room either
            await asyncio.sleep(0.05)
        assert len(stage.results(card)) == messages
        assert [row["status"] for row in stage.rows()] == ["delivering"]
    await stage.until(lambda: "Done" in card.text())
    assert (len(stage.api.posts), len(stage.results(card))) == (1, 1)
