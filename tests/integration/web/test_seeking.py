"""An original plays and is jumped about in where its link is opened: in a real browser."""

import asyncio
import io
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, Response, async_playwright

from bot.jobs.videos import Videos
from bot.media import ffmpeg
from tests.acceptance.test_plays import CHROMIUM, FLAGS, needs_chromium
from tests.integration.web.conftest import LINKS, NOW, Client

FAR = 64 * 1024**2
RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
async def link(client: Client, videos: Videos) -> str:
    """A second of red and a second of blue, whose index lies at the end of a long file as services leave it."""
    path = videos.spooled("def567")
    colours = [
        part for name in ("red", "blue") for part in ("-f", "lavfi", "-i", f"color={name}:size=320x180:duration=1")
    ]
    joined = ("-filter_complex", "[0][1]concat", "-pix_fmt", "yuv420p", "-preset", "ultrafast")
    made = await asyncio.create_subprocess_exec(ffmpeg(), "-v", "error", *colours, *joined, str(path))
    assert await made.wait() == 0
    await asyncio.to_thread(_push_index_back, path)
    return str(client.make_url(LINKS.sign("/videos/def567.mp4", int(NOW) + 1)))


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page of Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield await browser.new_page()
        await browser.close()


@needs_chromium
@pytest.mark.parametrize("how", ["opened", "embedded"])
async def test_a_browser_jumps_about_in_a_served_video(link: str, page: Page, how: str):
    """It fetches the index from the far end first, knows the length, and shows the picture of the place jumped to."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks what it is given
    if how == "opened":
        await page.goto(link)
    else:
        await page.set_content(f'<video muted src="{link}"></video>')
    await page.wait_for_function("document.querySelector('video').readyState >= 2", timeout=30_000)

    assert await page.evaluate("document.querySelector('video').duration") == pytest.approx(2, abs=0.1)
    for second, colour in ((1.5, BLUE), (0.5, RED), (1.9, BLUE)):
        await _jump(page, second)
        assert await _colour(page) == pytest.approx(colour, abs=40)
    ranges = [(await answer.all_headers()).get("content-range", "") for answer in answers if answer.status == 206]
    assert any(int(each.removeprefix("bytes ").partition("-")[0]) >= FAR for each in ranges), ranges


async def _jump(page: Page, second: float) -> None:
    """Go to a second of the video and wait until its frame is the one shown."""
    script = """second => {
        const video = document.querySelector('video');
        const look = (_, frame) => { window.shown = frame.mediaTime; video.requestVideoFrameCallback(look); };
        video.requestVideoFrameCallback(look);
        video.pause();
        video.currentTime = second;
    }"""
    await page.evaluate(script, second)
    await page.wait_for_function("second => Math.abs(window.shown - second) < 0.1", arg=second, timeout=30_000)


async def _colour(page: Page) -> tuple[int, ...]:
    """The colour in the upper middle of the video, where a player's own bar does not reach."""
    picture = Image.open(io.BytesIO(await page.locator("video").screenshot())).convert("RGB")
    colour = picture.getpixel((picture.width // 2, picture.height // 4))
    assert isinstance(colour, tuple)
    return tuple(int(part) for part in colour)


def _push_index_back(path: Path) -> None:
    """Put a hole between the pictures and the index (`moov`, the last box), in a box that players skip."""
    data = path.read_bytes()
    index = data.rindex(b"moov") - 4
    assert index + struct.unpack(">I", data[index : index + 4])[0] == len(data)
    with path.open("r+b") as file:
        file.seek(index)
        file.write(struct.pack(">I4s", FAR, b"free"))
        file.seek(index + FAR)
        file.write(data[index:])
