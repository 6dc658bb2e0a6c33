"""The playground as a newcomer starts it: it says what to do, opens their browser, and ends without a trace."""

import asyncio
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

import aiohttp
import psutil
import pytest

from bot.sandbox.program import ROOT

pytestmark = pytest.mark.unmeasured

PATIENCE = 60.0  # seconds, on a loaded machine
SCREENS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")


async def _play(folder: Path, *arguments: str, **environment: str) -> Process:
    command = [sys.executable, "-m", "bot", "demo", "--page", "--folder", str(folder), *arguments]
    env = {name: value for name, value in os.environ.items() if name not in SCREENS}
    env |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment}
    return await asyncio.create_subprocess_exec(*command, env=env, stdout=PIPE, stderr=STDOUT)


async def _said(play: Process, until: str) -> str:
    """What it prints, up to a line that begins so."""
    assert play.stdout
    lines: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while not (lines and lines[-1].startswith(until)):
            line = await play.stdout.readline()
            assert line, lines
            lines.append(line.decode())
    return "".join(lines)


async def _end(play: Process, number: signal.Signals = signal.SIGINT) -> str:
    play.send_signal(number)
    output, _ = await asyncio.wait_for(play.communicate(), PATIENCE)
    return output.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_playground_says_where_it_is_and_ends_without_a_trace(tmp_path: Path, number: signal.Signals):
    """The address answers, what to try first is said, and Ctrl+C leaves no process and no stack trace."""
    folder = tmp_path / "demo"
    play = await _play(folder)
    said = await _said(play, "  Behind the curtain")
    address = re.search(r"^The playground is at (http://127\.0\.0\.1:\d+/) ", said)
    assert address
    async with aiohttp.ClientSession() as session, session.get(address[1]) as answer:
        assert (answer.status, "Reelcord" in await answer.text()) == (200, True)
    children = psutil.Process(play.pid).children(recursive=True)
    said = await _end(play, number)

    assert (play.returncode, len(children)) == (0, 1)
    assert [each for each in children if each.is_running()] == []
    assert said.strip() == f"The playground has ended. Its files stay in {folder}/ until it is started again."


async def test_the_playground_opens_the_persons_browser(tmp_path: Path):
    """Its address is given to the browser that the person has chosen, which may go on for as long as it likes."""
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}.new"\nmv "{opened}.new" "{opened}"\nexec cat\n')
    browser.chmod(0o755)
    play = await _play(tmp_path / "demo", BROWSER=str(browser))
    said = await _said(play, "  Behind the curtain")
    async with asyncio.timeout(PATIENCE):
        while not opened.exists():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)
    await _end(play)

    assert f"The playground is at {opened.read_text().strip()} " in said


async def test_a_port_that_is_taken_is_one_line(tmp_path: Path):
    """And the folder, which may be that of the playground that has the port, is left alone."""
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / ".reelcord-demo").touch()
    (folder / "reelcord.db").write_text("another's")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        play = await _play(folder, "--port", str(port))
        output, _ = await asyncio.wait_for(play.communicate(), PATIENCE)

    assert play.returncode == 1
    assert output.decode() == (
        f"Port {port} of 127.0.0.1 cannot be had (Address already in use): choose another with --port.\n"
    )
    assert (folder / "reelcord.db").read_text() == "another's"


async def test_another_start_makes_the_folder_new(tmp_path: Path):
    """As the demo's: what an earlier one left is cleared, what is not the demo's is never touched."""
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / ".reelcord-demo").touch()
    (folder / "left.mp4").touch()
    play = await _play(folder)
    await _said(play, "  Behind the curtain")
    await _end(play)
    refused = await _play(tmp_path)
    output, _ = await asyncio.wait_for(refused.communicate(), PATIENCE)

    assert not (folder / "left.mp4").exists()
    assert (folder / "bot.log").exists()
    assert refused.returncode == 1
    assert output.decode() == f"{tmp_path} holds files that are not the demo's: choose another folder with --folder.\n"


async def test_a_playground_that_runs_keeps_its_folder(tmp_path: Path):
    """A second start does not empty it under a bot that is at work, but says what to do."""
    folder = tmp_path / "demo"
    play = await _play(folder)
    await _said(play, "  Behind the curtain")
    second = await _play(folder)
    output, _ = await asyncio.wait_for(second.communicate(), PATIENCE)
    kept = sorted(path.name for path in folder.iterdir())
    await _end(play)

    assert second.returncode == 1
    assert output.decode() == (
        f"{folder} is in use by a demo or playground that still runs: "
        "end that first, or choose another with --folder.\n"
    )
    assert {".reelcord-demo", "bot.log"} <= set(kept)
