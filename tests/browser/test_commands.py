"""Every command for a video, from the composer with a picture to a video that plays, and the bot's own choices."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage

PLAYS = "() => [...document.querySelectorAll('video')].some((each) => each.readyState >= 3 && each.currentTime > 0)"


def picture() -> Any:
    """A picture to pick, of a video's shape."""
    data = io.BytesIO()
    Image.new("RGB", (1280, 720), "teal").save(data, "PNG")
    return {"name": "harbour.png", "mimeType": "image/png", "buffer": data.getvalue()}


async def choose(page: Page, command: str) -> None:
    """Choose a command from the list."""
    await page.keyboard.press("/")
    await page.keyboard.type(command)
    await page.get_by_role("listbox").get_by_text(f"/{command}", exact=True).click()


async def offered(page: Page, name: str) -> None:
    """Take the first that the bot offers for an option."""
    await page.get_by_role("combobox", name=name).click()
    await page.get_by_role("listbox").get_by_role("option").first.click()
    await expect(page.get_by_role("listbox")).to_be_hidden()


@pytest.mark.parametrize("command", ["veo", "sora", "vidu", "kling", "veo31 image", "video"])
async def test_each_command_makes_a_video_of_a_picture(playground: Playground, open_page: OpenPage, command: str):
    """The order is typed, its picture picked; the service got both, and the video plays in the channel."""
    page = await open_page()
    await choose(page, command)
    await page.get_by_role("textbox", name="prompt").fill("A quiet harbour")
    if command == "video":
        await offered(page, "model")
    if command != "veo31 image":
        await page.get_by_role("button", name="+ image", exact=True).click()
    await page.locator("[data-option=image] input[type=file]").set_input_files(picture())
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_function(PLAYS)

    (task,) = playground.api.tasks.values()
    assert (task.request["prompt"], len(task.plan.pictures)) == ("A quiet harbour", 1)


async def test_a_job_is_found_in_the_list_that_the_bot_offers(playground: Playground, open_page: OpenPage):
    """Who ordered chooses the job by its words, and sees it privately."""
    await (await playground.discord.command("member", "general", "veo", {"prompt": "A quiet harbour"})).answered()
    page = await open_page()
    await choose(page, "jobs show")
    await page.get_by_role("combobox", name="job").fill("harbour")
    await page.get_by_role("listbox").get_by_text("A quiet harbour").click()
    await page.keyboard.press("Enter")

    await expect(page.get_by_text("Only you can see this").last).to_be_visible()


@pytest.mark.usefixtures("playground")
async def test_a_command_without_options_is_sent_by_enter(open_page: OpenPage):
    """There is nothing to fill in, so the next key sends it."""
    page = await open_page()
    await choose(page, "jobs list")
    await page.keyboard.press("Enter")

    await expect(page.get_by_text("Only you can see this")).to_be_visible()
