"""Modals that the bot opens: every kind of field, what does not fit, and the way out."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage
from tests.browser.rehearsal.conftest import Heard

PASTE = """() => {
  const transfer = new DataTransfer();
  for (const name of ["b.png", "c.png"]) transfer.items.add(new File(["png"], name, { type: "image/png" }));
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""


async def opened(page: Page, command: str) -> Locator:
    """The modal that a command opens."""
    await page.locator("#composer-text").fill(f"/{command}")
    await page.keyboard.press("Escape")  # the list
    await page.keyboard.press("Enter")  # chooses it by its name
    await expect(page.locator(".command")).to_be_visible()
    await page.get_by_role("button", name="Send").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    return dialog


async def closed(page: Page) -> None:
    """Wait until no modal is open, and the box has the focus."""
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.locator("#composer-text")).to_be_focused()


def file(name: str) -> Any:
    """A file to pick."""
    return {"name": name, "mimeType": "image/png", "buffer": b"png"}


async def test_words_and_choices_reach_the_bot(open_page: OpenPage, heard: Heard):
    """What was filled in before is there; Enter in a line submits."""
    page = await open_page()
    dialog = await opened(page, "ask")
    await expect(dialog).to_have_accessible_name("Words")
    await expect(dialog.locator("strong")).to_have_text("what")
    prompt = dialog.get_by_role("textbox", name="Prompt")
    await expect(prompt).to_be_focused()
    await expect(prompt).to_have_value("A boat")
    await expect(prompt).to_have_accessible_description("What it shows")
    await prompt.press("End")
    await page.keyboard.type("\nat night")
    await dialog.get_by_role("combobox", name="Style").select_option("moving")
    await dialog.get_by_role("radio", name="Still It stays").check()
    await dialog.get_by_role("textbox", name="Title").press("Enter")
    await closed(page)

    assert heard == [{"prompt": "A boat\nat night", "title": "", "style": ["moving"], "shape": "still"}]


async def test_what_a_modal_lacks_is_said_at_its_fields(open_page: OpenPage, heard: Heard):
    """All of it at once; the first has the focus, and nothing is sent."""
    page = await open_page()
    dialog = await opened(page, "ask")
    await dialog.get_by_role("textbox", name="Prompt").fill("x" * 31)
    await dialog.get_by_role("button", name="Submit").click()

    errors = dialog.locator(".error:not(:empty)")
    await expect(errors).to_have_text(["Type at most 30 characters; there are 31.", "This is needed.", "Choose one."])
    await expect(dialog.get_by_role("textbox", name="Prompt")).to_be_focused()
    await dialog.get_by_role("radio", name="Moving").check()
    await expect(errors).to_have_count(2)
    assert heard == []


async def test_files_people_and_places_reach_the_bot(open_page: OpenPage, heard: Heard):
    """Ticks, files that were picked or pasted as many as there is room for, several people, and no place."""
    page = await open_page()
    dialog = await opened(page, "ask-more")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog.locator(".error:not(:empty)")).to_have_count(3)
    await dialog.get_by_role("checkbox", name="Moving").check()
    await dialog.get_by_role("checkbox", name="Private").uncheck()
    await dialog.locator("input[type=file]").set_input_files(file("a.png"))
    await page.evaluate(PASTE)
    for name in ("Owner", "Newcomer"):
        await dialog.get_by_role("checkbox", name=name).check()
    await dialog.get_by_role("button", name="Submit").click()
    await closed(page)

    assert heard == [
        {
            "extras": ["moving"], "private": False, "pictures": ["a.png", "b.png"],
            "friends": ["owner", "newcomer"], "where": [],
        }
    ]  # fmt: skip


async def test_a_modal_is_left_by_escape(open_page: OpenPage, heard: Heard):
    """Nothing is sent, and the box has the focus."""
    page = await open_page()
    await opened(page, "ask")
    await page.keyboard.press("Escape")
    await closed(page)

    assert heard == []


async def test_a_modal_stays_when_the_bot_does_not_answer(open_page: OpenPage, playground: Playground, heard: Heard):
    """What went wrong is said in the modal, with all that was typed; it can be sent again."""
    page = await open_page()
    dialog = await opened(page, "ask")
    await dialog.get_by_role("combobox", name="Style").select_option("still")
    await dialog.get_by_role("radio", name="Moving").check()
    playground.discord.faults.add(r"/interactions/\d+/[^/]+/callback", status=500, times=-1)
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog.get_by_text("The application did not respond")).to_be_visible()
    playground.discord.faults.clear()
    await dialog.get_by_role("button", name="Submit").click()
    await closed(page)

    assert heard[-1] == {"prompt": "A boat", "title": "", "style": ["still"], "shape": "moving"}


async def test_a_modal_fits_a_phone(open_page: OpenPage):
    """It scrolls within itself, never sideways."""
    page = await open_page(viewport={"width": 360, "height": 560}, has_touch=True)
    dialog = await opened(page, "ask-more")
    await dialog.get_by_role("button", name="Submit").scroll_into_view_if_needed()
    await expect(dialog.get_by_role("button", name="Submit")).to_be_in_viewport(ratio=1)

    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert await dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
