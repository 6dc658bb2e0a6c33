"""What the side panel is told: everything that happens, no secret in it, and never more than the latest."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from typing import Any

from PIL import Image

from bot.sandbox.discord_api import Upload
from bot.sandbox.page.exchanges import SHOWN
from bot.sandbox.page.rows import jobs
from tests.integration.page.conftest import Browser


async def _told(browser: Browser) -> dict[str, Any]:
    """What a panel is told that opens now."""
    return dict(await browser.heard("api/curtain", "log"))


async def _asked(browser: Browser, times: int) -> None:
    """Requests to the video service, with its key."""
    key = {"Authorization": f"Bearer {browser.play.api.key}"}
    for _ in range(times):
        async with browser.session.get(f"{browser.play.api.url}/v1/models", headers=key) as answer:
            assert answer.status == 200


def _picture() -> Upload:
    data = io.BytesIO()
    Image.effect_noise((640, 360), 80).save(data, "PNG")
    return Upload("noise.png", data.getvalue(), "image/png")


async def test_it_tells_everything_of_a_job_and_no_secret(browser: Browser):
    """A video from order to delivery: requests and answers are whole JSON, and neither key nor token is in any of it."""
    play = browser.play
    await play.bot.start()
    await play.discord.commands_synced(60)
    await play.discord.connected(60)
    options = {"prompt": "a boat", "image": _picture()}
    call = await (await play.discord.command("member", "general", "veo", options)).answered()
    await play.discord.wait_for(lambda: call.response and "Done" in call.response.text(), 60)

    told = await _told(browser)
    said = json.dumps(told, ensure_ascii=False)
    assert [secret for secret in (play.discord.token, play.api.key, call.token) if secret in said] == []
    (post,) = (each for each in told["requests"] if each["method"] == "POST" and each["path"] == "/v1/videos")
    picture = json.loads(post["sent"])["input_reference"]
    assert picture.startswith("data:image/png;base64,")
    assert picture.endswith(" characters)")
    assert json.loads(post["answer"])["id"] in play.api.tasks
    callbacks = [each["path"] for each in told["requests"] if "/callback" in each["path"]]
    assert [each.partition("?")[0] for each in callbacks] == [f"/interactions/{call.id}/•••/callback"]
    (posted,) = (each for each in told["requests"] if each["path"].endswith("/messages"))
    assert (posted["service"], posted["status"], posted["cut"]) == ("discord", 200, False)
    assert json.loads(posted["sent"])["files"][0]["filename"].endswith(".mp4")
    assert [each["task"] for each in told["requests"] if "/files/" in each["path"]] == list(play.api.tasks)
    (job,) = told["jobs"]
    assert call.response is not None
    assert (job["status"], job["place"], job["card"]) == ("completed", str(call.channel.id), str(call.response.id))
    assert job["polls"] > 0


async def test_only_what_is_new_comes_and_old_things_are_forgotten(browser: Browser):
    """Of many requests the latest are told, each once; a line that was there in part is left out."""
    browser.play.bot.log.write_text("x" * 70_000 + '\n{"event": "Started"}\nno JSON\n')
    await _asked(browser, SHOWN + 20)
    told = list[tuple[str, Any]]()
    async with asyncio.timeout(30):
        async for name, data in browser.events("api/curtain"):
            told.append((name, data))
            if name == "log":
                await _asked(browser, 1)
            if name == "requests" and len(told) == 5:
                break
    assert [name for name, _ in told] == ["hello", "ledger", "requests", "log", "requests"]
    requests = [[each["n"] for each in data] for name, data in told if name == "requests"]
    assert requests == [[f"video-{n}" for n in range(20, SHOWN + 20)], [f"video-{SHOWN + 20}"]]
    assert [data for name, data in told if name == "log"] == [[{"event": "Started"}, {"event": "no JSON"}]]


async def test_rows_that_cannot_be_read_stay_as_they_were(browser: Browser):
    """A database that is locked or gone is no empty table."""
    database = browser.play.database
    assert jobs(database) is None
    with sqlite3.connect(database) as other:
        assert jobs(database) is None
        other.execute("CREATE TABLE jobs (id)")
    other.close()
    assert jobs(database) is None


async def test_troubles_beside_each_other(browser: Browser):
    """One that waits for an order strikes though another one lasts; switched off, neither is there."""
    for name in ("slow", "busy", "big", "down"):
        assert await browser.post("api/trouble", {"name": name, "on": True}) == (200, {})
    assert await browser.post("api/trouble", {"name": "down", "on": False}) == (200, {})
    key = {"Authorization": f"Bearer {browser.play.api.key}"}
    body = {"model": "veo_3_1", "prompt": "a boat", "seconds": "4"}
    async with browser.session.post(f"{browser.play.api.url}/v1/videos", json=body, headers=key) as answer:
        assert answer.status == 429

    assert await browser.post("api/trouble", {"name": "slow", "on": False}) == (200, {})
    state = dict(await browser.heard("api/stream?person=owner", "state"))["state"]
    shown = {each["name"]: (each["armed"], each["hits"]) for each in state["troubles"]}
    assert (shown["slow"], shown["busy"], shown["big"], shown["down"]) == (
        (False, 0),
        (False, 1),
        (True, 0),
        (False, 0),
    )
    async with browser.session.post(f"{browser.play.api.url}/v1/videos", json=body, headers=key) as answer:
        assert answer.status == 200
    assert list(browser.play.api.upcoming) == []
