"""A video that had to be changed for its channel comes with a link to the original, which the bot itself answers."""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.media import ffmpeg
from tests.acceptance.stage import Stage
from tests.ports import free_port

pytestmark = pytest.mark.unmeasured


async def test_the_link_of_a_changed_video_leads_to_the_original(stage: Stage, tmp_path: Path):
    """The index lies at the end, so the video is repacked; its button gives the very bytes that the service made."""
    original = await _film(tmp_path / "index-last.mp4")
    stage.api.next(video=original)
    base = f"http://127.0.0.1:{free_port()}"
    await stage.start_bot(PUBLIC_URL=base, HTTP_PORT=base.rpartition(":")[2], ORIGINALS_DAYS="0.5")
    card = await stage.type("veo", {"prompt": "A test card"})
    await stage.until(lambda: "Done" in card.text())

    (result,) = stage.results(card)
    (link,) = [part["url"] for part in result.walk() if part.get("label") == "Full quality"]
    assert link.startswith(f"{base}/videos/{stage.rows()[0]['id']}.mp4?expires=")
    left = int(parse_qs(urlsplit(link).query)["expires"][0]) - stage.rows()[0]["created_at"]
    assert 43_199 < left < 43_199 + 600
    async with aiohttp.ClientSession() as session:
        async with session.get(link) as answer:
            assert (answer.status, await answer.read()) == (200, original.read_bytes())
        async with session.get(link[:-1]) as answer:
            assert answer.status == 404


async def test_without_the_server_no_link_of_its_own_is_offered(stage: Stage, tmp_path: Path):
    """PUBLIC_URL with HTTP_PORT 0: a button that nobody would answer is worse than none."""
    stage.api.next(video=await _film(tmp_path / "index-last.mp4"))
    await stage.start_bot(PUBLIC_URL="http://127.0.0.1:9", HTTP_PORT="0")
    card = await stage.type("veo", {"prompt": "A test card"})
    await stage.until(lambda: "Done" in card.text())

    (result,) = stage.results(card)
    assert "http://127.0.0.1:9" not in str(result.components)


async def test_a_video_larger_than_allowed_is_not_fetched(stage: Stage, tmp_path: Path):
    """MAX_VIDEO_MB reaches the download, and the card says what can be done."""
    film = await _film(tmp_path / "long.mp4")
    with film.open("ab") as file:
        file.truncate(3 * 1024**2)
    stage.api.next(video=film)
    await stage.start_bot(MAX_VIDEO_MB="2")
    card = await stage.type("veo", {"prompt": "A test card"})
    await stage.until(lambda: "Failed" in card.text())

    assert "larger than the 2 MB this bot fetches" in card.text()
    assert "Full quality" in str(card.components)
    assert stage.results(card) == []


async def _film(path: Path) -> Path:
    """A second that plays everywhere but for its index, which comes last."""
    card = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24:duration=1")
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    made = await asyncio.create_subprocess_exec(ffmpeg(), "-v", "error", *card, *codec, str(path))
    assert await made.wait() == 0
    return path
