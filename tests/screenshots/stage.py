"""What a picture is taken of: the playground with its bot, and the page as one person sees it in one look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, FilePayload, Locator, Page, async_playwright, expect

from bot.sandbox.discord_api.clock import Clock
from bot.sandbox.page.playground import Playground
from bot.sandbox.page.serve import page, playground
from bot.sandbox.video_api.render import Quality
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PATIENCE

SECONDS = 60.0  #: of the service's time that a video takes
IS_THERE = """async (person) => {
  const { state } = await import("/static/store.js");
  while (state.world?.me.username !== person) await new Promise(requestAnimationFrame);
}"""
"""Waits for another person's places; until then their message box is not theirs."""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1180, "height": 940}, "device_scale_factor": 2, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1180, "height": 940}, "device_scale_factor": 2, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True},
}
SAME = """() => {
  for (const each of document.querySelectorAll("time")) each.textContent = each.dataset.relative ? "12 seconds ago" : "8:15 PM";
  const names = new Map();
  for (const code of document.querySelectorAll("code")) {
    if (!/^[a-z0-9]{12}$/.test(code.textContent)) continue;
    if (!names.has(code.textContent)) names.set(code.textContent, `k${names.size + 2}m7qv4x9ztw`);
    code.textContent = names.get(code.textContent);
  }
}"""
"""Sets what would differ each time: the times, and the ids of jobs."""
STILL = """async (at) => {
  document.activeElement?.blur();
  for (const video of document.querySelectorAll("video")) {
    video.pause();
    video.controls = false; // as they are hidden while it plays
    video.currentTime = at;
    await new Promise((done) => video.addEventListener("seeked", done, { once: true }));
  }
}"""
"""Takes the focus away, and has every video stand at that second."""


@dataclass(kw_only=True)
class Stage:
    """The playground, with a clock of the video service that moves only when it is told to."""

    play: Playground
    browser: Browser
    address: str
    clock: Clock = field(default_factory=Clock)

    @asynccontextmanager
    async def seen(self, look: dict[str, Any], person: str = "member") -> AsyncIterator[Page]:
        """The page as a person sees it."""
        context = await self.browser.new_context(**look)
        try:
            opened = await context.new_page()
            opened.set_default_timeout(PATIENCE * 1000)
            await opened.goto(self.address)
            await become(opened, person)
            yield opened
        finally:
            await context.close()

    async def order(self, page: Page, command: str, prompt: str, picture: bytes | None = None) -> Locator:
        """Type a command as a person does, and send it; gives its card."""
        await choose(page, command)
        await page.get_by_role("textbox", name="prompt").fill(prompt)
        if picture:
            await page.get_by_role("button", name="+ image", exact=True).click()
            await attach(page, picture)
        await page.get_by_role("button", name="Send").click()
        card = page.get_by_role("article").filter(has_text=prompt).first
        await expect(card).to_contain_text("Generating")
        return card


async def become(page: Page, person: str) -> None:
    """Look in as another person, who finds an empty box to write in."""
    await page.get_by_role("radio", name=person.capitalize()).check()
    async with asyncio.timeout(PATIENCE):
        await page.evaluate(IS_THERE, person)


async def choose(page: Page, command: str) -> None:
    """Choose a command from the list."""
    await page.keyboard.press("/")
    await page.keyboard.type(command)
    await page.get_by_role("listbox").get_by_text(f"/{command}", exact=True).click()


async def attach(page: Page, picture: bytes) -> None:
    """Pick a picture for the option `image`."""
    file: FilePayload = {"name": "paper-boat.png", "mimeType": "image/png", "buffer": picture}
    await page.locator("[data-option=image] input[type=file]").set_input_files(file)


async def say(page: Page, text: str) -> None:
    """Post a message."""
    await page.locator("#composer-text").fill(text)
    await page.locator("#composer-text").press("Enter")
    await expect(page.get_by_role("article").filter(has_text=text)).to_be_visible()
    await expect(page.locator("#composer-text")).to_have_value("")  # which it is once the message is sent


async def still(page: Page, at: float = 1.6) -> None:
    """Bring the page to rest, every video at that second."""
    await page.evaluate(STILL, at)
    await page.evaluate(SAME)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium, without a window."""
    expect.set_options(timeout=PATIENCE * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def stage(browser: Browser, folder: Path, quality: Quality = "full") -> AsyncIterator[Stage]:
    """A playground whose bot is there, and its page."""
    async with playground(folder, quality=quality) as play, page(play) as address:
        await play.discord.commands_synced(timeout=2 * PATIENCE)
        await play.discord.connected(timeout=2 * PATIENCE)
        built = Stage(play=play, browser=browser, address=address)
        built.clock.stop()
        play.api.clock, play.api.seconds_to_done = built.clock, SECONDS
        yield built
