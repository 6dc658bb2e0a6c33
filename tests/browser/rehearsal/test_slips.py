"""What fingers do by accident, and what happens while an answer is on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page, Route, expect

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage
from tests.browser.rehearsal.conftest import Heard
from tests.browser.rehearsal.test_options import begin, box, file, option, sent, suggested

COMPOSING = """box => box.dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))"""

DROP = """element => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["png"], "a.png", { type: "image/png" }));
  const kept = (kind) => !element.dispatchEvent(
    new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  return [kept("dragover"), kept("drop")];
}"""


async def held_up(page: Page, path: str) -> Callable[[], Awaitable[Any]]:
    """Keep requests from the server until what is returned is called; it waits until there is one."""
    held = asyncio.get_running_loop().create_future()

    async def keep(route: Route) -> None:
        held.set_result(route)

    await page.route(f"**{path}", keep)

    async def let_go() -> None:
        await (await held).continue_()

    return let_go


async def test_an_enter_that_is_held_down_picks_and_does_not_send(open_page: OpenPage, heard: Heard):
    """The key's repeats are no second press: a command that costs money is not sent by a slow finger."""
    page = await open_page()
    await begin(page)
    await option(page, "text").fill("Hello")
    await option(page, "size").press_sequentially("h")
    await expect(suggested(page)).to_have_text(["high"])
    for _ in range(3):
        await page.keyboard.down("Enter")
    await page.keyboard.up("Enter")
    assert await page.locator("#composer").get_attribute("aria-busy") is None
    await expect(option(page, "size")).to_have_value("high")

    await page.keyboard.press("Enter")
    await sent(page)
    assert heard == [{"text": "Hello", "size": "high"}]


async def test_an_enter_that_ends_a_composition_does_not_post(open_page: OpenPage):
    """Who writes Japanese or Chinese takes a word with it: the browser gets the key, the message waits."""
    page = await open_page()
    await box(page).fill("こんにちは")
    assert await box(page).evaluate(COMPOSING)  # not prevented
    assert await page.locator("#composer").get_attribute("aria-busy") is None


async def test_a_double_click_sends_once(open_page: OpenPage, playground: Playground, heard: Heard):
    """The second click finds the first at work, or an empty box."""
    page = await open_page()
    await begin(page)
    await option(page, "text").fill("Hello")
    await option(page, "size").fill("high")
    await page.get_by_role("button", name="Send").dblclick()
    await sent(page)
    await box(page).fill("Once")
    await page.get_by_role("button", name="Send").dblclick()
    await expect(box(page)).to_have_value("")
    await box(page).fill("The last")
    await box(page).press("Enter")
    await expect(page.get_by_text("The last")).to_be_visible()

    assert heard == [{"text": "Hello", "size": "high"}]
    said = [each.content for each in playground.discord.messages("general") if not each.author.bot]
    assert said == ["Once", "The last"]


async def test_more_files_than_fit_are_told_of(open_page: OpenPage):
    """Ten are kept, and why the others are not is said."""
    page = await open_page()
    await page.locator("#composer input[type=file]").set_input_files([file(f"{n}.png") for n in range(12)])
    await expect(page.locator("#composer .files li")).to_have_count(10)
    await expect(page.get_by_role("alert").filter(has_text="There is room for 10 files.")).to_be_visible()


async def test_a_modal_opens_for_who_asked_for_it(open_page: OpenPage):
    """Not for who sits there by the time it comes: Discord would refuse what they fill in."""
    page = await open_page()
    let_go = await held_up(page, "/api/command")
    await begin(page, "ask")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_role("radio", name="Owner").check()
    async with page.expect_response("**/api/command"):
        await let_go()
    await expect(page.locator("#pending")).to_be_empty()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_file_that_is_dropped_beside_the_channel_is_not_opened(open_page: OpenPage):
    """A browser would leave the page for it; it goes to what is being written, or nowhere."""
    page = await open_page()
    assert await page.locator("#places").evaluate(DROP) == [True, True]
    await expect(page.locator("#composer .files li")).to_have_count(1)
    await page.get_by_role("button", name="showcase").click()
    await expect(page.locator("#composer")).to_be_hidden()
    assert await page.locator(".top").evaluate(DROP) == [True, True]
    await page.get_by_role("button", name="general").click()
    await expect(page.locator("#composer .files li")).to_have_count(0)


async def test_commands_come_while_somebody_waits_for_them(open_page: OpenPage, playground: Playground):
    """Who types a slash while the bot starts is told so, and sees the list once there is one."""
    page = await open_page()
    world = playground.discord.world

    async def no_commands(route: Route) -> None:
        await route.fulfill(json=[])

    await page.route("**/api/commands?*", no_commands)
    async with page.expect_response("**/api/commands?*"):
        world.channel("general").nsfw = True  # whatever changes the world, as the bot's coming does
        world.touch()
    await page.keyboard.press("/")
    await expect(page.get_by_text("The bot offers no commands here.")).to_be_visible()

    await page.unroute("**/api/commands?*")
    world.channel("general").nsfw = False
    world.touch()
    await expect(suggested(page)).to_have_count(4)


async def test_what_is_typed_while_a_message_is_on_its_way_stays(open_page: OpenPage, playground: Playground):
    """The box is free at once; a message that is refused comes back before what was begun meanwhile."""
    page = await open_page()
    let_go = await held_up(page, "/api/say")
    await box(page).fill("First")
    await box(page).press("Enter")
    await expect(box(page)).to_have_value("")
    await box(page).press_sequentially("Second")
    await let_go()
    await expect(page.get_by_role("article").get_by_text("First")).to_be_visible()
    await expect(page.locator("#composer")).to_have_attribute("aria-busy", "false")
    await expect(box(page)).to_have_value("Second")

    await page.unroute("**/api/say")
    playground.discord.world.channel("general").rate_limit_per_user = 60
    await box(page).press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="slowmode")).to_be_visible()
    await expect(box(page)).to_have_value("Second")
