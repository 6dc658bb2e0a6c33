"""Whatever a bot may post is shown and can be used: embeds, buttons, selects, and version 2's blocks."""

import json
import re
from typing import Any

from playwright.async_api import Page, expect

from bot.sandbox.discord_api import Upload
from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage, as_bot

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
OPTIONS = [
    {"label": "One", "value": "1", "description": "the first"},
    {"label": "Two", "value": "2", "emoji": {"name": "🎬"}},
]

EMBED = {
    "author": {"name": "Who"},
    "title": "A **title**",
    "url": "https://example.org/",
    "description": "It is *so*",
    "fields": [{"name": "Left", "value": "1", "inline": True}, {"name": "Right", "value": "2", "inline": True}],
    "footer": {"text": "The end"},
    "color": 0x8A3D16,
}


async def post(playground: Playground, **body: Any) -> str:
    """Post as the bot in #general; the message's id."""
    channel = playground.discord.world.channel("general").id
    return (await as_bot(playground, "POST", f"/channels/{channel}/messages", body))["id"]


async def pressed(page: Page, role: Any, name: str, **how: Any) -> Any:
    """What the page asks of the server when something is pressed or, with a value, chosen."""
    control = page.get_by_role(role, name=name)
    async with page.expect_request("**/api/press") as asked:
        await (control.select_option(**how) if how else control.press("Enter"))
    return json.loads((await asked.value).post_data or "")


async def test_buttons_and_selects_say_what_was_chosen(starting: Playground, open_page: OpenPage):
    """A press names the button, a choice its values; a bot that does not answer is told of as Discord tells it."""
    world = starting.discord.world
    controls = [
        {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]},
        {"type": 1, "components": [{"type": 2, "style": 4, "label": "Off", "custom_id": "off", "disabled": True}]},
        {"type": 1, "components": [{"type": 3, "custom_id": "one", "placeholder": "Pick one", "options": OPTIONS}]},
        {"type": 1, "components": [{"type": 3, "custom_id": "some", "max_values": 2, "options": OPTIONS}]},
        {"type": 1, "components": [{"type": 8, "custom_id": "where", "placeholder": "Where", "channel_types": [2]}]},
    ]
    page = await open_page()
    said = {"person": "member", "message": await post(starting, content="Choose", components=controls)}

    assert await pressed(page, "button", "Go") == said | {"custom_id": "go"}
    await expect(page.get_by_role("alert")).to_have_text("The application did not respond")
    await expect(page.get_by_role("button", name="Off")).to_be_disabled()
    options = page.get_by_role("combobox", name="Pick one").locator("option")
    await expect(options.last).to_have_text("🎬 Two")
    for _ in range(2):  # what was not heard can be chosen again
        assert await pressed(page, "combobox", "Pick one", value="2") == said | {"custom_id": "one", "values": ["2"]}
        await expect(page.get_by_role("combobox", name="Pick one")).to_have_value("")
    assert await page.get_by_role("combobox", name="Where").locator("option").all_text_contents() == [
        "Where",
        "#green-room",
    ]
    assert await pressed(page, "combobox", "Where", label="#green-room") == said | {
        "custom_id": "where",
        "values": [str(world.channel("green-room").id)],
    }
    await page.get_by_role("checkbox", name="One").check()
    await page.get_by_role("checkbox", name="Two").check()
    assert await pressed(page, "button", "Choose") == said | {"custom_id": "some", "values": ["1", "2"]}


async def test_embeds_and_blocks_are_shown(starting: Playground, open_page: OpenPage):
    """An embed's parts in their order; a container with its colour, section, separator and links that open beside."""
    section = {
        "type": 9,
        "components": [{"type": 10, "content": "### Block\n-# small"}],
        "accessory": {"type": 2, "style": 5, "label": "Read", "url": "https://example.org/read"},
    }
    container = {"type": 17, "accent_color": 0x1F6A3C, "components": [section, {"type": 14}]}
    page = await open_page()
    await post(starting, content="", embeds=[EMBED])
    await post(starting, flags=1 << 15, components=[container, {"type": 17, "spoiler": True, "components": [section]}])

    first, block, hidden = (page.locator(".card").nth(number) for number in range(3))
    await expect(first).to_have_text("WhoA titleIt is soLeft1Right2The end")
    await expect(first).to_have_css("border-left-color", "rgb(138, 61, 22)")
    await expect(first.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")
    await expect(block).to_have_css("border-left-color", "rgb(31, 106, 60)")
    await expect(block.get_by_role("heading", name="Block")).to_be_visible()
    await expect(block.get_by_role("link", name="Read")).to_have_attribute("target", "_blank")
    await expect(block.get_by_role("separator")).to_have_count(1)
    assert await hidden.get_by_role("link").evaluate("link => link.closest('[inert]') !== null")
    await hidden.get_by_role("button", name="Spoiler: show").press("Enter")
    await expect(hidden.get_by_role("link", name="Read")).to_be_visible()


async def test_a_file_that_is_no_film_says_so(starting: Playground, open_page: OpenPage):
    """What the browser cannot play is said in a sentence, with a link to the file."""
    page = await open_page()
    await starting.discord.say("owner", "general", "Look", [Upload("broken.mp4", b"no film", "video/mp4")])

    await expect(page.locator("figure")).to_contain_text("This browser does not play this video. Open the file")
    await expect(page.get_by_role("button", name="Enlarge the video")).to_have_count(0)
    await expect(page.get_by_role("link", name="Open the file")).to_have_attribute(
        "href", re.compile(r"/broken\.mp4\?ex=")
    )


async def test_a_film_by_a_link_is_a_film(starting: Playground, open_page: OpenPage):
    """Discord tells no type of what is not attached: its name does."""
    page = await open_page()
    said = await starting.discord.say("owner", "trailer", "Look", [Upload("clip.MP4", b"no film", "video/mp4")])
    shown = {"type": 12, "items": [{"media": {"url": said.attachments[0].file.url}}]}
    await post(starting, flags=1 << 15, components=[shown])

    await expect(page.locator("figure")).to_contain_text("This browser does not play this video.")


async def test_a_file_that_is_no_picture_says_so(starting: Playground, open_page: OpenPage):
    """What the browser cannot show is said in a sentence, with a link to the file."""
    page = await open_page()
    await starting.discord.say("owner", "general", "Look", [Upload("broken.png", b"no picture", "image/png")])

    await expect(page.locator("figure")).to_have_text("This browser does not show this picture. Open the file")
    await expect(page.get_by_role("link", name="Open the file")).to_have_attribute(
        "href", re.compile(r"/broken\.png\?ex=")
    )


async def test_a_picture_opens_over_the_page_and_closes(starting: Playground, open_page: OpenPage):
    """Enter opens it, Escape closes it, and the focus is back where it was; other files are links."""
    page = await open_page()
    files = [Upload("lighthouse.png", PICTURE, "image/png"), Upload("notes.txt", b"x" * 2000, "text/plain")]
    await starting.discord.say("owner", "general", "Look", files)

    button = page.get_by_role("button", name="Enlarge the picture: lighthouse.png")
    await button.press("Enter")
    dialog = page.get_by_role("dialog", name="lighthouse.png")
    await expect(dialog.get_by_role("img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(button).to_be_focused()
    await expect(page.locator(".file")).to_have_text("notes.txt2.0 KB")
