"""What Discord refuses: each request, with the status and the whole body of the answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord as dpy
import pytest
from discord.ext import commands

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.discord_api.permissions import Permission

Start = Callable[[], Awaitable[None]]
Post = Callable[[str, dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]


def form(path: str, code: str, message: str) -> dict[str, Any]:
    """The body of a 50035 with one thing wrong, at a path such as "flags"."""
    tree: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for step in reversed(path.split(".")):
        tree = {step: tree}
    return {"message": "Invalid Form Body", "code": 50035, "errors": tree}


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "users/1", 404, {"message": "Unknown User", "code": 10013}),
        ("GET", "guilds/1", 404, {"message": "Unknown Guild", "code": 10004}),
        ("GET", "nowhere", 404, {"message": "404: Not Found", "code": 0}),
        ("PUT", "users/@me", 405, {"message": "405: Method Not Allowed", "code": 0}),
        (
            "GET",
            "applications/1/commands",
            403,
            {"message": "You are not authorized to perform this action on this application", "code": 20012},
        ),
        ("POST", "interactions/1/token/callback", 404, {"message": "Unknown interaction", "code": 10062}),
        ("POST", "webhooks/{bot}/token", 404, {"message": "Unknown Webhook", "code": 10015}),
        (
            "GET",
            "channels/{general}/messages?limit=0",
            400,
            form("limit", "NUMBER_TYPE_MIN", "int value should be greater than or equal to 1."),
        ),
        (
            "GET",
            "channels/{general}/messages?limit=101",
            400,
            form("limit", "NUMBER_TYPE_MAX", "int value should be less than or equal to 100."),
        ),
        (
            "GET",
            "channels/{general}/messages?limit=x",
            400,
            form("limit", "NUMBER_TYPE_COERCE", 'Value "x" is not int.'),
        ),
    ],
)
async def test_a_request_is_refused(
    discord: DiscordSandbox, rest: aiohttp.ClientSession, method: str, path: str, status: int, body: dict[str, Any]
):
    """The status and the code are Discord's, for what is unknown, not the bot's, or against the rules."""
    filled = path.format(bot=discord.world.bot.id, general=discord.world.channel("general").id)
    async with rest.request(method, filled) as response:
        assert (response.status, await response.json()) == (status, body)


@pytest.mark.parametrize("recipient", ["1", "{bot}"])
async def test_a_dm_is_opened_with_people(discord: DiscordSandbox, rest: aiohttp.ClientSession, recipient: str):
    """Neither with somebody unknown nor with a bot: 10013."""
    asked = {"recipient_id": recipient.format(bot=discord.world.bot.id)}
    async with rest.post("users/@me/channels", json=asked) as response:
        assert (response.status, await response.json()) == (404, {"message": "Unknown User", "code": 10013})


async def test_broken_json_is_told_apart(discord: DiscordSandbox, rest: aiohttp.ClientSession):
    """50109, in a body as in a form's `payload_json`."""
    path = f"channels/{discord.world.channel('general').id}/messages"
    headers = {"Content-Type": "application/json"}
    refused = {"message": "The request body contains invalid JSON.", "code": 50109}
    async with rest.post(path, data=b"{", headers=headers) as response:
        assert (response.status, await response.json()) == (400, refused)
    async with rest.post(path, data=aiohttp.FormData({"payload_json": "{"}, default_to_multipart=True)) as response:
        assert (response.status, await response.json()) == (400, refused)
    assert discord.messages("general") == []


async def test_a_forms_other_parts_are_left_alone(discord: DiscordSandbox, rest: aiohttp.ClientSession):
    """Only `payload_json` and `files[n]` with a name count."""
    form = aiohttp.FormData({"payload_json": '{"content": "x"}', "colour": "red", "files[0]": "no file"})
    form.add_field("file", b"x", filename="stray.png")
    async with rest.post(f"channels/{discord.world.channel('general').id}/messages", data=form) as response:
        body = await response.json()
    assert (response.status, body["content"], body["attachments"]) == (200, "x", [])


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        (
            {"content": "x", "attachments": [{"id": 3}]},
            form("attachments.0", "ATTACHMENT_NOT_FOUND", "Unknown attachment 3"),
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users", "people"]}},
            form("allowed_mentions.parse.1", "BASE_TYPE_CHOICES", "Value must be one of (roles, users, everyone)."),
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            form(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                'parse:["users"] and users: [ids...] are mutually exclusive.',
            ),
        ),
    ],
)
async def test_a_message_is_refused(discord: DiscordSandbox, post: Post, sent: dict[str, Any], refused: dict[str, Any]):
    """A file that did not come, and mentions allowed in two ways at once; nothing is posted."""
    assert await post("general", sent) == (400, refused)
    assert discord.messages("general") == []


async def test_mentions_are_allowed_by_kind(discord: DiscordSandbox, post: Post):
    """`parse` lets all of a kind ping; what it does not name stays text."""
    member = discord.world.user("member")
    status, body = await post(
        "general", {"content": f"{member.mention} @everyone", "allowed_mentions": {"parse": ["users"]}}
    )
    assert (status, [each["id"] for each in body["mentions"]], body["mention_everyone"]) == (
        200,
        [str(member.id)],
        False,
    )


async def test_a_reply_takes_the_permission_to_read(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """160002 where the bot may not look back."""
    await start()
    said = await discord.say("owner", "general", "hello")
    discord.deny("general", Permission.READ_MESSAGE_HISTORY)
    reference = dpy.MessageReference(message_id=said.id, channel_id=said.channel.id)
    with pytest.raises(dpy.HTTPException) as refusal:
        await bot.get_partial_messageable(said.channel.id).send("hi", reference=reference)
    assert (refusal.value.status, refusal.value.code) == (400, 160002)


async def test_others_messages_are_not_the_bots_to_edit(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """50005, and the message stays as it is."""
    await start()
    said = await discord.say("owner", "general", "hello")
    channel = bot.get_partial_messageable(said.channel.id)
    with pytest.raises(dpy.Forbidden) as refusal:
        await channel.get_partial_message(said.id).edit(content="bye")
    assert (refusal.value.code, said.content, said.edits) == (50005, "hello", [])


async def test_without_a_nonce_every_post_counts(discord: DiscordSandbox, post: Post):
    """`enforce_nonce` finds nothing where there is no nonce to find it by."""
    first = await post("general", {"content": "x", "enforce_nonce": True})
    second = await post("general", {"content": "x", "enforce_nonce": True})
    assert [first[0], second[0]] == [200, 200]
    assert [str(each.id) for each in discord.messages("general")] == [first[1]["id"], second[1]["id"]]


async def test_an_answer_belongs_to_its_interaction(
    discord: DiscordSandbox, bot: commands.Bot, start: Start, rest: aiohttp.ClientSession
):
    """Its kind must suit what was done; its token edits its own messages alone; gone, it is no longer replied to."""
    await start()

    @bot.tree.command(description="Make a video.")
    async def veo(_: dpy.Interaction) -> None:
        """Let the test answer."""

    await bot.tree.sync()
    call = await discord.command("member", "general", "veo")
    path = f"interactions/{call.id}/{call.token}/callback"
    async with rest.post(path, json={"type": 7, "data": {"content": "x"}}) as response:
        refused = form("type", "BASE_TYPE_CHOICES", "Value must be one of {4, 5, 9}.")
        assert (response.status, await response.json()) == (400, refused)
    async with rest.post(path, json={"type": 4, "data": {"content": "x"}}) as response:
        assert response.status == 204
    said = await discord.say("owner", "general", "hello")
    webhook = f"webhooks/{discord.world.bot.id}/{call.token}"
    async with rest.patch(f"{webhook}/messages/{said.id}", json={"content": "bye"}) as response:
        assert (response.status, await response.json()) == (404, {"message": "Unknown Message", "code": 10008})
    assert call.response is not None
    discord.delete(call.response)
    async with rest.get(f"{webhook}/messages/@original") as response:
        assert (response.status, (await response.json())["code"]) == (404, 10008)
    async with rest.post(webhook, json={"content": "still here"}) as response:
        body = await response.json()
    assert (body["content"], body["type"], body.get("message_reference")) == ("still here", 0, None)


async def test_what_does_not_come_true_says_what_was_asked_last(discord: DiscordSandbox, rest: aiohttp.ClientSession):
    """A test that waits in vain is told what it waited for, and the last requests."""
    async with rest.get("users/@me") as response:
        assert response.status == 200
    words = "rain did not come true in 0.01 s; last requests: ['GET /users/@me 200']"
    with pytest.raises(TimeoutError, match=re.escape(words)):
        await discord.wait_for(lambda: False, 0.01, "rain")
