"""The scenes: each acts something out through the page, and says what of it is to be seen."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from bot.sandbox.video_api.marks import MODERATION
from tests.screenshots.props import paper_boat
from tests.screenshots.stage import SECONDS, Stage, become, choose, say

Show = Callable[[Page], Awaitable[None]]
FAR = re.compile(r"[1-9]\d %")  #: on its way, as a card says it
PLAYS = "() => [...document.querySelectorAll('video')].some((each) => each.readyState >= 3 && each.currentTime > 0)"


async def result(stage: Stage, page: Page) -> Show:
    """A video that was made of a picture, with its card, and what somebody else says of it."""
    await become(page, "owner")
    await say(page, "We still need an opening shot for the harbour film. Something quiet.")
    await become(page, "member")
    await stage.order(page, "veo", "A paper boat crosses a rain puddle at dusk", paper_boat())
    stage.clock.advance(SECONDS)
    await page.wait_for_function(PLAYS)
    await become(page, "moderator")
    await say(page, "That is our opening shot!")

    async def show(seen: Page) -> None:
        await seen.wait_for_function(PLAYS)
        await expect(seen.get_by_text("That is our opening shot!")).to_be_in_viewport()

    return show


async def queue(stage: Stage, page: Page) -> Show:
    """Jobs of two people at different points of their way, and `/jobs list`."""
    await become(page, "newcomer")
    cards = [await stage.order(page, "sora", "Cat nodding its head to music, heavy rain")]
    stage.clock.advance(SECONDS * 0.3)
    await become(page, "member")
    cards.append(await stage.order(page, "veo", "Fog lifts over a sleeping harbour"))
    stage.clock.advance(SECONDS * 0.3)
    cards.append(await stage.order(page, "kling", "A gull lands on the pier and looks at us"))
    stage.clock.advance(SECONDS * 0.3)
    for card in cards:
        await expect(card).to_contain_text(FAR)
    await choose(page, "jobs list")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Only you can see this")).to_be_visible()

    async def show(seen: Page) -> None:
        await expect(seen.get_by_text("Only you can see this")).to_be_in_viewport()

    return show


async def failure(stage: Stage, page: Page) -> Show:
    """A prompt that the service refuses, and a service that cannot be reached: one sentence each."""
    stage.play.api.next(fail=MODERATION)
    card = await stage.order(page, "sora", "Two pirates fight for the last treasure map")
    stage.clock.advance(SECONDS)
    await expect(card).to_contain_text("Failed")
    card = await stage.order(page, "veo", "Fog lifts over a sleeping harbour")
    await page.get_by_role("button", name="Behind the curtain").click()
    await page.get_by_role("button", name="Down").click()
    await page.get_by_role("button", name="Behind the curtain").click()
    await expect(card).to_contain_text("this goes on by itself once it does")
    return _nothing


async def curtain(stage: Stage, page: Page) -> Show:
    """The bot was killed while two videos are in the making."""
    await stage.order(page, "veo", "A paper boat crosses a rain puddle at dusk", paper_boat())
    stage.clock.advance(SECONDS)
    await page.wait_for_function(PLAYS)
    await become(page, "newcomer")
    await stage.order(page, "sora", "Cat nodding its head to music, heavy rain")
    stage.clock.advance(SECONDS * 0.4)
    await become(page, "member")
    card = await stage.order(page, "kling", "A gull lands on the pier and looks at us")
    stage.clock.advance(SECONDS * 0.4)
    await expect(card).to_contain_text(FAR)
    await page.get_by_role("button", name="Behind the curtain").click()
    await page.get_by_role("button", name="kill -9").click()

    async def show(seen: Page) -> None:
        await seen.get_by_role("button", name="Behind the curtain").click()
        await expect(seen.get_by_role("cell", name="in progress").first).to_be_visible()
        await expect(seen.get_by_text("The bot is dead")).to_be_visible()

    return show


async def _nothing(_seen: Page) -> None:
    """The page is shown as it opens."""


SCENES = {scene.__name__: scene for scene in (result, queue, failure, curtain)}
