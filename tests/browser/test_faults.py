"""What people see while a trouble is on, and that each job then ends as it should: paid once, posted once."""

from __future__ import annotations

import re

import pytest_asyncio
from playwright.async_api import expect

from bot.sandbox.page.playground import Playground
from bot.sandbox.page.troubles import ORDER
from tests.browser.behind import DISCORD, VIDEO, Behind
from tests.browser.conftest import OpenPage


@pytest_asyncio.fixture(loop_scope="session")
async def behind(playground: Playground, open_page: OpenPage) -> Behind:
    """The member's page, its panel open."""
    return await Behind.open(await open_page(), playground)


async def test_a_slow_service_delays_no_card(behind: Behind):
    """The card is there in Discord's three seconds though an answer takes four; the video comes when it can."""
    await behind.arm(VIDEO, "Slow")
    card = await behind.type("A slow river")
    await expect(card.get_by_role("heading")).to_be_visible()
    await expect(behind.page.locator("#notice")).to_be_empty()
    struck = re.compile(r"Slow is on and struck (once|\d+ times): Every answer takes four seconds\.")
    await expect(behind.page.get_by_text(struck)).to_be_visible()
    await behind.lever(VIDEO, "Slow").click()

    await behind.ends("A slow river")
    assert behind.asked("A slow river") == [200]
    await expect(behind.page.get_by_text("Every answer takes four seconds.")).to_be_hidden()


async def test_a_busy_service_is_asked_again(behind: Behind):
    """429 proves that nothing was created: the card says so, and the same order goes out once more."""
    still = behind.play.api.faults.add(ORDER, method="POST", times=-1, status=429)  # for as long as nobody has looked
    await behind.arm(VIDEO, "429")
    card = await behind.type("A busy street")
    await expect(card).to_contain_text("The video service is busy; trying again.")
    still.times = 0
    await behind.struck(VIDEO, "429")

    await behind.ends("A busy street")
    assert behind.asked("A busy street") == [429] * (1 + still.hits) + [200]


async def test_a_lost_answer_is_for_the_person_to_decide(behind: Behind):
    """Nobody knows whether the order was taken: it is never sent again by itself, only by the person's own press."""
    await behind.arm(VIDEO, "Lost answer")
    card = await behind.type("A lost letter")
    await behind.says("A lost letter", "Unconfirmed")
    await expect(card).to_contain_text("may or may not be in the making and charged")
    await behind.struck(VIDEO, "Lost answer")

    await behind.type("Another one")
    await behind.ends("Another one")
    assert (behind.asked("A lost letter"), behind.created("A lost letter")) == ([None], 1)
    await card.get_by_role("button", name="Again").click()
    await expect(behind.page.get_by_role("heading", name="/veo · Done")).to_have_count(2)
    assert behind.asked("A lost letter") == [None, 200]


async def test_what_waits_for_a_service_that_is_down_is_finished_once_it_is_up(behind: Behind):
    """One job is in the making, one is ordered meanwhile: its card says what it waits for, and both videos come."""
    await behind.pace("Stopped")
    await behind.type("Begun before")
    await behind.says("Begun before", "Generating")
    await behind.arm(VIDEO, "Down")
    card = await behind.type("Ordered meanwhile")
    await expect(card).to_contain_text("The video service does not answer")  # now, or "at the moment"
    assert behind.asked("Ordered meanwhile") == []

    await behind.lever(VIDEO, "Down").click()
    await behind.pace("60")
    await behind.ends("Begun before")
    await behind.ends("Ordered meanwhile")
    assert behind.asked("Begun before") == behind.asked("Ordered meanwhile") == [200]


async def test_discord_refuses_the_video_for_a_while(behind: Behind):
    """Three times 500: the video is posted after that, in one message."""
    await behind.arm(DISCORD, "5xx")
    await behind.type("A stubborn door")
    await behind.ends("A stubborn door")
    await behind.struck(DISCORD, "5xx", 3)


async def test_a_post_whose_answer_was_lost_is_found(behind: Behind):
    """The video is in the channel and the bot was not told: it looks, and posts no second one."""
    await behind.arm(DISCORD, "Lost answer")
    await behind.type("An echo")
    await behind.ends("An echo")
    await behind.struck(DISCORD, "Lost answer")


async def test_a_dropped_socket_comes_back(behind: Behind):
    """The job in the making is finished, and commands are answered again."""
    await behind.pace("Stopped")
    await behind.type("A loose cable")
    await behind.says("A loose cable", "Generating")
    await behind.lever(DISCORD, "Drop socket").click()
    discord = behind.play.discord
    await discord.wait_for(lambda: discord.socket_openings >= 2 and discord.is_connected)
    await expect(behind.page.locator("#bot-state")).to_be_empty()

    await behind.pace("60")
    await behind.ends("A loose cable")
    await behind.type("Plugged in again")
    await behind.ends("Plugged in again")


async def test_a_video_too_large_for_its_place_is_made_to_fit(behind: Behind):
    """A film of 30 MB where 10 are allowed: what is posted fits, plays, and says what was done."""
    await behind.arm(VIDEO, "Big video")
    discord, options = behind.play.discord, {"prompt": "A snowstorm", "seconds": 4}
    call = await (await discord.command("member", "general", "veo", options)).answered()
    await discord.wait_for(lambda: call.response and "Done" in call.response.text(), 120)  # there is much to encode
    await behind.ends("A snowstorm")
    await behind.struck(VIDEO, "Big video")
    (video,) = behind.result("A snowstorm").videos()
    assert video.size <= 10 * 1024 * 1024
