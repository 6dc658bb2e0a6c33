"""Context menus of messages and people, by right click, key, button and long press."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage
from tests.browser.rehearsal.conftest import Heard


async def said(playground: Playground, page: Page) -> Locator:
    """A message of the owner's on the screen."""
    await playground.discord.say("owner", "general", "Look at this")
    message = page.get_by_role("article").filter(has_text="Look at this")
    await expect(message).to_be_visible()
    return message


def items(page: Page) -> Locator:
    """What the open menu offers."""
    return page.get_by_role("menu").get_by_role("menuitem")


@pytest.mark.parametrize("way", ["right click", "menu key", "button"])
async def test_a_messages_menu_has_the_bots_commands(
    open_page: OpenPage, playground: Playground, heard: Heard, way: str
):
    """The first has the focus; the bot gets the message."""
    page = await open_page()
    message = await said(playground, page)
    if way == "right click":
        await message.get_by_text("Look at this").click(button="right")
    elif way == "menu key":
        await message.focus()
        await page.keyboard.press("ContextMenu")
    else:
        await message.get_by_role("button", name="More").press("Enter")
    await expect(items(page)).to_have_text(["Animate", "Copy text", "Copy message ID"])
    await expect(items(page).first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article").get_by_text("Noted.")).to_be_visible()

    assert heard == [{"message": "Look at this"}]


async def test_a_persons_menu_has_the_bots_commands(open_page: OpenPage, playground: Playground, heard: Heard):
    """The bot gets the person."""
    page = await open_page()
    message = await said(playground, page)
    await message.get_by_text("Owner").first.click(button="right")
    await expect(items(page)).to_have_text(["Who is this", "Copy user ID"])
    await items(page).filter(has_text="Who is this").click()
    await expect(page.get_by_role("article").get_by_text("Noted.")).to_be_visible()

    assert heard == [{"member": "owner"}]


async def test_a_long_press_opens_a_menu_and_presses_nothing(open_page: OpenPage, playground: Playground, heard: Heard):
    """A finger that rests on a message opens its menu, where the browser itself tells nobody of it."""
    page = await open_page(has_touch=True)
    message = await said(playground, page)
    text = message.get_by_text("Look at this")
    finger = {"pointerType": "touch", "clientX": 40, "clientY": 40}
    await text.dispatch_event("pointerdown", finger)
    await expect(items(page)).to_have_text(["Animate", "Copy text", "Copy message ID"])
    await text.dispatch_event("pointerup", finger)
    await items(page).filter(has_text="Animate").tap()
    await expect(page.get_by_role("article").get_by_text("Noted.")).to_be_visible()

    assert heard == [{"message": "Look at this"}]


async def test_a_finger_that_rests_opens_a_menu(open_page: OpenPage, playground: Playground, heard: Heard):
    """As the browser tells of a real touch; the menu stays when the finger goes."""
    page = await open_page(has_touch=True, viewport={"width": 360, "height": 640})
    message = await said(playground, page)
    finger = await page.context.new_cdp_session(page)
    spot = await message.get_by_text("Look at this").bounding_box()
    assert spot is not None
    point = {"x": spot["x"] + 150, "y": spot["y"] + 12}  # away from the name, at which a touch so near is taken to aim
    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await expect(items(page)).to_have_text(["Animate", "Copy text", "Copy message ID"])
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await items(page).filter(has_text="Animate").tap()
    await expect(page.get_by_role("article").get_by_text("Noted.")).to_be_visible()

    assert heard == [{"message": "Look at this"}]


async def test_a_menu_is_walked_and_left_by_keys(open_page: OpenPage, playground: Playground, heard: Heard):
    """Arrows go round, Escape gives the focus back to where it was."""
    page = await open_page()
    message = await said(playground, page)
    more = message.get_by_role("button", name="More")
    await more.press("Enter")
    await expect(items(page).first).to_be_focused()
    for key, name in [("ArrowUp", "Copy message ID"), ("ArrowDown", "Animate"), ("End", "Copy message ID")]:
        await page.keyboard.press(key)
        await expect(items(page).filter(has_text=name)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(items(page)).to_have_count(0)
    await expect(more).to_be_focused()

    assert heard == []


async def test_a_menus_copy_holds_the_words(open_page: OpenPage, playground: Playground):
    """The text as it was written, or the number of the message."""
    page = await open_page(permissions=["clipboard-read", "clipboard-write"])
    message = await said(playground, page)
    for name, expected in [
        ("Copy text", "Look at this"),
        ("Copy message ID", str(playground.discord.messages("general")[-1].id)),
    ]:
        await message.click(button="right")
        await items(page).filter(has_text=name).click()
        await page.wait_for_function("async text => (await navigator.clipboard.readText()) === text", arg=expected)
