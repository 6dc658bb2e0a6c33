"""What reaches the channel of a video that is too large for it, from the command to the posted bytes."""

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import media
from tests.acceptance.stage import Stage
from tests.ports import free_port

pytestmark = pytest.mark.unmeasured

MB = 1024 * 1024


def _button(message: Any, label: str) -> str | None:
    """The address behind a link button."""
    return next((each["url"] for each in message.walk() if each["type"] == 2 and each.get("label") == label), None)


def _made(stage: Stage) -> bytes:
    """What the service made of the only command."""
    (task,) = stage.api.tasks.values()
    assert task.video is not None
    return task.video.read_bytes()


async def _fetch(url: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        return await answer.read()


@pytest.mark.parametrize(("tier", "limit"), [(0, 10), (2, 50), (3, 100)], ids=["no boosts", "tier 2", "tier 3"])
async def test_a_video_is_made_to_fit_the_servers_own_limit(stage: Stage, tmp_path: Path, tier: int, limit: int):
    """30 MB: as it is where 50 or 100 MB may be posted, re-encoded for 10 MB, with a way to the original."""
    stage.discord.world.guild("studio").premium_tier = tier
    await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A river in flood [big]", "seconds": 4})
    await stage.until(lambda: "Done" in card.text())

    (message,) = stage.results(card)
    (posted,) = message.videos()
    original = _made(stage)
    fits = len(original) < limit * MB
    assert (posted.data == original) is fits
    assert posted.size <= limit * MB
    said = f"re-encoded from {media.megabytes(len(original))} to fit this server's {limit} MB limit"
    assert (said in message.text()) is not fits
    link = _button(message, "Full quality")
    assert (link is None) is fits
    if link:
        assert posted.size > 0.85 * limit * MB
        assert await _fetch(link) == original
    (tmp_path / "posted.mp4").write_bytes(posted.data)
    assert (await media.probe(tmp_path / "posted.mp4")).seconds == pytest.approx(4, abs=0.2)


async def test_the_original_is_kept_and_served_by_the_bot_itself(stage: Stage):
    """With PUBLIC_URL the button leads to the bot's own signed link, which outlives the service's file and the job."""
    port = str(free_port())
    stage.settings |= {"HTTP_PORT": port, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    bot = await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A waterfall [late]"})
    await stage.until(lambda: "Done" in card.text())
    (message,) = stage.results(card)
    link = _button(message, "Full quality")
    assert link is not None
    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/videos/[0-9a-z]+\.mp4\?expires=\d+&signature=[0-9a-f]+", link)
    assert _button(card, "Full quality") is not None
    await stage.until(lambda: stage.rows()[0]["due_at"] is None)

    assert await stage.stop(bot) == 0
    await stage.start_bot()
    assert await _fetch(link) == _made(stage)
    spool = await asyncio.to_thread(lambda: list((stage.folder / "data" / "spool").iterdir()))
    assert spool == []


async def test_a_refused_size_takes_the_next_rung_without_a_second_download(stage: Stage):
    """Discord's own word was too good: 413 for what should fit, and a smaller file is posted of the same download."""
    stage.discord.world.guild("studio").premium_tier = 3
    body = {"code": 40005, "message": "Request entity too large"}
    fault = stage.discord.faults.add(r"/channels/\d+/messages$", method="POST", status=413, body=body)
    stage.api.next(padded=30)
    await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A storm at sea"})
    await stage.until(lambda: "Done" in card.text())
    (message,) = stage.results(card)
    (task,) = stage.api.tasks.values()
    assert fault.hits == 1
    assert message.videos()[0].size <= 10 * MB
    assert len(task.downloads) == 1
