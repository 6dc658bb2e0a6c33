"""kill -9 and a new start, as anyone can try it on the page: nothing is lost, and nothing is paid or posted twice."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

from bot.sandbox.page.playground import Playground
from tests.browser.behind import Behind
from tests.browser.conftest import OpenPage


async def killed(behind: Behind) -> None:
    """Press kill -9, and see that the bot is down."""
    await behind.lever("The bot", "kill -9").click()
    await expect(behind.page.get_by_role("status").first).to_have_text(
        "The bot is down (kill -9). Nothing paid is lost: start it again."
    )


async def test_a_job_outlives_the_bot(playground: Playground, open_page: OpenPage):
    """The bot dies while the video is made; commands find nobody; the next process posts the video, bought once."""
    behind = await Behind.open(await open_page(), playground)
    await behind.pace("Stopped")
    await behind.type("A phoenix")
    await behind.says("A phoenix", "Generating")
    await killed(behind)
    row = behind.page.get_by_role("table").get_by_role("row").filter(has_text="in progress")
    await expect(row).to_be_visible()
    await behind.type("Is anybody there")
    await expect(behind.page.get_by_text("The application did not respond")).to_be_visible()

    await behind.lever("The bot", "Start").click()
    await behind.pace("60")
    await behind.ends("A phoenix")
    await expect(behind.page.locator("#bot-state")).to_be_empty()
    await expect(behind.page.get_by_role("table").get_by_role("row").filter(has_text="completed")).to_be_visible()
    assert [call.status for call in playground.api.posts] == [200]


async def test_a_kill_at_the_moment_of_delivery_posts_no_second_video(playground: Playground, open_page: OpenPage):
    """The video was posted and the bot died before it heard so: the next process finds its message."""
    behind = await Behind.open(await open_page(), playground)
    held = playground.discord.faults.add(
        r"/channels/\d+/messages$", method="POST", after=True, drop=True, hold=asyncio.Event()
    )
    await behind.type("A swing in the wind")
    await playground.discord.wait_for(held.reached.is_set)
    await expect(behind.page.get_by_role("row").filter(has_text="delivering")).to_be_visible()
    await killed(behind)

    await behind.lever("The bot", "Start").click()
    await behind.ends("A swing in the wind")
    assert [call.status for call in playground.api.posts] == [200]


async def test_a_polite_stop_loses_nothing_either(playground: Playground, open_page: OpenPage):
    """SIGTERM, with the keyboard: what cannot be pressed any more keeps the focus, and the job is finished later."""
    behind = await Behind.open(await open_page(), playground)
    await behind.pace("Stopped")
    await behind.type("A long pause")
    await behind.says("A long pause", "Generating")
    await behind.lever("The bot", "Stop").press("Enter")
    await expect(behind.page.locator("#bot-state")).to_contain_text("The bot is down (exit code 0).")
    await expect(behind.lever("The bot", "Stop")).to_be_focused()
    await expect(behind.lever("The bot", "Stop")).to_be_disabled()
    await behind.page.keyboard.press("Tab")
    await expect(behind.lever("The bot", "Start")).to_be_focused()
    await behind.page.keyboard.press("Enter")
    await behind.pace("60")
    await behind.ends("A long pause")
    assert [call.status for call in playground.api.posts] == [200]
