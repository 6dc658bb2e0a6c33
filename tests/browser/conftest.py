"""The playground with its real bot, and the system's Chromium with one person at the page.

All of it lives in one event loop, for a browser is started once and used by every test here.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.sandbox.page.playground import Playground
from bot.sandbox.page.serve import page
from bot.sandbox.page.serve import playground as start_playground

PATIENCE = 30.0  # seconds; generous since the machine may be loaded
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
OpenPage = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every test of this folder in the browser's loop, at full speed: what they reach is measured elsewhere."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.unmeasured)
            if pytest_asyncio.is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium, without a window."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine; CI installs one and never skips")
    expect.set_options(timeout=PATIENCE * 1000)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def starting(tmp_path: Path) -> AsyncIterator[Playground]:
    """The playground while its bot starts, for what people do without it; tiny videos, a minute's work in a second."""
    async with start_playground(tmp_path, quality="tiny") as built:
        built.tempo.speed = 60
        yield built


@pytest_asyncio.fixture(loop_scope="session")
async def playground(starting: Playground) -> Playground:
    """The playground with its bot connected."""
    await starting.discord.commands_synced(timeout=2 * PATIENCE)
    await starting.discord.connected(timeout=2 * PATIENCE)
    return starting


@pytest_asyncio.fixture(loop_scope="session")
async def address(starting: Playground) -> AsyncIterator[str]:
    """Where the page is."""
    async with page(starting) as served:
        yield served


@pytest.fixture
def page_errors() -> Iterator[list[str]]:
    """What pages threw or refused to load by their policy; a test that leaves any behind has failed."""
    errors: list[str] = []
    yield errors
    assert errors == []


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, address: str, page_errors: list[str]) -> AsyncIterator[OpenPage]:
    """Pages, each in a context of its own; the opener takes a person's name and the options of a browser's context."""
    contexts = []

    async def open_as(person: str = "member", **options: Any) -> Page:
        context = await browser.new_context(**options)
        contexts.append(context)
        opened = await context.new_page()
        opened.set_default_timeout(PATIENCE * 1000)
        opened.on("pageerror", lambda error: page_errors.append(str(error)))
        opened.on("console", lambda said: page_errors.append(said.text) if is_broken(said) else None)
        await opened.goto(address)
        await opened.get_by_role("radio", name=person.capitalize()).check()
        await expect(opened.locator("#room-name")).not_to_be_empty()
        return opened

    yield open_as
    for context in contexts:
        await context.close()


async def as_bot(playground: Playground, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A request to Discord in the bot's name; what Discord answers."""
    headers = {"Authorization": f"Bot {playground.discord.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, playground.discord.api_url + path, json=body) as answer,
    ):
        assert answer.ok, await answer.text()
        return await answer.json() if answer.status != 204 else {}


def is_broken(said: Any) -> bool:
    """Whether the console tells of an error of the page's own, not of a line that a test has cut."""
    return said.type == "error" and "net::ERR_" not in said.text and "Failed to load resource" not in said.text
