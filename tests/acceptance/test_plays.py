"""A posted video plays where people watch it: in a real browser."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from bot.media import ffmpeg
from tests.acceptance.stage import Stage

pytestmark = pytest.mark.unmeasured

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine; CI installs one and never skips"
)


async def _film(path: Path, *codec: str) -> Path:
    """Two seconds of a test picture with a tone, encoded as told."""
    picture = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=24:duration=2")
    tone = ("-f", "lavfi", "-i", "sine=duration=2", "-shortest")
    made = await asyncio.create_subprocess_exec(ffmpeg(), "-v", "error", *picture, *tone, *codec, str(path))
    assert await made.wait() == 0
    return path


async def _watch(url: str) -> dict[str, float]:
    """Open a link as a browser's video, play it, and say what the player shows after a moment."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page()
        await page.set_content(f'<video muted src="{url}"></video>')
        await page.evaluate("document.querySelector('video').play()")
        await page.wait_for_function("document.querySelector('video').currentTime > 0.3", timeout=20_000)
        shown = await page.evaluate(
            "(({readyState, videoWidth, videoHeight, duration}) => ({readyState, videoWidth, videoHeight, duration}))"
            "(document.querySelector('video'))"
        )
        await browser.close()
        return shown


@needs_chromium
@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("ready.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart")),
        ("hevc.mp4", ("-c:v", "libx265", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le", "-c:a", "aac")),
    ],
    ids=["plays as it is", "10-bit HEVC"],
)
async def test_a_posted_video_plays_in_a_browser(stage: Stage, tmp_path: Path, name: str, codec: tuple[str, ...]):
    """Whatever the service delivers, the file in the channel has a picture, its whole length, and time that moves."""
    stage.api.next(video=await _film(tmp_path / name, *codec))
    await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A test card"})
    await stage.until(lambda: "Done" in card.text())
    (result,) = stage.results(card)
    shown = await _watch(result.videos()[0].url)
    assert shown["readyState"] >= 3
    assert (shown["videoWidth"], shown["videoHeight"]) == (640, 360)
    assert abs(shown["duration"] - 2) < 0.2
