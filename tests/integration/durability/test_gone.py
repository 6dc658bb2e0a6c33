"""Folders and the database taken away from under the bot: what can be made anew is, and nothing is paid twice."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.chat.promises import UNWRITTEN
from bot.errors import SettingsError
from bot.jobs.job import Job, Status
from tests.acceptance.conftest import stage
from tests.acceptance.stage import Stage

pytestmark = pytest.mark.unmeasured

__all__ = ["stage"]

MakeJob = Callable[..., Job]
LINE = r"^(reelcord: )?DATABASE_URL: .*/reelcord\.db was deleted or replaced while the bot ran: .*$"


def _deleted(file: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)


def _replaced(file: Path) -> None:
    copy = file.with_name("backup.db")
    shutil.copyfile(file, copy)
    copy.replace(file)


async def test_folders_that_are_taken_away_are_made_anew(bench: Any, make_job: MakeJob) -> None:
    """While the video is downloaded: it is brought all the same, with its still."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add("/v1/videos/", method="GET", hold=asyncio.Event())
    async with bench.working():
        await asyncio.wait_for(fault.reached.wait(), 30)
        for name in ("spool", "posters", "originals", "workers"):
            shutil.rmtree(bench.data_dir / name)
        fault.hold.set()
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert bench.files() == [f"posters/{job.id}.jpg"]
    assert bench.place.posted == [job.id]


@pytest.mark.parametrize("take", [_deleted, _replaced])
async def test_a_database_taken_away_ends_the_bot(stage: Stage, take: Callable[[Path], None]) -> None:
    """While a POST is unanswered: one line and exit 2, and the paid video's id is in the log, for no row will have it."""
    bot = await stage.start_bot()
    gate = asyncio.Event()
    fault = stage.api.faults.add("/v1/videos$", method="POST", hold=gate)
    await stage.type("veo", {"prompt": "A red kite"})
    await asyncio.wait_for(fault.reached.wait(), 30)
    take(stage.folder / "reelcord.db")
    gate.set()
    assert await asyncio.wait_for(bot.wait(), 30) == 2
    said = (stage.folder / "bot.log").read_text()
    assert re.search(LINE, said, re.MULTILINE)
    (post,) = stage.api.posts
    assert any("video_id_lost" in line and f"{post.task_id}" in line for line in said.splitlines())


@pytest.mark.parametrize("take", [_deleted, _replaced])
async def test_nothing_is_ordered_in_a_database_that_nobody_will_see(
    bench: Any, make_job: MakeJob, take: Callable[[Path], None]
) -> None:
    """A command that comes in that moment is refused, not written where it is lost."""
    take(bench.database)
    with pytest.raises(SettingsError, match=LINE):
        await bench.store.add(make_job())


async def test_a_whole_data_dir_taken_away_ends_the_bot_whose_database_was_in_it(stage: Stage) -> None:
    """While a job waits: one line and exit 2 with no further POST; the next start begins anew and says nothing false."""
    stage.api.seconds_to_done = 3600
    data = stage.folder / "data"
    url = f"sqlite+aiosqlite:///{data}/reelcord.db"
    bot = await stage.start_bot(DATABASE_URL=url)
    card = await stage.type("veo", {"prompt": "A red kite"})
    await stage.until(lambda: "Generating" in card.text())
    shutil.rmtree(data)
    late = await stage.discord.command("member", "general", "veo", {"prompt": "A late kite"})
    assert await asyncio.wait_for(bot.wait(), 30) == 2
    said = (stage.folder / "bot.log").read_text()
    assert re.search(LINE, said, re.MULTILINE)
    assert late.response is None or late.response.text() == UNWRITTEN
    assert [call.json["prompt"] for call in stage.api.posts] == ["A red kite"]
    assert not data.exists()

    bot = await stage.start_bot(DATABASE_URL=url)
    again = await stage.type("veo", {"prompt": "A new kite"})
    await stage.until(lambda: "Generating" in again.text())
    assert [call.json["prompt"] for call in stage.api.posts] == ["A red kite", "A new kite"]
    assert await stage.stop(bot) == 0


@pytest.mark.parametrize("running", [True, False], ids=["while-running", "before-the-start"])
async def test_a_data_dir_taken_away_costs_nothing_where_the_database_is_elsewhere(stage: Stage, running: bool) -> None:
    """The video is on its way and what was fetched is gone: it is fetched once more, and posted once."""
    held = stage.discord.faults.add(r"/channels/\d+/messages$", method="POST", hold=asyncio.Event(), drop=True)
    stage.short = "lease=3"  # with DATA_DIR nobody knows any more that the dead is dead: its lease has to lapse
    bot = await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A red kite"})
    await asyncio.wait_for(held.reached.wait(), 30)
    assert held.hold is not None
    if running:
        shutil.rmtree(stage.folder / "data")
        held.hold.set()
    else:
        await stage.kill(bot)
        held.hold.set()
        shutil.rmtree(stage.folder / "data")
        bot = await stage.start_bot()
    await stage.until(lambda: "Done" in card.text())
    assert (len(stage.results(card)), len(stage.api.posts)) == (1, 1)
    assert [len(task.downloads) for task in stage.api.tasks.values()] == [2]
    assert await stage.stop(bot) == 0
