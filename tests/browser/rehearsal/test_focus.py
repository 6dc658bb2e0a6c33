"""The focus goes on to something sensible wherever what had it goes away."""

from __future__ import annotations

from playwright.async_api import expect

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage, as_bot

FINGER = 44  #: pixels
SPOILER = {"type": 17, "spoiler": True, "components": [{"type": 10, "content": "A hidden end"}]}


async def test_what_was_hidden_has_the_focus_of_its_cover(playground: Playground, open_page: OpenPage):
    """In a line and over a card: who uncovers it by a key is on it."""
    page = await open_page()
    channel = playground.discord.world.channel("general").id
    await playground.discord.say("owner", "general", "Who did it: ||the gardener||")
    await as_bot(playground, "POST", f"/channels/{channel}/messages", {"flags": 1 << 15, "components": [SPOILER]})

    covers = page.get_by_role("button", name="Spoiler: show")
    for hidden in ("the gardener", "A hidden end"):
        await covers.first.press("Enter")
        assert await page.evaluate("document.activeElement.textContent") == hidden
    await expect(covers).to_have_count(0)


async def test_the_messages_have_the_focus_of_one_that_goes(playground: Playground, open_page: OpenPage):
    """One that is deleted under somebody's hands, and all of a place that is left by a link within them."""
    page, discord = await open_page(), playground.discord
    messages, author = page.get_by_role("log"), page.get_by_role("button", name="Owner")
    said = await discord.say("owner", "general", "Not for long")
    await author.focus()
    discord.delete(said)
    await expect(author).to_have_count(0)
    await expect(messages).to_be_focused()

    await discord.say("owner", "general", f"<#{discord.world.channel('trailer').id}>")
    await page.get_by_role("article").get_by_role("button", name="#trailer").press("Enter")
    await expect(page.locator("#room-name")).to_have_text("»trailer")
    await expect(messages).to_be_focused()


async def test_a_menu_goes_back_to_a_message_that_was_drawn_anew(playground: Playground, open_page: OpenPage):
    """Its button is another one by then."""
    page = await open_page()
    path = f"/channels/{playground.discord.world.channel('general').id}/messages"
    posted = await as_bot(playground, "POST", path, {"content": "Before"})
    await page.get_by_role("button", name="More").press("Enter")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await as_bot(playground, "PATCH", f"{path}/{posted['id']}", {"content": "After"})
    await expect(page.get_by_text("After", exact=True)).to_be_visible()
    await page.keyboard.press("Escape")

    await expect(page.get_by_role("article")).to_be_focused()


async def test_a_lever_that_cannot_be_pressed_keeps_the_focus(open_page: OpenPage, playground: Playground):
    """It says that it cannot, and does nothing."""
    page = await open_page()
    await page.get_by_role("button", name="Behind the curtain").press("Enter")
    kill = page.get_by_role("button", name="kill -9")
    await kill.press("Enter")
    playground.tempo.speed = 60
    await expect(page.locator("[data-lever=speed-60]")).to_have_attribute("aria-pressed", "true")

    await expect(kill).to_be_focused()
    await expect(kill).to_be_disabled()
    await expect(page.locator("#notice")).to_be_empty()


async def test_the_drawer_of_places_is_left_by_every_way(open_page: OpenPage):
    """It is of a finger's size and takes the focus; Escape gives it back, and the next stop of Tab or a tap beside it closes it."""
    page = await open_page(viewport={"width": 360, "height": 640}, has_touch=True)
    opener = page.get_by_role("button", name="Places")
    here, last = page.get_by_role("button", name="general"), page.locator(".place").last
    await opener.press("Enter")
    await expect(here).to_be_focused()
    for each in (opener, here, page.get_by_role("button", name="Send")):
        bounds = await each.bounding_box()
        assert bounds is not None
        assert bounds["height"] >= FINGER
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await expect(here).to_be_hidden()
    await opener.press("Enter")
    await expect(here).to_be_focused()
    await last.press("Tab")
    await expect(here).to_be_hidden()
    await expect(page.get_by_role("log")).to_be_focused()
    await opener.tap()
    await expect(here).to_be_visible()
    await page.touchscreen.tap(340, 300)
    await expect(here).to_be_hidden()
