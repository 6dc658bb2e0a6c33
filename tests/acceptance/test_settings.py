"""What settings change about a running bot, seen from outside."""

import json

from bot.sandbox.demo.script import picture
from tests.acceptance.stage import Stage


async def test_what_breaks_the_program_is_a_line_of_json_too(stage: Stage):
    """With LOG_FORMAT=json even the last traceback is one line that a machine can read."""
    stage.discord.faults.add("/users/@me", status=200, body=b"{}", headers={"Content-Type": "application/json"})
    bot = await stage.start_bot(ready=False, LOG_FORMAT="json")
    assert await bot.wait() == 1
    lines = [json.loads(line) for line in (stage.folder / "bot.log").read_text().splitlines()]
    assert lines[-1]["action"] == "program_crashed"
    assert "KeyError" in lines[-1]["exception"]


async def test_links_that_nobody_would_answer_are_not_offered(stage: Stage):
    """PUBLIC_URL with the web server switched off: the service is given Discord's own link."""
    await stage.start_bot(PUBLIC_URL="http://127.0.0.1:9", HTTP_PORT="0")
    card = await stage.type("veo31 image", {"prompt": "a fox", "image": picture("fox", 320, 180, 20)})
    await stage.until(lambda: stage.results(card))
    fields = json.loads(stage.rows()[0]["submission"])["fields"]
    assert fields["image"].startswith(stage.discord.world.cdn.base_url)
