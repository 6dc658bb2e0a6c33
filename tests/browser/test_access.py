"""What only the real bot fills is within everybody's reach too: its cards and results, and the records behind the curtain."""

from __future__ import annotations

from typing import Literal

from playwright.async_api import expect

from bot.sandbox.page.playground import Playground
from tests.browser.axe import cut_off, findings
from tests.browser.conftest import OpenPage


async def test_cards_and_records_are_within_everybodys_reach(playground: Playground, open_page: OpenPage):
    """No rule of axe-core's is broken, nothing is cut off: wide in the light, and in the dark on a phone."""
    for prompt in ("A quiet harbour", "Something else [fail]"):
        await (await playground.discord.command("member", "general", "veo", {"prompt": prompt})).answered()
    page = await open_page()
    await expect(page.get_by_role("article").filter(has_text="your video is ready").locator("video")).to_be_visible()
    await expect(page.get_by_role("article").filter(has_text="/veo · Failed")).to_be_visible()
    curtain, found = page.get_by_role("button", name="Behind the curtain"), dict[str, list[str]]()

    async def look(state: str) -> None:
        found[state] = await findings(page) + await cut_off(page)

    sizes: list[tuple[Literal["light", "dark"], int, int]] = [("light", 1280, 800), ("dark", 360, 640)]
    for scheme, width, height in sizes:
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size({"width": width, "height": height})
        await look(f"cards, {scheme}")
        await page.locator("#composer-text").fill("/")
        await expect(page.get_by_role("listbox").get_by_role("option").last).to_be_attached()
        await look(f"all commands, {scheme}")
        await page.keyboard.press("Escape")
        await curtain.press("Enter")
        for name, holds in (("Jobs", "table"), ("Requests", "summary"), ("Ledger", "table"), ("Log", "summary")):
            await page.get_by_role("tab", name=name).press("Enter")
            shown = page.locator(f"#record {holds}").filter(visible=True).first
            await expect(shown).to_be_visible()
            await look(f"{name}, {scheme}")
        await curtain.press("Enter")
    assert {state: each for state, each in found.items() if each} == {}
