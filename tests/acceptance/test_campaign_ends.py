"""A campaign that somebody ends before its time: neither its bots nor their database outlive it."""

from __future__ import annotations

import asyncio
import shutil
import sys
from asyncio.subprocess import DEVNULL
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.unmeasured

ROOT = Path(__file__).parents[2]
PROGRAMS = 3


def _bots(campaign: int) -> list[psutil.Process]:
    """The bots of a campaign's lanes."""
    found: list[psutil.Process] = []
    for each in psutil.Process(campaign).children(recursive=True):
        try:
            if each.cmdline()[-1] in ("run", "worker"):
                found.append(each)
        except (psutil.NoSuchProcess, IndexError):  # it ended just now
            continue
    return found


async def test_a_campaign_that_is_ended_leaves_nothing_running(tmp_path: Path):
    """As a time limit of CI does it: the programs are gone with it, and so is their PostgreSQL."""
    words = ("--kills", "6", "--lanes", "1", "--deployment", "postgres")
    told = tmp_path / "told.txt"
    with told.open("wb") as file:
        campaign = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.crash", *words), cwd=ROOT, stdout=DEVNULL, stderr=file
        )
    bots: list[psutil.Process] = []
    async with asyncio.timeout(60):
        while len(bots) < PROGRAMS:
            bots = _bots(campaign.pid)
            await asyncio.sleep(0.05)
    database = Path(bots[0].environ()["DATABASE_URL"].partition("host=")[2])
    assert database.exists()

    campaign.terminate()
    assert await asyncio.wait_for(campaign.wait(), 60) != 0

    try:
        assert [bot.pid for bot in bots if bot.is_running()] == []
        assert not database.exists()
    finally:
        for bot in psutil.wait_procs(bots, timeout=0)[1]:
            bot.kill()
        shutil.rmtree(told.read_text().splitlines()[0].split()[-1])
