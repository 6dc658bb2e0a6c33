"""How fast Discord lets a bot and its people go, and whom a bot may write to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord as dpy
import pytest
from discord.ext import commands

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.discord_api.clock import Clock
from bot.sandbox.discord_api.errors import ApiError
from bot.sandbox.discord_api.permissions import Permission

Start = Callable[[], Awaitable[None]]
Post = Callable[[str, dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
def clock(discord: DiscordSandbox) -> Clock:
    """The stand-in's time, standing still."""
    discord.clock.stop()
    return discord.clock


async def test_slow_mode_holds_people(discord: DiscordSandbox, clock: Clock):
    """20016 tells the seconds left; of all permissions only BYPASS_SLOWMODE frees from it."""
    discord.slow_down("general", 30)
    await discord.say("member", "general", "one")
    clock.advance(10.5)
    discord.allow("general", Permission.MANAGE_MESSAGES, "member")
    with pytest.raises(ApiError, match="slowmode rate limit") as refusal:
        await discord.say("member", "general", "two")
    assert refusal.value.body == {
        "message": "This action cannot be performed due to slowmode rate limit",
        "code": 20016,
        "retry_after": 19.5,
        "global": False,
    }
    discord.allow("general", Permission.BYPASS_SLOWMODE, "member")
    await discord.say("member", "general", "two")
    discord.deny("general", Permission.BYPASS_SLOWMODE, "member")
    clock.advance(30)
    await discord.say("member", "general", "three")


async def test_slow_mode_spares_bots_unless_it_is_told_to(
    discord: DiscordSandbox, rest: aiohttp.ClientSession, post: Post, clock: Clock
):
    """Discord's slow mode never holds a bot; where the stand-in lets it, the bot gets a 429 with Via and Retry-After."""
    general = discord.world.channel("general").id
    discord.slow_down("general", 30)
    assert [(await post("general", {"content": "x"}))[0] for _ in range(2)] == [200, 200]
    discord.slow_down("general", 30, bots=True)
    clock.advance(9.75)
    async with rest.post(f"channels/{general}/messages", json={"content": "x"}) as response:
        body = await response.json()
        assert (response.status, body["code"], body["retry_after"]) == (429, 20016, 20.25)
        assert (response.headers["Retry-After"], response.headers["Via"]) == ("21", "1.1 sandbox")
    discord.allow("general", Permission.BYPASS_SLOWMODE)
    assert (await post("general", {"content": "x"}))[0] == 200


async def test_discord_py_waits_out_slow_mode(discord: DiscordSandbox, bot: commands.Bot, start: Start, clock: Clock):
    """The refusal reaches it as a rate limit, which it raises when it was told not to wait that long."""
    await start()
    bot.http.max_ratelimit_timeout = 30.0
    channel = bot.get_partial_messageable(discord.world.channel("general").id)
    await channel.send("one")
    discord.slow_down("general", 600, bots=True)
    clock.advance(60)
    with pytest.raises(dpy.RateLimited) as refusal:
        await channel.send("two")
    assert refusal.value.retry_after == 540


async def test_edits_of_old_messages_are_counted(
    discord: DiscordSandbox, rest: aiohttp.ClientSession, post: Post, clock: Clock
):
    """Three in six seconds a channel for messages older than an hour; younger ones are free."""
    general = discord.world.channel("general").id
    discord.limit_old_edits()
    ids = [(await post("general", {"content": "x"}))[1]["id"] for _ in range(2)]

    async def edit(number: int) -> tuple[int, dict[str, Any]]:
        async with rest.patch(f"channels/{general}/messages/{ids[number]}", json={"content": "y"}) as response:
            return response.status, await response.json()

    assert [(await edit(0))[0] for _ in range(5)] == [200] * 5
    clock.advance(3601)
    assert [(await edit(number))[0] for number in (0, 1, 0)] == [200] * 3
    clock.advance(2)
    assert await edit(1) == (
        429,
        {
            "message": "Maximum number of edits to messages older than 1 hour reached. Try again later",
            "code": 30046,
            "retry_after": 4.0,
            "global": False,
        },
    )
    clock.advance(4)
    assert (await edit(1))[0] == 200


async def test_direct_messages_may_be_opened_too_fast(discord: DiscordSandbox, rest: aiohttp.ClientSession):
    """Only new ones count: 403 with 40003 once none are left."""
    discord.limit_dms(1)

    async def reach(name: str) -> tuple[int, int | None]:
        recipient = {"recipient_id": str(discord.world.user(name).id)}
        async with rest.post("users/@me/channels", json=recipient) as response:
            return response.status, (await response.json()).get("code")

    assert [await reach(name) for name in ("member", "member", "owner", "member")] == [
        (200, None),
        (200, None),
        (403, 40003),
        (200, None),
    ]


async def test_without_a_server_in_common_there_is_no_dm(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """50278, unless the app is on the person's account; closed DMs are 50007 all the same."""
    await start()
    discord.remove_bot("studio")
    newcomer = discord.world.user("newcomer")
    user = await bot.fetch_user(newcomer.id)
    with pytest.raises(dpy.Forbidden, match="no mutual guilds") as refusal:
        await user.send("your video")
    assert refusal.value.code == 50278
    newcomer.installed = True
    await user.send("your video")
    newcomer.dms_open = False
    with pytest.raises(dpy.Forbidden) as refusal:
        await user.send("again")
    assert refusal.value.code == 50007


async def test_a_rate_limit_is_waited_out(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """discord.py takes the 429 for Discord's own, sleeps as it says and posts once."""
    await start()
    fault = discord.rate_limit(r"/channels/\d+/messages$", method="POST", retry_after=0.02)
    await bot.get_partial_messageable(discord.world.channel("general").id).send("x")
    assert fault.hits == 1
    posts = [entry.status for entry in discord.log if entry.path.endswith("/messages")]
    assert posts == [429, 200]
    assert [each.text() for each in discord.messages("general")] == ["x"]
