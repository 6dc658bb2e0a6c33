"""Files that a message names by a link, by a name, and by a range of their bytes."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord as dpy
import pytest
from discord.ext import commands

from bot.sandbox.discord_api import DiscordSandbox, Upload

Start = Callable[[], Awaitable[None]]
Post = Callable[[str, dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]


def gallery(url: str) -> dict[str, Any]:
    """A Components V2 message that shows one medium."""
    return {"flags": 1 << 15, "components": [{"type": 12, "items": [{"media": {"url": url}}]}]}


async def test_a_link_elsewhere_is_shown_as_it_is(discord: DiscordSandbox, post: Post):
    """A gallery may show what is not attached; it is no file of the message, and nothing is known of it."""
    url = "https://cdn.example/cat.mp4"
    status, body = await post("general", gallery(url))
    (message,) = discord.messages("general")
    assert status == 200
    assert body["components"][0]["items"][0]["media"] == {
        "id": str(message.id),
        "url": url,
        "proxy_url": url,
        "width": None,
        "height": None,
        "loading_state": 2,
        "flags": 0,
    }
    assert (message.files(), message.videos()) == ([], [])


async def test_an_edit_shows_a_kept_file_by_its_old_link(
    discord: DiscordSandbox, bot: commands.Bot, start: Start, rest: aiohttp.ClientSession
):
    """What was attached before is found again by its link, dead or alive, among the others."""
    await start()
    channel = discord.world.channel("general")
    files = [dpy.File(io.BytesIO(name.encode()), f"{name}.mp4") for name in ("one", "two")]
    sent = await bot.get_partial_messageable(channel.id).send("x", files=files)
    old = sent.attachments[1].url
    discord.advance(25 * 3600)
    kept = [{"id": str(each.id)} for each in sent.attachments]
    edit = gallery(old) | {"content": "", "attachments": kept}
    async with rest.patch(f"channels/{channel.id}/messages/{sent.id}", json=edit) as response:
        media = (await response.json())["components"][0]["items"][0]["media"]
    assert (media["attachment_id"], media["content_type"]) == (str(sent.attachments[1].id), "video/mp4")
    assert media["url"] != old
    assert await bot.http.get_from_cdn(media["url"]) == b"two"


async def test_a_plain_message_shows_its_embeds_and_alternative_texts(
    discord: DiscordSandbox, bot: commands.Bot, start: Start
):
    """An embed comes back as a rich one, a file with the words that describe it; an edit takes the embeds away."""
    await start()
    channel = bot.get_partial_messageable(discord.world.channel("general").id)
    file = dpy.File(io.BytesIO(b"x"), "cat.mp4", description="a cat")
    sent = await channel.send(embed=dpy.Embed(title="Done", description="in 9 s"), file=file)
    assert [each.to_dict() for each in sent.embeds] == [
        {"type": "rich", "title": "Done", "description": "in 9 s", "flags": 0}
    ]
    assert [each.description for each in sent.attachments] == ["a cat"]
    edited = await sent.edit(embeds=[])
    assert (edited.embeds, len(edited.attachments)) == ([], 1)


@pytest.mark.parametrize("asked", ["bytes=5-2", "pages=1-2"])
async def test_a_senseless_range_is_refused(discord: DiscordSandbox, bot: commands.Bot, start: Start, asked: str):
    """416, with the length that there is."""
    await start()
    channel = bot.get_partial_messageable(discord.world.channel("general").id)
    sent = await channel.send(file=dpy.File(io.BytesIO(b"0123456789"), "cat.mp4"))
    link, headers = sent.attachments[0].url, {"Range": asked}
    async with aiohttp.ClientSession() as web, web.get(link, headers=headers) as response:
        assert (response.status, response.headers["Content-Range"]) == (416, "bytes */10")


async def test_a_file_that_is_opened_runs_no_script(discord: DiscordSandbox, rest: aiohttp.ClientSession):
    """Whatever a person has posted: it is what it calls itself, and nobody's page."""
    said = await discord.say("member", "general", "Look", [Upload("page.html", b"<script>1</script>", "text/html")])
    async with rest.get(said.attachments[0].file.url) as response:
        told = {name: response.headers.get(name) for name in ("X-Content-Type-Options", "Content-Security-Policy")}
    assert told == {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox allow-same-origin"}
