"""The page is for everybody: every state of it by axe-core's rules, at every width, and what is said of it aloud."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from bot.sandbox.discord_api import Upload
from bot.sandbox.page.playground import Playground
from tests.browser.axe import cut_off, findings
from tests.browser.conftest import OpenPage, as_bot
from tests.browser.rehearsal.test_modal import opened
from tests.browser.rehearsal.test_options import add, begin, box, option, suggested
from tests.browser.test_components import EMBED

OPTIONS = [{"label": "One", "value": "1", "description": "the first"}, {"label": "Two", "value": "2"}]
BUTTONS = [{"type": 2, "style": style, "label": f"Style {style}", "custom_id": f"s{style}"} for style in (1, 2, 3, 4)]
LINK = {"type": 2, "style": 5, "label": "A link", "url": "https://example.org/"}
CONTROLS = [
    {"type": 1, "components": [*BUTTONS, LINK]},
    {"type": 1, "components": [BUTTONS[0] | {"custom_id": "off", "disabled": True}]},
    {"type": 1, "components": [{"type": 3, "custom_id": "one", "placeholder": "Pick one", "options": OPTIONS}]},
    {"type": 1, "components": [{"type": 3, "custom_id": "some", "max_values": 2, "options": OPTIONS}]},
    {"type": 1, "components": [{"type": 8, "custom_id": "where", "placeholder": "Where"}]},
]
SECTION = {"type": 9, "components": [{"type": 10, "content": "### Block\n-# small"}], "accessory": LINK}
BLOCKS = [
    {"type": 17, "accent_color": 0x1F6A3C, "components": [SECTION, {"type": 14}]},
    {"type": 17, "spoiler": True, "components": [SECTION]},
]
WORDS = "# Head\n{me} **bold** `code` ||secret|| [a link](https://example.org) <#{place}> <t:1990:R> @everyone\n> quote\n- item\n```\ncode\n```"


def picture() -> bytes:
    """A small picture."""
    data = io.BytesIO()
    Image.new("RGB", (64, 36), "teal").save(data, "PNG")
    return data.getvalue()


async def post(playground: Playground, **body: Any) -> dict[str, Any]:
    """Post as the bot in #general."""
    channel = playground.discord.world.channel("general").id
    return await as_bot(playground, "POST", f"/channels/{channel}/messages", body)


async def fill_channel(playground: Playground, page: Page) -> None:
    """Put in #general all that can stand in a channel, and news into another place."""
    discord = playground.discord
    words = WORDS.format(me=discord.world.user("member").mention, place=discord.world.channel("trailer").id)
    files = [
        Upload("harbour.png", picture(), "image/png"),
        Upload("SPOILER_end.png", picture(), "image/png"),
        Upload("broken.mp4", b"no film", "video/mp4"),
        Upload("notes.txt", b"x", "text/plain"),
    ]
    await discord.say("owner", "general", words, files)
    first = await post(playground, content="Choose", components=CONTROLS)
    await post(playground, content="x" * 300, embeds=[EMBED], message_reference={"message_id": first["id"]})
    await discord.command("member", "general", "wait", {})
    await post(playground, flags=1 << 15, components=BLOCKS)
    await discord.say("owner", "trailer", f"{discord.world.user('member').mention} look")
    await expect(page.locator(".card").last).to_be_in_viewport()


@pytest.mark.parametrize(
    ("width", "height", "scheme", "judged"),  # the rules ask for no width; what costs is asked twice only
    [(1280, 800, "light", True), (640, 400, "dark", False), (360, 640, "dark", True), (320, 568, "light", False)],
    ids=["wide", "at 200 %", "phone", "small phone"],
)
async def test_every_state_is_within_everybodys_reach(
    playground: Playground, open_page: OpenPage, width: int, height: int, scheme: str, judged: bool
):
    """No rule of axe-core's is broken, nothing is cut off: messages, lists, forms with errors, menus, modals, places."""
    touch = width < 640
    screen = {"width": width, "height": height}
    page = await open_page(viewport=screen, color_scheme=scheme, has_touch=touch, reduced_motion="reduce")
    found: dict[str, list[str]] = {}

    async def look(state: str) -> None:
        found[state] = await cut_off(page) + (await findings(page) if judged else [])

    await look("nothing said")
    await fill_channel(playground, page)
    await look("messages")
    await page.get_by_role("button", name="Enlarge the picture: harbour.png").press("Enter")
    await look("a picture enlarged")
    await page.keyboard.press("Escape")
    await page.get_by_role("article").last.get_by_role("button", name="More").press("Enter")
    await expect(page.get_by_role("menu")).to_be_visible()
    await look("a menu")
    await page.keyboard.press("Escape")
    await box(page).fill("/")
    await expect(suggested(page).first).to_be_visible()
    await look("commands to pick from")
    await begin(page)
    await expect(option(page, "text")).to_be_in_viewport(ratio=1)
    await add(page, "image")
    await add(page, "seconds", "99")
    await add(page, "friend", "o")
    await expect(suggested(page).first).to_be_visible()
    await look("a command with its options")
    await option(page, "text").fill("Hello")
    await option(page, "size").fill("wide")
    await page.get_by_role("button", name="Send").click()
    await look("a command with an error")
    await option(page, "seconds").press("Escape")
    for command in ("ask", "ask-more"):
        dialog = await opened(page, command)
        await dialog.get_by_role("button", name="Submit").click()
        await look(f"the modal of /{command} with errors")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
    if width < 640:
        await page.get_by_role("button", name="Places").tap()
        await look("the places")
    await page.get_by_role("button", name="Behind the curtain").press("Enter")
    await page.get_by_role("tab", name="Requests").press("Enter")
    await expect(page.get_by_role("tab", name="Requests")).to_be_in_viewport(ratio=1)
    await look("behind the curtain")
    if width > 640:
        await page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        found["letters twice as large"] = await cut_off(page)
    assert {state: each for state, each in found.items() if each} == {}
