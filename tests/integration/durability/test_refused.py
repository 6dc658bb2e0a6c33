"""A database that cannot be used, seen as the operator does: one line, exit 2, and not a byte is changed."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.chat.promises import UNWRITTEN
from bot.jobs.job import Job
from bot.jobs.store import Store
from tests.acceptance.conftest import stage
from tests.acceptance.stage import Stage

__all__ = ["stage"]

UNPRIVILEGED = (sys.executable, str(Path(__file__).with_name("unprivileged.py")))
"""Words in front of a program that let the mode bits of files count for root, too."""


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


def _read_only_file(file: Path) -> list[Path]:
    return [file]


def _read_only_folder(file: Path) -> list[Path]:
    return [file.parent]


def _read_only_both(file: Path) -> list[Path]:
    return [file, file.parent]


@pytest.mark.parametrize("which", [_read_only_file, _read_only_folder, _read_only_both])
async def test_a_database_that_may_only_be_read_ends_the_program(
    stage: Stage, make_job: Callable[..., Job], which: Callable[[Path], list[Path]]
) -> None:
    """The file, its folder where the write-ahead log would be made, or both: one line, and nothing is made or sent."""
    file = stage.folder / "database" / "reelcord.db"
    file.parent.mkdir()
    store = await Store.open(f"sqlite:///{file}")
    await store.add(make_job())
    await store.close()
    before = file.read_bytes()
    for path in which(file):
        path.chmod(path.stat().st_mode & ~0o222)
    url = f"sqlite+aiosqlite:///{file}"
    bot = await stage.start_bot(ready=False, before=UNPRIVILEGED, LOG_LEVEL="ERROR", DATABASE_URL=url)
    code = await asyncio.wait_for(bot.wait(), 30)
    (line,) = (stage.folder / "bot.log").read_text().splitlines()
    assert re.fullmatch(rf"reelcord: DATABASE_URL: .*{re.escape(str(file))} .*\bwritten\b.*", line), line
    assert code == 2
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["reelcord.db"]
    assert (stage.api.posts, stage.discord.log) == ([], [])


async def test_a_database_that_turns_read_only_under_the_bot_sends_nothing_unsaved(stage: Stage) -> None:
    """Each command is brought, plainly refused, or waits until the file can be written again."""
    file = stage.folder / "database" / "reelcord.db"
    file.parent.mkdir()
    url = f"sqlite+aiosqlite:///{file}"
    bot = await stage.start_bot(before=UNPRIVILEGED, DATABASE_URL=url)
    places = [*file.parent.iterdir(), file.parent]
    modes = {path: path.stat().st_mode for path in places}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    calls = [await stage.discord.command("member", "general", "veo", {"prompt": f"Kite {n}"}) for n in range(4)]

    def told() -> list[str]:
        texts = [call.response.text() if call.response else "" for call in calls]
        return [text for text in texts if "Done" in text or UNWRITTEN in text]

    def some_wait() -> bool:
        return "readonly database" in (stage.folder / "bot.log").read_text()

    # What has the file open may go on; a connection that is opened only now saves nothing.
    await stage.until(lambda: len(told()) == len(calls) or some_wait())
    for path, mode in modes.items():
        path.chmod(mode)
    await stage.until(lambda: len(told()) == len(calls))
    done = sum("Done" in text for text in told())
    assert len(stage.api.posts) == len(stage.api.tasks) == done
    assert sum(len(stage.results(call.response)) for call in calls if not call.ephemeral) == done
    assert await stage.stop(bot) == 0

    file.chmod(0o444)
    (stage.folder / "bot.log").write_text("")
    bot = await stage.start_bot(ready=False, before=UNPRIVILEGED, LOG_LEVEL="ERROR", DATABASE_URL=url)
    assert await asyncio.wait_for(bot.wait(), 30) == 2
    assert (stage.folder / "bot.log").read_text() == (
        f"reelcord: DATABASE_URL: the file {file} cannot be written: change who may, or name another place\n"
    )
    assert len(stage.api.posts) == done
