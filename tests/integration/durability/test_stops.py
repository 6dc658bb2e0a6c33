"""A polite stop while ffmpeg is at work, or a card is being changed: nothing outlives the bot, nothing comes twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest

from bot.media import ffmpeg
from tests.acceptance.conftest import stage
from tests.acceptance.stage import Stage
from tests.integration.processes import alive, children

__all__ = ["stage"]

ODD = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=12:duration=1", "-preset", "ultrafast", "-pix_fmt", "yuv444p")


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video whose colours few clients can show: it has to be made anew."""
    path = tmp_path_factory.mktemp("odd") / "odd.mp4"
    subprocess.run([ffmpeg(), "-v", "error", *ODD, str(path)], check=True)
    return path


async def test_a_stop_during_an_encode_leaves_no_ffmpeg(stage: Stage, odd: Path) -> None:
    """One that would not end in time: it is gone with the bot, and the next process makes and posts the video once."""
    stage.api.next(video=odd)
    bot = await stage.start_bot(short="drain=0.5")
    card = await stage.type("veo", {"prompt": "A loom"})
    encodes: list[int] = []

    def encoding() -> bool:
        for child in children(bot.pid, stage.folder):
            if b"libx264" in Path(f"/proc/{child}/cmdline").read_bytes() and not encodes:
                os.kill(child, signal.SIGSTOP)
                encodes.append(child)
        return bool(encodes)

    await stage.until(encoding)
    assert await stage.stop(bot) == 0
    assert [child for child in encodes if alive(child)] == []
    assert [(row["status"], row["lease_owner"]) for row in stage.rows()] == [("delivering", None)]
    assert stage.results(card) == []

    await stage.start_bot()
    await stage.until(lambda: "Done" in card.text())
    assert len(stage.results(card)) == 1
    assert len(stage.api.posts) == len(stage.api.tasks) == 1
    assert [path.name for path in (stage.folder / "data" / "spool").iterdir()] == []


@pytest.mark.parametrize("after", [False, True], ids=["not-carried-out", "carried-out"])
async def test_a_stop_during_a_card_edit_costs_nothing(stage: Stage, after: bool) -> None:
    """The last edit, that says Done, hangs: the video is posted and saved, and the next process only tells of it."""
    gate = asyncio.Event()
    posting = stage.discord.faults.add(r"/channels/\d+/messages$", method="POST", after=True, hold=asyncio.Event())
    bot = await stage.start_bot(short="drain=0.3")
    card = await stage.type("veo", {"prompt": "A mill"})
    await asyncio.wait_for(posting.reached.wait(), 30)
    edit = stage.discord.faults.add(r"/webhooks/.*/messages/\d+(\?|$)", method="PATCH", after=after, hold=gate)
    assert posting.hold is not None
    posting.hold.set()
    await asyncio.wait_for(edit.reached.wait(), 30)
    assert await stage.stop(bot) == 0
    gate.set()
    assert [(row["status"], row["lease_owner"]) for row in stage.rows()] == [("completed", None)]

    await stage.start_bot()
    await stage.until(lambda: [row["due_at"] for row in stage.rows()] == [None])
    assert "Done" in card.text()
    assert len(stage.results(card)) == 1
    assert len(stage.api.posts) == len(stage.api.tasks) == 1
