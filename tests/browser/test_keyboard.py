"""The whole way by keyboard alone, from the loaded page to the playing video and behind the curtain."""

from __future__ import annotations

import re

from playwright.async_api import FileChooser, Locator, Page, expect

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage
from tests.browser.test_commands import picture

PLAYS = "video => video.readyState >= 3 && video.currentTime > 0 && !video.paused"
FAR = 80  #: stops of Tab, at most, from one end of the page to another
AMISS = """() => {
  const focused = document.activeElement;
  if (focused === document.body) return ["the focus is lost"];
  const ring = getComputedStyle(focused.matches("#people input") ? focused.nextElementSibling : focused);
  const { left, right, top, bottom } = focused.getBoundingClientRect();
  const at = [(Math.max(left, 0) + Math.min(right, innerWidth)) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2];
  const there = document.elementFromPoint(...at);
  const name = `${focused.tagName} #${focused.id} .${focused.className} ${focused.textContent.slice(0, 20)}`;
  return [
    focused.matches("video:not(:focus-visible)") ? "" : // within it the browser's own controls have the ring
    ring.outlineStyle === "none" || parseFloat(ring.outlineWidth) < 2 ? `no ring around ${name}` : "",
    there === focused || focused.contains(there) || there?.contains(focused) ? "" : `out of sight: ${name}`,
  ].filter(Boolean);
}"""


async def focused(control: Locator) -> None:
    """Wait until a control has the focus, and see that it is seen."""
    await expect(control).to_be_focused()
    assert await control.page.evaluate(AMISS) == []


async def walk(control: Locator, key: str = "Tab") -> None:
    """Go on to a control with one key; each stop on the way is seen."""
    for _ in range(FAR):
        await control.page.keyboard.press(key)
        assert await control.page.evaluate(AMISS) == []
        if await control.evaluate("control => control === document.activeElement"):
            return
    raise AssertionError(f"{key} does not lead to {control}")


async def enter(page: Page, control: Locator) -> None:
    """Press Enter and find the focus there."""
    await page.keyboard.press("Enter")
    await focused(control)


async def pick(chooser: FileChooser) -> None:
    """Pick a picture, when the system asks for a file."""
    await chooser.set_files(picture())


async def order(page: Page) -> None:
    """Type /veo with a picture and a length, and send it."""
    box = page.locator("#composer-text")
    await page.keyboard.press("Tab")
    await focused(page.get_by_role("link", name="Skip to the message box"))
    await enter(page, box)
    await page.keyboard.type("/veo")
    await expect(page.get_by_role("option", selected=True)).to_contain_text("/veo")
    await enter(page, page.get_by_role("textbox", name="prompt"))
    await page.keyboard.type("A quiet harbour")
    await page.keyboard.press("Tab")
    await walk(page.get_by_role("button", name="+ image", exact=True), "ArrowRight")
    await enter(page, page.get_by_role("button", name="image: Choose a file"))
    await page.keyboard.press("Enter")  # and the picture is picked
    await focused(page.get_by_role("button", name="Remove harbour.png"))
    await page.keyboard.press("Tab")
    await walk(page.get_by_role("button", name="+ seconds"), "ArrowRight")
    seconds = page.get_by_role("combobox", name="seconds")
    await enter(page, seconds)
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("option", selected=True)).to_have_text("4")
    await enter(page, seconds)
    await walk(page.get_by_role("button", name="Send"))
    await enter(page, box)


async def watch(page: Page, result: Locator) -> None:
    """Play the result, enlarge it, and come back."""
    video = result.locator("video")
    await walk(result.locator(".author"), "Shift+Tab")
    await walk(video)
    assert await video.evaluate("video => video.matches(':focus-visible')")
    assert await video.evaluate("video => video.paused")
    await page.keyboard.press("Space")
    await page.wait_for_function(PLAYS, arg=await video.element_handle())
    enlarge = result.get_by_role("button", name="Enlarge the video")
    await walk(enlarge)
    await page.keyboard.press("Enter")
    await focused(page.get_by_role("dialog").get_by_role("button", name="Close"))
    await page.keyboard.press("Escape")
    await focused(enlarge)


async def press_again(playground: Playground, page: Page) -> None:
    """Follow the card's link to its result, and press the button of another that failed."""
    watch = page.get_by_role("link", name="Watch")
    await walk(watch, "Shift+Tab")
    await enter(page, page.get_by_role("article").filter(has_text="your video is ready"))
    await playground.discord.command("member", "general", "veo", {"prompt": "Something else [fail]"})
    again = page.get_by_role("button", name="Again")
    await expect(again).to_be_visible()
    await walk(again)
    await page.keyboard.press("Enter")
    await expect(again).to_have_count(2)
    await focused(again.first)


async def go_elsewhere(page: Page) -> None:
    """Become the newcomer, and look into another place."""
    people, place = page.get_by_role("radio"), page.get_by_role("button", name="trailer")
    await walk(people.nth(2), "Shift+Tab")
    await walk(people.nth(3), "ArrowRight")
    await expect(people.nth(3)).to_be_checked()
    await walk(place)
    await enter(page, place)
    await expect(page.locator("#room-name")).to_have_text("»trailer")
    await expect(page.locator("#composer-text")).to_have_attribute("placeholder", re.compile("#trailer"))


async def look_behind(page: Page) -> None:
    """Open the panel behind the curtain, change the pace, see another record, and leave it."""
    curtain = page.get_by_role("button", name="Behind the curtain")
    await walk(curtain, "Shift+Tab")
    await enter(page, page.get_by_role("complementary"))
    stopped = page.get_by_role("button", name="Stopped")
    await walk(stopped)
    await page.keyboard.press("Enter")
    await expect(stopped).to_have_attribute("aria-pressed", "true")
    await focused(stopped)
    await walk(page.get_by_role("tab", name="Jobs"))
    await walk(page.get_by_role("tab", name="Requests"), "ArrowRight")
    await walk(page.locator("#record summary").filter(visible=True).first)
    await page.keyboard.press("Escape")
    await focused(curtain)
    await expect(page.get_by_role("complementary")).to_be_hidden()


async def test_the_whole_way_by_keyboard(playground: Playground, open_page: OpenPage):
    """No hand on a mouse; the focus is always seen and never lost."""
    page = await open_page(reduced_motion="reduce")
    page.on("filechooser", pick)
    await order(page)
    result = page.get_by_role("article").filter(has_text="your video is ready")
    await expect(result.locator("video")).to_be_visible()
    (task,) = playground.api.tasks.values()
    assert (task.request["prompt"], task.request["seconds"], len(task.plan.pictures)) == ("A quiet harbour", "4", 1)
    await focused(page.locator("#composer-text"))
    await watch(page, result)
    await press_again(playground, page)
    await go_elsewhere(page)
    await look_behind(page)
