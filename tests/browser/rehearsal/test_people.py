"""Another person at the page: what was theirs goes, what is typed for the new one stays."""

from __future__ import annotations

import asyncio

from playwright.async_api import WebSocketRoute, expect

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage


async def test_what_is_typed_before_a_persons_discord_is_here_stays(open_page: OpenPage, playground: Playground):
    """Whoever becomes another person may type at once; their messages come when they come."""
    page = await open_page()
    box, held, arriving = page.locator("#composer-text"), list[tuple[WebSocketRoute, str | bytes]](), asyncio.Event()

    def hold(line: WebSocketRoute) -> None:
        def told(news: str | bytes) -> None:
            line.send(news) if arriving.is_set() else held.append((line, news))

        line.connect_to_server().on_message(told)

    await page.route_web_socket("**/api/stream*", hold)
    await box.fill("Of the member")
    await page.get_by_role("radio", name="Newcomer").check()
    await expect(box).to_have_value("")
    await box.fill("Of the newcomer")
    arriving.set()
    for line, news in held:
        line.send(news)
    await playground.discord.say("owner", "general", "Welcome")
    await expect(page.get_by_role("article").filter(has_text="Welcome")).to_be_visible()

    await expect(box).to_have_value("Of the newcomer")
