"""The composer: commands with every kind of option, by keyboard, mouse and touch, and messages with files."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox.discord_api.permissions import Permission
from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage
from tests.browser.rehearsal.conftest import Heard

WITHIN = "() => document.documentElement.scrollWidth <= innerWidth"
FOCUSED = "() => document.activeElement.name || document.activeElement.id"
HAND_OVER = """([name, files]) => {
  const transfer = new DataTransfer();
  for (const { name, type, size } of files) transfer.items.add(new File([new Uint8Array(size)], name, { type }));
  const Kind = { drop: DragEvent, paste: ClipboardEvent }[name];
  const data = { [name === "drop" ? "dataTransfer" : "clipboardData"]: transfer };
  document.activeElement.dispatchEvent(new Kind(name, { ...data, bubbles: true, cancelable: true }));
}"""


def box(page: Page) -> Locator:
    """Where messages are written."""
    return page.locator("#composer-text")


def option(page: Page, name: str) -> Locator:
    """What an option of the open command is typed into."""
    return page.locator(f"[data-option='{name}'] :is(textarea, input:not([type=file]))")


def suggested(page: Page) -> Locator:
    """What can be picked."""
    return page.get_by_role("listbox").get_by_role("option")


def picture(name: str, size: int = 9) -> dict[str, Any]:
    """A file in the page's own terms."""
    return {"name": name, "type": "image/png", "size": size}


def file(name: str) -> Any:
    """A file to pick."""
    return {"name": name, "mimeType": "image/png", "buffer": b"png"}


async def begin(page: Page, command: str = "everything") -> None:
    """Choose a command by its name."""
    await box(page).fill("/")
    await expect(suggested(page).first).to_be_visible()
    await box(page).press_sequentially(f"{command} ")
    await expect(page.locator(".command")).to_be_visible()


async def add(page: Page, name: str, value: str | None = None) -> None:
    """Add an optional option, and fill it in."""
    await page.locator(f"[data-add='{name}']").click()
    if value is not None:
        await option(page, name).fill(value)


async def sent(page: Page) -> None:
    """Wait until the command was sent."""
    await expect(page.locator(".command")).to_have_count(0)


async def test_a_command_is_typed_by_keyboard_alone(open_page: OpenPage, heard: Heard):
    """A slash opens the list from anywhere; arrows, Enter and Tab do the rest; then the box has the focus again."""
    page = await open_page()
    await page.keyboard.press("/")
    await expect(suggested(page)).to_have_count(4)
    await page.keyboard.type("every")
    await expect(suggested(page)).to_have_text(["/everythingSay everything."])
    await page.keyboard.press("Enter")
    assert await page.evaluate(FOCUSED) == "text"
    await page.keyboard.type("A boat")
    await page.keyboard.press("Tab")
    await expect(suggested(page)).to_have_text(["wide", "high", "square"])
    await page.keyboard.type("h")
    await expect(suggested(page)).to_have_text(["high"])
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="+ seconds")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Enter")
    await page.keyboard.type("6")
    await page.keyboard.press("Enter")
    await sent(page)

    await expect(box(page)).to_be_focused()
    assert heard == [{"text": "A boat", "size": "high", "seconds": 6}]


async def test_the_link_that_skips_leads_into_what_is_being_written(open_page: OpenPage):
    """Into the box, and into the first empty option of an open command."""
    page = await open_page()
    skip = page.get_by_role("link", name="Skip to the message box")
    await skip.press("Enter")
    await expect(box(page)).to_be_focused()
    await begin(page)
    await option(page, "text").fill("Hello")
    await skip.press("Enter")
    await expect(option(page, "size")).to_be_focused()


async def test_every_kind_of_option_reaches_the_bot(open_page: OpenPage, heard: Heard):
    """Texts, choices, numbers, truths, people, roles, places, files, and what the bot itself offered."""
    page = await open_page()
    await begin(page)
    await option(page, "text").fill("Two\nlines")
    await option(page, "size").fill("wide")
    await add(page, "seconds", "8")
    await add(page, "weight", "0,25")
    await add(page, "loud", "false")
    for name, typed, label in [
        ("friend", "own", "Owner"),
        ("role", "mod", "@Moderators"),
        ("where", "after", "#after-dark"),
        ("whom", "mod", "@Moderators"),
        ("model", "2", "Model wide-2"),
    ]:
        await add(page, name, typed)
        await suggested(page).filter(has_text=label).click()
        await expect(option(page, name)).to_have_value(label)
    await add(page, "image")
    await page.locator("[data-option=image] input[type=file]").set_input_files(file("cat.png"))
    await page.get_by_role("button", name="Send").click()
    await sent(page)

    assert heard == [
        {
            "text": "Two lines", "size": "wide", "seconds": 8, "weight": 0.25, "loud": False, "friend": "owner",
            "role": "Moderators", "where": "after-dark", "whom": "Moderators", "image": "cat.png", "model": "wide-2",
        }
    ]  # fmt: skip


async def test_the_bots_choices_follow_what_is_typed(open_page: OpenPage, heard: Heard):
    """The bot is told the options so far and the letters; what is not in its list goes as it was typed."""
    page = await open_page()
    await begin(page)
    await option(page, "text").fill("Hello")
    await option(page, "size").fill("square")
    await page.keyboard.press("Enter")
    await add(page, "model")
    await expect(suggested(page)).to_have_text(["Model square-1", "Model square-2", "Model square-3"])
    await page.keyboard.type("3")
    await expect(suggested(page)).to_have_text(["Model square-3"])
    await page.keyboard.type("x")
    await expect(page.get_by_text("Nothing fits.")).to_be_visible()
    await page.keyboard.press("Enter")
    await sent(page)

    assert heard == [{"text": "Hello", "size": "square", "model": "3x"}]


@pytest.mark.parametrize(
    ("name", "typed", "error"),
    [
        ("text", "", "This is needed."),
        ("text", "x", "Type at least 2 characters; there are 1."),
        ("text", "🎬" * 21, "Type at most 20 characters; there are 21."),
        ("size", "round", "Choose one from the list."),
        ("seconds", "4.5", "Type a whole number."),
        ("seconds", "9", "Type a number from 4 to 8."),
        ("weight", "much", "Type a number."),
        ("friend", "nobody", "Choose one from the list."),
    ],
)
async def test_what_does_not_fit_is_said_at_its_field(
    open_page: OpenPage, heard: Heard, name: str, typed: str, error: str
):
    """Nothing is sent; the field has the focus, and its error goes as soon as it fits."""
    page = await open_page()
    await begin(page)
    await option(page, "text").fill("Hello")
    await option(page, "size").fill("wide")
    if name not in ("text", "size"):
        await add(page, name)
    await option(page, name).fill(typed)
    await page.get_by_role("button", name="Send").click()

    field = page.locator(f"[data-option='{name}']")
    await expect(field.locator(".error")).to_have_text(error)
    await expect(option(page, name)).to_be_focused()
    await expect(option(page, name)).to_have_attribute("aria-invalid", "true")
    await option(page, name).fill({"text": "Bye", "size": "high", "seconds": "5", "weight": "1"}.get(name, "Owner"))
    await expect(field.locator(".error")).to_be_empty()
    assert heard == []


async def test_escape_goes_back_a_step_and_loses_nothing(open_page: OpenPage):
    """From a list to its field, to the commands, to the box; who chooses the command again finds it filled in."""
    page = await open_page()
    await begin(page)
    await option(page, "text").fill("Hello")
    await option(page, "size").click()
    await expect(suggested(page).first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(suggested(page)).to_have_count(0)
    await expect(option(page, "size")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(box(page)).to_have_value("/everything")
    await expect(suggested(page)).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(option(page, "text")).to_have_value("Hello")
    await option(page, "text").press("Escape")
    await expect(suggested(page)).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(suggested(page)).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(box(page)).to_have_value("")
    await expect(box(page)).to_be_focused()


async def test_an_option_goes_away_again(open_page: OpenPage):
    """Backspace in an empty option, or its cross; it can be added again."""
    page = await open_page()
    await begin(page)
    await add(page, "seconds")
    await page.keyboard.press("Backspace")
    await expect(page.locator("[data-option=seconds]")).to_have_count(0)
    await expect(option(page, "size")).to_be_focused()
    await add(page, "seconds", "5")
    await page.get_by_role("button", name="Remove seconds").click()
    await expect(page.locator("[data-add=seconds]")).to_be_visible()


@pytest.mark.parametrize("way", ["drop", "paste"])
async def test_files_come_into_the_options_for_files(open_page: OpenPage, heard: Heard, way: str):
    """Each goes into the next option that takes one; those beyond are told of."""
    page = await open_page()
    await begin(page)
    await option(page, "text").fill("Hello")
    await option(page, "size").fill("wide")
    await page.evaluate(HAND_OVER, [way, [picture("a.png"), picture("b.png"), picture("c.png")]])
    await expect(page.get_by_role("alert").filter(has_text="/everything takes 2 files.")).to_be_visible()
    await page.get_by_role("button", name="Send").click()
    await sent(page)

    assert heard == [{"text": "Hello", "size": "wide", "image": "a.png", "image2": "b.png"}]


async def test_a_file_beyond_the_persons_limit_is_refused_at_once(open_page: OpenPage):
    """The limit is that of the person and the server they are in."""
    page = await open_page()
    await begin(page)
    await page.evaluate(HAND_OVER, ["drop", [picture("big.png", 10 * 1024**2 + 1)]])

    await expect(page.get_by_text("big.png has 10 MB; here you can send up to 10 MB.")).to_be_visible()
    await expect(page.get_by_role("button", name="image: Choose a file")).to_be_focused()


async def test_commands_speak_the_persons_language(open_page: OpenPage, heard: Heard):
    """Names, descriptions and choices are shown as the bot registered them for it; the bot gets its own."""
    page = await open_page("newcomer")
    await begin(page, "alles")
    await expect(page.locator(".command-head")).to_contain_text("/allesSag alles.")
    await option(page, "text").fill("Hallo")
    await expect(page.locator(".help")).to_have_text("text Was gesagt wird (2 to 20 characters)")
    await option(page, "size").fill("br")
    await suggested(page).filter(has_text="breit").click()
    await page.keyboard.press("Enter")
    await sent(page)

    assert heard == [{"text": "Hallo", "size": "wide"}]


async def test_a_message_has_lines_and_files(open_page: OpenPage, playground: Playground):
    """Shift and Enter begin a new line, Enter posts; a file comes by the button or by pasting."""
    page = await open_page()
    await box(page).press_sequentially("One")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("Two")
    await page.evaluate(HAND_OVER, ["paste", [picture("a.png")]])
    await page.locator("#composer input[type=file]").set_input_files([file("b.png"), file("c.png")])
    await page.get_by_role("button", name="Remove b.png").click()
    await box(page).press("Enter")
    await expect(box(page)).to_have_value("")

    message = playground.discord.messages("general")[-1]
    assert (message.content, [each.filename for each in message.attachments]) == ("One\nTwo", ["a.png", "c.png"])


async def test_who_may_not_post_still_has_commands(open_page: OpenPage, playground: Playground, heard: Heard):
    """The box says so; a message typed into it is not sent."""
    general = playground.discord.world.channel("general")
    general.overwrites[playground.discord.world.user("member").id] = (0, int(Permission.SEND_MESSAGES))
    page = await open_page()
    await expect(box(page)).to_have_attribute("placeholder", "You cannot post here; / for commands")
    await box(page).fill("Hello")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="You cannot post here")).to_be_visible()
    await begin(page)
    await option(page, "text").fill("Hello")
    await option(page, "size").fill("wide")
    await page.get_by_role("button", name="Send").click()
    await sent(page)

    assert (heard, playground.discord.messages("general")) == ([{"text": "Hello", "size": "wide"}], [])


async def test_a_command_fits_a_phone(open_page: OpenPage, heard: Heard):
    """By touch alone, with no scrolling sideways, and with each list within the screen."""
    page = await open_page(viewport={"width": 360, "height": 640}, has_touch=True)
    await box(page).fill("/")
    await suggested(page).filter(has_text="/everything").tap()
    await page.locator("[data-add=friend]").tap()
    await expect(suggested(page).first).to_be_in_viewport(ratio=1)
    await suggested(page).filter(has_text="Owner").tap()
    await page.locator("[data-add=image]").tap()
    await page.locator("[data-add=image2]").tap()
    await option(page, "text").fill("Hello")
    await option(page, "size").tap()
    await suggested(page).filter(has_text="high").tap()
    assert await page.evaluate(WITHIN)
    await page.get_by_role("button", name="Send").tap()
    await sent(page)

    assert heard == [{"text": "Hello", "size": "high", "friend": "owner"}]


async def test_a_phones_keyboard_leaves_room_for_a_command(open_page: OpenPage):
    """On half a phone's screen the fields scroll, the one that is typed into is seen, and sending is within reach."""
    page = await open_page(viewport={"width": 360, "height": 380}, has_touch=True)
    await begin(page)
    await page.locator("[data-add=image]").tap()
    await page.locator("[data-add=seconds]").tap()
    await expect(option(page, "seconds")).to_be_focused()

    await expect(option(page, "seconds")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
