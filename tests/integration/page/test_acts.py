"""What people do on the page reaches the real bot, and comes back."""

import pytest
from aiohttp import FormData

from bot.sandbox.page.rows import jobs
from tests.integration.page.conftest import Browser


async def _at_work(browser: Browser) -> str:
    await browser.play.bot.start()
    await browser.play.discord.commands_synced(60)
    await browser.play.discord.connected(60)
    return str(browser.play.discord.world.channel("general").id)


async def test_a_command_is_typed_killed_and_finished(browser: Browser):
    """The bot is killed while the video is made; after its next start the video is posted, once."""
    general = await _at_work(browser)
    status, offered = await browser.get(f"api/commands?person=member&place={general}")
    assert (status, {each["name"] for each in offered} >= {"veo", "veo31", "jobs"}) == (200, True)
    assert await browser.post("api/speed", {"speed": 0}) == (200, {})

    typed = {"person": "member", "place": general, "name": "veo", "options": {"prompt": "a boat"}}
    assert await browser.post("api/command", typed) == (200, {"modal": None})
    # A bot that is killed before it has noted the answer may not order again by itself: that job is unconfirmed.
    await browser.play.api.wait_for(lambda: [each for each in jobs(browser.play.database) or [] if each["video_id"]])
    assert await browser.post("api/bot", {"do": "kill"}) == (200, {})
    assert browser.play.bot.exit_code == -9
    state = dict(await browser.heard("api/stream?person=owner", "state"))["state"]
    assert state["bot"] == {"running": False, "connected": False, "exit_code": -9}

    rows = dict(await browser.heard("api/curtain", "jobs"))["jobs"]
    assert [row["status"] for row in rows] == ["in_progress"]  # read from the files that the dead one left

    assert await browser.post("api/speed", {"speed": 100}) == (200, {})
    assert await browser.post("api/bot", {"do": "start"}) == (200, {})
    discord = browser.play.discord
    await discord.wait_for(lambda: [each for each in discord.messages("general") if each.videos()], 60)
    heard = dict(await browser.heard("api/curtain", "log"))
    assert [(job["command"], job["video_id"]) for job in heard["jobs"]] == [("veo", *browser.play.api.tasks)]
    assert [task["status"] for task in heard["ledger"]] == ["SUCCESS"]
    posts = [each for each in heard["requests"] if each["service"] == "video" and each["method"] == "POST"]
    assert [(each["path"], each["status"], "a boat" in each["sent"]) for each in posts] == [("/v1/videos", 200, True)]


async def test_a_modal_opens_and_a_file_is_sent(browser: Browser):
    """Autocomplete offers, a file that was picked goes with the command."""
    general = await _at_work(browser)
    form = FormData()
    form.add_field("file", b"no picture at all", filename="cat.png", content_type="image/png")
    async with browser.session.post(browser.address + "api/uploads", data=form, headers=browser.origin) as response:
        picked = await response.json()
    assert {**picked, "upload": ""} == {"upload": "", "filename": "cat.png", "size": 17, "content_type": "image/png"}
    options = {"prompt": "a cat", "image": {"upload": picked["upload"]}}
    typed = {"person": "member", "place": general, "name": "veo", "options": options}
    assert await browser.post("api/command", typed) == (200, {"modal": None})
    discord = browser.play.discord
    await discord.wait_for(lambda: any("Not ordered" in each.text() for each in discord.messages("general", "member")))


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("api/command", {"person": "member"}, 400),
        ("api/command", {"person": "nobody", "place": "1", "name": "veo", "options": {}}, 404),
        ("api/command", {"person": "newcomer", "place": "HERE", "name": "veo", "options": {}}, 409),
        (
            "api/command",
            {"person": "member", "place": "HERE", "name": "veo", "options": {"image": {"upload": "x"}}},
            404,
        ),
        ("api/press", {"person": "member", "message": "1", "custom_id": "x"}, 404),
        ("api/modal", {"person": "member", "call": "1", "values": {}}, 404),
        ("api/command", {"person": "member", "place": "HERE", "name": "", "options": {}}, 409),
        ("api/say", {"person": "member", "place": "HERE", "content": ""}, 409),
        ("api/say", {"person": "member", "place": "HERE", "content": "hi", "uploads": ["long-gone"]}, 404),
        ("api/say", {"person": "member", "place": "HERE", "content": "hi", "uploads": "long-gone"}, 400),
        ("api/say", {"person": "member", "place": "HERE", "content": "hi", "uploads": [{}]}, 404),
        ("api/speed", {"speed": -1}, 400),
        ("api/speed", {"speed": True}, 400),
        ("api/bot", {"do": "dance"}, 400),
        ("api/trouble", {"name": "flood", "on": True}, 404),
        ("api/bot", {"do": ["kill"]}, 400),
        ("api/bot", ["kill"], 400),
    ],
)
async def test_what_cannot_be_done_is_refused_in_a_sentence(browser: Browser, path: str, body: object, status: int):
    """With a status of its own, whatever is missing."""
    if isinstance(body, dict) and body.get("place") == "HERE":
        body = {**body, "place": str(browser.play.discord.world.channel("general").id)}
    code, answer = await browser.post(path, body)
    assert (code, list(answer)) == (status, ["error"])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=note\r\n\r\nab\r\n--x--\r\n"),
        ("application/json", b"{}"),
    ],
)
async def test_what_is_no_file_is_refused(browser: Browser, kind: str, body: bytes):
    """A form with no file, of another shape, or no form at all."""
    headers = browser.origin | {"Content-Type": kind}
    async with browser.session.post(browser.address + "api/uploads", data=body, headers=headers) as response:
        assert (response.status, list(await response.json())) == (400, ["error"])


async def test_json_without_end_is_refused(browser: Browser):
    """Brackets in brackets deeper than the reader goes."""
    headers = browser.origin | {"Content-Type": "application/json"}
    async with browser.session.post(browser.address + "api/say", data=b"[" * 100_000, headers=headers) as response:
        assert (response.status, await response.json()) == (400, {"error": "A JSON object is wanted."})


async def test_the_bot_that_is_dead_does_not_respond(browser: Browser):
    """Discord's own words for it."""
    general = await _at_work(browser)
    await browser.post("api/bot", {"do": "stop"})
    assert browser.play.bot.exit_code == 0
    typed = {"person": "member", "place": general, "name": "veo", "options": {"prompt": "a boat"}}
    assert await browser.post("api/command", typed) == (504, {"error": "The application did not respond"})


async def test_troubles_are_armed_strike_and_are_taken_away(browser: Browser):
    """A lost answer strikes once; what lasts is there until it is switched off."""
    assert await browser.post("api/trouble", {"name": "lost", "on": True}) == (200, {})
    assert await browser.post("api/trouble", {"name": "down", "on": True}) == (200, {})
    state = dict(await browser.heard("api/stream?person=owner", "state"))["state"]
    assert {each["name"] for each in state["troubles"] if each["armed"]} == {"lost", "down"}
    await browser.post("api/trouble", {"name": "down", "on": False})
    state = dict(await browser.heard("api/stream?person=owner", "state"))["state"]
    assert {each["name"] for each in state["troubles"] if each["armed"]} == {"lost"}
