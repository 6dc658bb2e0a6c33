"""What the page tells whoever does not see it, and how it keeps to a person's own settings of colour and motion."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage, as_bot

RUNNING = "() => document.getAnimations().length"
IS_CHOSEN = """element => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.setProperty("background-color", "Highlight");
  const colours = [probe, element].map((each) => getComputedStyle(each).backgroundColor);
  probe.remove();
  return colours[0] === colours[1];
}"""


async def said(page: Page) -> list[str]:
    """What was said aloud so far."""
    return await page.locator("#announcer p").all_text_contents()


async def heard(page: Page, line: str) -> None:
    """Wait until this was said last."""
    await expect(page.locator("#announcer p").last).to_have_text(line)


def card(heading: str, text: str) -> dict[str, Any]:
    """A message of version 2's blocks."""
    inside = [{"type": 10, "content": f"### {heading}"}, {"type": 10, "content": text}]
    return {"flags": 1 << 15, "components": [{"type": 17, "components": inside}]}


async def test_news_are_said_one_line_each(playground: Playground, open_page: OpenPage):
    """Who said it and its first words; no old message, none of one's own, no ticking of a card, nothing covered."""
    discord, world = playground.discord, playground.discord.world
    await discord.say("owner", "general", "Long ago")
    page = await open_page()
    await expect(page.get_by_role("article")).to_have_count(1)
    await discord.say("owner", "general", "**Hello** ||secret||\nand more")
    await heard(page, "Owner: Hello")
    await discord.say("member", "general", "My own")
    path = f"/channels/{world.channel('general').id}/messages"
    posted = await as_bot(playground, "POST", path, card("/veo · Generating", "10 %"))
    await heard(page, "reelcord: /veo · Generating")
    await as_bot(playground, "PATCH", f"{path}/{posted['id']}", card("/veo · Generating", "20 %"))
    await expect(page.get_by_role("article").last).to_contain_text("20 %")
    await as_bot(playground, "PATCH", f"{path}/{posted['id']}", card("/veo · Done", "Watch it"))
    await heard(page, "reelcord: /veo · Done")
    call = await (await discord.command("member", "general", "wait", {})).answered()
    await heard(page, "reelcord is thinking…")
    await as_bot(
        playground, "PATCH", f"/webhooks/{world.bot.id}/{call.token}/messages/@original", {"content": "So be it"}
    )
    await heard(page, "reelcord: So be it")
    await page.get_by_role("button", name="after-dark").press("Enter")
    await expect(page.get_by_role("article")).to_have_count(0)
    await page.get_by_role("button", name="general").press("Enter")
    await expect(page.get_by_role("article").last).to_contain_text("So be it")

    assert await said(page) == [
        "Owner: Hello",
        "reelcord: /veo · Generating",
        "reelcord: /veo · Done",
        "reelcord is thinking…",
        "reelcord: So be it",
    ]
    assert await page.get_by_role("log").get_attribute("aria-live") == "off"


async def test_that_the_bot_thinks_is_shown_to_who_waits(playground: Playground, open_page: OpenPage):
    """The one who pressed is told politely; for everybody the bot's message breathes, but for those who mind motion."""
    page, other = await open_page(), await open_page("newcomer", reduced_motion="reduce")
    channel = playground.discord.world.channel("general").id
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    await as_bot(playground, "POST", f"/channels/{channel}/messages", {"content": "Choose", "components": [row]})
    await page.get_by_role("button", name="Go").press("Enter")
    await expect(page.get_by_role("status").filter(has_text="reelcord is thinking…")).to_be_visible()
    await playground.discord.command("member", "general", "wait", {})

    for each in (page, other):
        await expect(each.get_by_role("article").filter(has_text="reelcord is thinking…")).to_be_visible()
    assert (await page.evaluate(RUNNING) > 0, await other.evaluate(RUNNING)) == (True, 0)
    assert await other.get_by_role("status").filter(has_text="thinking").count() == 0
    await expect(page.get_by_role("button", name="Go")).to_be_focused()


@pytest.mark.usefixtures("playground")  # its commands are here
async def test_a_persons_own_colours_tell_what_is_chosen(open_page: OpenPage):
    """Where the system forces its colours, what is chosen has the ground of chosen things, the rest has not."""
    page = await open_page(forced_colors="active")
    people, tabs = page.locator("#people label span:first-of-type"), page.get_by_role("tab")
    await page.get_by_role("button", name="Behind the curtain").press("Enter")
    await page.locator("#composer-text").fill("/")
    commands = page.get_by_role("listbox").get_by_role("option")
    await expect(commands.first).to_be_visible()

    for chosen, other in [
        (people.nth(2), people.nth(0)),
        (tabs.nth(0), tabs.nth(1)),
        (commands.nth(0), commands.nth(1)),
    ]:
        assert (await chosen.evaluate(IS_CHOSEN), await other.evaluate(IS_CHOSEN)) == (True, False)
