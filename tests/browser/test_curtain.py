"""The records behind the curtain: live, within reach of keyboard and screen reader, on a phone too, and bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox.page.playground import Playground
from tests.browser.behind import VIDEO, Behind
from tests.browser.conftest import OpenPage

KEPT = 200
TABS = ("Jobs", "Requests", "Ledger", "Log")
WITHIN = "() => document.documentElement.scrollWidth <= innerWidth"
RECORD_WITHIN = "() => { const box = document.getElementById('record'); return box.scrollWidth <= box.clientWidth; }"
ON_A_PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}}


async def look(page: Page, tab: str) -> Locator:
    """Choose a record; the panel with it."""
    await page.get_by_role("tab", name=tab).click()
    panel = page.get_by_role("tabpanel", name=tab)
    await expect(panel).to_be_visible()
    return panel


async def ask(play: Playground, times: int = 1) -> None:
    """Requests to the video service."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {play.api.key}"}) as session:
        for _ in range(times):
            async with session.get(f"{play.api.url}/v1/models") as answer:
                assert answer.status == 200


def log(play: Playground, *lines: Mapping[str, object]) -> None:
    """Lines in the bot's log."""
    with play.bot.log.open("a") as file:
        file.writelines(json.dumps({"timestamp": "2030-01-01T00:00:00Z", **line}) + "\n" for line in lines)


async def test_a_job_is_followed_through_all_records(playground: Playground, open_page: OpenPage):
    """Its row changes as it goes; its task, its requests with their bodies and its log lines are found by it alone."""
    behind = await Behind.open(await open_page(), playground)
    page = behind.page
    await behind.type("Somebody else's [fail]")
    await behind.says("Somebody else's", "Failed")
    await behind.pace("Stopped")
    await behind.type("A quiet harbour")
    jobs = page.get_by_role("table", name="The bot's jobs")
    assert await jobs.get_by_role("columnheader").all_text_contents() == ["Job", "Status", "Due", "Lease", "Polls"]
    row = jobs.get_by_role("rowgroup").filter(has_text="in progress").get_by_role("row").first
    await expect(row.get_by_role("cell").last).not_to_have_text("0")
    await behind.pace("60")
    await behind.ends("A quiet harbour")
    done = jobs.get_by_role("rowgroup").filter(has_text="completed")
    await expect(done.get_by_role("cell").nth(1)).to_have_text("\N{EN DASH}")  # it is never due again
    job = await done.get_by_role("rowheader").inner_text()
    (task, failed) = (each.id for each in reversed(playground.api.tasks.values()))

    await done.get_by_role("button", name="Follow").click()
    await expect(page.get_by_role("tab", name="Requests")).to_be_focused()
    await expect(page.get_by_role("searchbox")).to_have_value(f"{job}|{task}")
    requests = page.get_by_role("list", name="Requests")
    post = requests.get_by_role("listitem").filter(has_text="POST /v1/videos").filter(has_text="200")
    await post.locator("summary").click()
    await expect(post).to_contain_text('"prompt": "A quiet harbour"')
    await expect(post).to_contain_text(f'"id": "{task}"')
    await expect(requests).not_to_contain_text(failed)
    ledger = await look(page, "Ledger")
    await expect(ledger.get_by_role("rowgroup")).to_have_count(2)  # the head, and the task
    await expect(ledger.get_by_role("rowgroup").last).to_contain_text("success")
    await expect((await look(page, "Log")).get_by_text("The video is in its place")).to_be_visible()

    await look(page, "Jobs")
    await done.get_by_role("button", name="See card").click()
    await expect(behind.card("A quiet harbour")).to_be_focused()


async def test_what_is_read_stays_while_news_come(starting: Playground, open_page: OpenPage):
    """An opened entry keeps its place on the screen, its focus and what is marked in it; the newest are at the top."""
    await starting.bot.kill()
    behind = await Behind.open(await open_page(viewport={"width": 1280, "height": 500}), starting)
    page = behind.page
    log(starting, *({"event": f"Line {number}", "action": "line_read", "why": "because"} for number in range(30)))
    await look(page, "Log")
    entry = page.get_by_role("listitem").filter(has_text="Line 29")
    await entry.locator("summary").press("Enter")
    await expect(entry).to_contain_text('"why": "because"')
    await entry.locator("pre").select_text()
    top = "entry => entry.getBoundingClientRect().top"
    place = await entry.evaluate(top)

    log(starting, {"event": "Just in", "action": "line_read"})
    await expect(page.get_by_text("Just in")).to_be_attached()
    assert await entry.evaluate(top) == pytest.approx(place, abs=1)
    assert "because" in await page.evaluate("() => getSelection().toString()")
    assert await entry.evaluate("entry => entry.contains(document.activeElement)")
    texts = await page.get_by_role("list", name="Log").locator(".what").all_text_contents()
    assert texts[:2] == ["Just in", "Line 29"]


async def test_a_request_shows_that_it_waits_and_how_it_ended(starting: Playground, open_page: OpenPage):
    """Waiting, then its status in the same row with its focus; one that was cut off says so."""
    await starting.bot.kill()
    behind = await Behind.open(await open_page(), starting)
    await look(behind.page, "Requests")
    gate = asyncio.Event()
    starting.api.faults.add("/v1/models", hold=gate)
    asking = asyncio.create_task(ask(starting))
    entry = behind.page.get_by_role("listitem").filter(has_text="/v1/models")
    await expect(entry).to_contain_text("waiting")
    await entry.locator("summary").press("Enter")
    gate.set()
    await asking
    await expect(entry.locator("summary")).to_contain_text("200")
    await expect(entry.locator("summary")).to_be_focused()
    await expect(entry.locator("pre")).to_contain_text('"object": "list"')

    starting.api.faults.add("/v1/models", drop=True, times=2)  # the client asks again, once
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask(starting)
    await expect(entry.first).to_contain_text("cut off")


async def test_long_lists_are_bounded(starting: Playground, open_page: OpenPage):
    """However much happens, the page keeps the latest of it; what an entry holds is drawn once it is opened."""
    await starting.bot.kill()
    behind = await Behind.open(await open_page(), starting)
    log(starting, *({"event": f"Line {number}", "detail": "x" * 100} for number in range(KEPT + 50)))
    for _ in range(5):
        await ask(starting, 50)
        count = min(KEPT, len(starting.api.log) + len(starting.discord.log))
        await expect(behind.page.get_by_role("tab", name="Requests")).to_have_text(f"Requests {count}")

    for tab in ("Log", "Requests"):
        panel = await look(behind.page, tab)
        await expect(behind.page.get_by_role("tab", name=tab)).to_have_text(f"{tab} {KEPT}")
        await expect(panel.locator("li")).to_have_count(KEPT)
        await expect(panel.locator("pre")).to_have_count(0)
    await expect((await look(behind.page, "Log")).locator("li").first).to_contain_text(f"Line {KEPT + 49}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_has_no_scrolling_sideways(starting: Playground, open_page: OpenPage, scheme: str):
    """Neither the page nor a record, whatever is opened in it; and the way back to the messages is there."""
    starting.tempo.speed = 0
    await starting.discord.commands_synced(60)
    await starting.discord.connected(60)
    await (await starting.discord.command("member", "general", "veo", {"prompt": "A quiet harbour"})).answered()
    behind = await Behind.open(await open_page(**ON_A_PHONE, color_scheme=scheme), starting)
    page = behind.page
    await behind.arm(VIDEO, "429")
    await expect(page.get_by_role("rowgroup").filter(has_text="in progress")).to_be_visible()
    log(starting, {"event": "w" * 300, "job": "j" * 80, "detail": "d" * 300, "level": "warning"})
    for tab in TABS:
        panel = await look(page, tab)
        await expect(panel.locator("li, tbody").first).to_be_visible()
        for each in (await panel.locator("summary").all())[:3]:
            await each.click()
        assert await page.evaluate(WITHIN), tab
        assert await page.evaluate(RECORD_WITHIN), tab

    await look(page, "Jobs")
    await page.get_by_role("button", name="See card").click()
    await expect(behind.card("A quiet harbour")).to_be_in_viewport()
    await expect(page.get_by_role("complementary", name="Behind the curtain")).to_be_hidden()


async def test_a_low_window_can_reach_everything(starting: Playground, open_page: OpenPage):
    """The panel scrolls where its levers leave no room for a record."""
    behind = await Behind.open(await open_page(viewport={"width": 360, "height": 420}), starting)
    await behind.page.get_by_role("tabpanel").focus()
    await expect(behind.page.get_by_role("tabpanel")).to_be_in_viewport(ratio=0.9)


async def test_the_keyboard_alone(starting: Playground, open_page: OpenPage):
    """Open, step through levers and records, read an entry, close: the focus is always where it is looked for."""
    await starting.bot.kill()
    page = await open_page()
    keys = page.keyboard
    opener = page.get_by_role("button", name="Behind the curtain")
    await opener.press("Enter")
    await expect(opener).to_have_attribute("aria-expanded", "true")
    await expect(page.get_by_role("complementary", name="Behind the curtain")).to_be_focused()
    await keys.press("Tab")
    await expect(page.locator("summary", has_text="Levers")).to_be_focused()
    await page.get_by_role("tab", name="Jobs").focus()
    for key, name in (("ArrowLeft", "Log"), ("Home", "Jobs"), ("ArrowRight", "Requests"), ("End", "Log")):
        await keys.press(key)
        await expect(page.get_by_role("tab", name=name)).to_be_focused()
        await expect(page.get_by_role("tabpanel", name=name)).to_be_visible()
    log(starting, {"event": "Something happened", "action": "line_read"})
    await expect(page.get_by_text("Something happened")).to_be_visible()
    for _ in range(3):  # the search, the record, its first entry
        await keys.press("Tab")
    await keys.press("Space")
    await expect(page.locator("details[open] summary:focus")).to_contain_text("Something happened")

    await page.get_by_role("searchbox").fill("something else")
    await expect(page.get_by_text("Nothing here has these words.")).to_be_visible()
    await keys.press("Escape")  # the search field's own: it is emptied
    await expect(page.get_by_role("searchbox")).to_have_value("")
    await keys.press("Escape")
    await expect(page.get_by_role("complementary", name="Behind the curtain")).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_the_pace_is_what_was_pressed(starting: Playground, open_page: OpenPage):
    """One pace at a time; the clock of the fake generation has it, and every open page shows it."""
    first, second = [await Behind.open(await open_page(person), starting) for person in ("member", "owner")]
    for name, speed in (("Stopped", 0), ("Real", 1), ("10", 10), ("60", 60)):
        await first.pace(name)
        assert starting.tempo.speed == speed
        await expect(second.lever("Pace", name)).to_have_attribute("aria-pressed", "true")
        pressed = second.page.get_by_role("group", name="Pace").locator("[aria-pressed=true]")
        await expect(pressed).to_contain_text([name])
