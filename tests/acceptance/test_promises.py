"""Commands that a kill catches before their row: their cards say so after the restart, and nothing was paid."""

import asyncio
import io
import sqlite3
from typing import Any

import pytest
from PIL import Image

from bot.sandbox.discord_api import Call, Upload
from tests.acceptance.stage import Stage

pytestmark = pytest.mark.unmeasured

NOT_ORDERED = (
    "### /veo · Not ordered\n"
    "The bot was interrupted while it checked this. Nothing was charged: please give the command again."
)


def picture() -> Upload:
    """A picture as a person attaches it."""
    stream = io.BytesIO()
    Image.new("RGB", (320, 200), "orange").save(stream, "PNG")
    return Upload(filename="boat.png", data=stream.getvalue())


def promises(stage: Stage) -> list[Any]:
    """The rows of promises."""
    with sqlite3.connect(stage.folder / "reelcord.db") as database:
        rows = database.execute("SELECT id FROM promises").fetchall()
    database.close()
    return rows


async def being_checked(stage: Stage) -> Call:
    """A command whose card says Checking, while its picture is on the way for ever."""
    reading = stage.discord.faults.add("/ephemeral-attachments/", delay=3600)
    options = {"prompt": "A paper boat", "image": picture()}
    call = await (await stage.discord.command("member", "general", "veo", options)).answered()
    await asyncio.wait_for(reading.reached.wait(), 60)
    assert call.response is not None
    assert "Checking" in call.response.text()
    return call


@pytest.mark.parametrize("end", ["killed", "told to stop"])
async def test_a_bot_that_ends_between_card_and_row_tells_the_person(stage: Stage, end: str):
    """Killed, the next process says it; on SIGTERM this one does."""
    bot = await stage.start_bot()
    call = await being_checked(stage)
    if end == "killed":
        await stage.kill(bot)
        await stage.start_bot()
    else:
        assert await stage.stop(bot) == 0
    await stage.until(lambda: call.response is not None and call.response.text() == NOT_ORDERED)
    await stage.until(lambda: promises(stage) == [])
    assert stage.rows() == []
    assert stage.api.posts == []


async def test_a_bot_killed_before_its_card_leaves_nothing(stage: Stage):
    """Discord tells the person that the bot did not answer; the next process forgets the promise, and goes on as ever."""
    callback = stage.discord.faults.add("/callback", delay=3600)
    bot = await stage.start_bot()
    await stage.discord.command("member", "general", "veo", {"prompt": "A paper boat"})
    await asyncio.wait_for(callback.reached.wait(), 60)
    assert len(promises(stage)) == 1
    await stage.kill(bot)
    await stage.start_bot()
    await stage.until(lambda: promises(stage) == [])
    card = await stage.type("veo", {"prompt": "Another paper boat"})
    await stage.until(lambda: "Done" in card.text())
    assert len(stage.api.tasks) == len(stage.rows()) == 1
