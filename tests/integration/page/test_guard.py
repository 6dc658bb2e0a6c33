"""The page answers the browser of this machine and no other site in it."""

import pytest
from aiohttp import WSServerHandshakeError

from tests.integration.page.conftest import Browser

OTHER_SITE = [
    {"Host": "reelcord.example"},
    {"Host": "127.0.0.1"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", OTHER_SITE)
@pytest.mark.parametrize(
    "path", ["api/commands?person=owner", "api/stream?person=owner", "api/curtain", "static/dom.js"]
)
async def test_another_site_is_refused(browser: Browser, path: str, headers: dict[str, str]):
    """By its name, its origin or what the browser says of it; nothing is told."""
    async with browser.session.get(browser.address + path, headers=headers) as response:
        assert response.status == 403
        assert list(await response.json()) == ["error"]


@pytest.mark.parametrize("path", ["api/stream?person=owner", "api/curtain"])
async def test_another_site_cannot_listen(browser: Browser, path: str):
    """A WebSocket may go to any site, and no browser asks first: its Origin tells."""
    with pytest.raises(WSServerHandshakeError) as refused:
        await browser.session.ws_connect(browser.address + path, headers={"Origin": "https://evil.example"})
    assert refused.value.status == 403


@pytest.mark.parametrize("headers", [*OTHER_SITE, {}])
async def test_another_site_cannot_kill_the_bot(browser: Browser, headers: dict[str, str]):
    """Nor can a request that does not say where it comes from."""
    await browser.play.bot.start()
    async with browser.session.post(browser.address + "api/bot", json={"do": "kill"}, headers=headers) as response:
        assert response.status == 403
    assert browser.play.bot.running


async def test_a_form_of_another_kind_is_refused(browser: Browser):
    """A body that is not called JSON could come from a form of another site."""
    headers = browser.origin | {"Content-Type": "text/plain"}
    async with browser.session.post(browser.address + "api/bot", data='{"do": "start"}', headers=headers) as response:
        assert response.status == 415
    assert not browser.play.bot.running


async def test_a_link_to_the_page_may_be_followed(browser: Browser):
    """From another site too: the page itself does nothing."""
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with browser.session.get(browser.address, headers=headers) as response:
        assert response.status == 200
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


async def test_what_is_not_there_is_a_404(browser: Browser):
    """With the same headers as everything else."""
    async with browser.session.get(browser.address + "api/nothing") as response:
        assert response.status == 404
        assert response.headers["X-Content-Type-Options"] == "nosniff"
