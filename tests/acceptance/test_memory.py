"""Large videos pass through the bot, not through its memory."""

import asyncio
from pathlib import Path

import pytest

from tests.acceptance.stage import Stage

pytestmark = pytest.mark.unmeasured

MB = 1024 * 1024
VIDEOS, SIZE = 10, 200


def _resident(pid: int) -> int:
    """Bytes of memory that a process holds at this moment."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) * 1024


async def test_ten_videos_of_200_mb_at_once_leave_memory_flat(stage: Stage):
    """Ten people with Nitro: each file is fetched, probed and posted whole, and the bot grows by less than 40 MB."""
    member = stage.discord.world.user("member")
    member.upload_limit = 500 * MB
    bot = await stage.start_bot()
    first = await stage.type("veo", {"prompt": "A small one first", "private": True})
    await stage.until(first.videos)
    before = most = _resident(bot.pid)

    # No download goes on before all ten have begun, so that they and the posts run at once.
    downloads = stage.api.faults.add("^/files/", times=VIDEOS, hold=(go := asyncio.Event()))
    stage.api.next(padded=SIZE, times=VIDEOS)
    cards = [await stage.type("veo", {"prompt": f"Canyon {n}", "private": True}) for n in range(VIDEOS)]
    await stage.until(lambda: downloads.hits == VIDEOS)
    done = asyncio.create_task(stage.until(lambda: all(card.videos() for card in cards), patience=240))
    go.set()
    while not done.done():
        most = max(most, _resident(bot.pid))
        await asyncio.sleep(0.02)
    await done

    assert [card.videos()[0].size > SIZE * MB * 0.9 for card in cards] == [True] * VIDEOS
    assert most - before < 40 * MB
