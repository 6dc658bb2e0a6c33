"""The demo as a newcomer meets it: it ends well, it fails honestly, and it deletes nothing that is not its own."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

import pytest

from bot.sandbox.program import ROOT

PATIENCE = 150.0  # seconds; a loaded machine draws ten videos slowly


async def _demo(folder: Path, *, cwd: Path = ROOT, **environment: str) -> Process:
    command = [sys.executable, "-m", "bot", "demo", "--folder", str(folder)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return await asyncio.create_subprocess_exec(*command, cwd=cwd, env=env, stdout=PIPE, stderr=STDOUT)


async def _output(demo: Process) -> str:
    output, _ = await asyncio.wait_for(demo.communicate(), PATIENCE)
    return output.decode()


def _children(process: Process) -> list[int]:
    """The processes it has started itself and that still live."""
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


async def _bot_of(demo: Process, folder: Path) -> int:
    """The process id of the demo's bot once it takes commands."""
    async with asyncio.timeout(PATIENCE):
        while not ((folder / "bot.log").exists() and "job_ordered" in (folder / "bot.log").read_text()):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)
    return next(pid for pid in _children(demo) if b"run" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))


async def test_the_demo_plays_every_command_and_exits_0(tmp_path: Path):
    """Every command ends as it must, and the transcript says so; settings of the person's own change nothing."""
    folder = tmp_path / "demo"
    (tmp_path / ".env").write_text("DISCORD_GUILD_ID=4242\nPUBLIC_URL=https://reelcord.example\nSORA_SECONDS=12\n")
    demo = await _demo(folder, cwd=tmp_path, JOB_TIMEOUT="0.1", LOG_LEVEL="WARNING")
    text = await _output(demo)
    assert demo.returncode == 0, text
    assert len(list((folder / "videos").glob("*.mp4"))) == 10
    for line in (
        "  posted  @owner, your video is ready. · model veo_3_1-fast · size 1280x720 · seconds 4 · job ",
        "/…/seed.png?…",
        "  sent    nothing: no money was spent\n  card    Not ordered\n",
        "12 commands, 11 paid tasks, 10 videos posted, 1 explained as failed, 1 refused before any money was spent: ",
        "All went as it must.\n",
    ):
        assert line in text
    assert "hm=" not in text


async def test_the_demo_says_at_once_that_its_bot_has_died(tmp_path: Path):
    """A bot that is killed meanwhile is a problem with a name, not three minutes of waiting."""
    demo = await _demo(tmp_path / "demo")
    os.kill(await _bot_of(demo, tmp_path / "demo"), signal.SIGKILL)
    text = await asyncio.wait_for(_output(demo), 30)
    assert demo.returncode == 1
    assert "PROBLEM the bot ended by itself with exit code -9: its log says why\n" in text
    assert "All went as it must" not in text


async def test_an_interrupted_demo_leaves_no_process_behind(tmp_path: Path):
    """Ctrl+C ends the bot too, and prints no stack trace."""
    demo = await _demo(tmp_path / "demo")
    bot = await _bot_of(demo, tmp_path / "demo")
    demo.send_signal(signal.SIGINT)
    text = await asyncio.wait_for(_output(demo), 30)
    assert demo.returncode == 130
    assert "Traceback" not in text
    with pytest.raises(ProcessLookupError), contextlib.suppress(PermissionError):
        os.kill(bot, 0)


async def test_a_folder_with_other_files_is_left_alone(tmp_path: Path):
    """`--folder .` must not empty somebody's project: only an earlier demo's folder is made new."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "reelcord.db").write_text("somebody's jobs")
    demo = await _demo(tmp_path)
    text = await _output(demo)
    assert demo.returncode == 1
    assert text == f"{tmp_path} holds files that are not the demo's: choose another folder with --folder.\n"
    assert (tmp_path / "data" / "reelcord.db").read_text() == "somebody's jobs"
