"""Threads that are archived or locked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
import discord as dpy
import pytest
from discord import app_commands
from discord.ext import commands

from bot.sandbox.discord_api import Channel, DiscordSandbox
from bot.sandbox.discord_api.permissions import Permission
from bot.sandbox.discord_api.places import PUBLIC_THREAD

Start = Callable[[], Awaitable[None]]


def thread(discord: DiscordSandbox, bot: commands.Bot) -> dpy.PartialMessageable:
    """The thread, as the bot addresses it."""
    return bot.get_partial_messageable(discord.world.channel("trailer").id)


async def refused(attempt: Awaitable[object]) -> tuple[int, int]:
    """The status and the code that an attempt is refused with."""
    with pytest.raises(dpy.HTTPException) as refusal:
        await attempt
    return refusal.value.status, refusal.value.code


async def test_a_message_wakes_an_archived_thread(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """discord.py forgets it when it is archived, and hears of it again when the post un-archives it."""
    await start()
    state, cached = discord.world.channel("trailer"), bot.get_guild(discord.world.guild("studio").id)
    assert cached is not None
    discord.archive("trailer")
    await discord.wait_for(lambda: cached.get_thread(state.id) is None)
    with pytest.raises(dpy.HTTPException):
        await thread(discord, bot).send("x" * 2001)
    assert state.archived
    await thread(discord, bot).send("done")
    assert (state.archived, [each.text() for each in discord.messages("trailer")]) == (False, ["done"])
    await discord.wait_for(lambda: cached.get_thread(state.id))


async def test_an_archived_thread_is_not_synced(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """GUILD_CREATE brings active threads alone; the others can be fetched."""
    discord.archive("trailer", locked=True)
    await start()
    guild = bot.get_guild(discord.world.guild("studio").id)
    assert guild is not None
    assert [each.name for each in guild.threads] == ["first-cut", "casting"]
    fetched = await bot.fetch_channel(discord.world.channel("trailer").id)
    assert isinstance(fetched, dpy.Thread)
    assert (fetched.archived, fetched.locked) == (True, True)


async def test_an_edit_needs_an_awake_thread(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """50083 until the bot has un-archived it, which takes no more than the right to post."""
    await start()
    message = await thread(discord, bot).send("working")
    discord.archive("trailer")
    assert await refused(message.edit(content="done")) == (400, 50083)
    fetched = await bot.fetch_channel(discord.world.channel("trailer").id)
    assert isinstance(fetched, dpy.Thread)
    assert not (await fetched.edit(archived=False)).archived
    await message.edit(content="done")
    assert [each.text() for each in discord.messages("trailer")] == ["done"]


async def test_a_locked_thread_wants_who_manages_threads(
    discord: DiscordSandbox, bot: commands.Bot, start: Start, rest: aiohttp.ClientSession
):
    """Closed and locked it takes neither post nor edit nor waking; with MANAGE_THREADS it does."""
    await start()
    message = await thread(discord, bot).send("working")
    discord.archive("trailer", locked=True)
    assert await refused(thread(discord, bot).send("done")) == (403, 50083)
    assert await refused(message.edit(content="done")) == (400, 50083)
    path = f"channels/{discord.world.channel('trailer').id}"
    async with rest.patch(path, json={"archived": False}) as response:
        assert (response.status, (await response.json())["code"]) == (403, 50013)
    discord.allow("general", Permission.MANAGE_THREADS)
    async with rest.patch(path, json={"archived": False}) as response:
        assert (await response.json())["thread_metadata"]["archived"] is False
    await message.edit(content="done")
    discord.archive("trailer", locked=True)
    await thread(discord, bot).send("posted")
    assert [each.text() for each in discord.messages("trailer")] == ["done", "posted"]


async def test_a_thread_may_be_locked_and_open(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Then it is 160005, for posts and edits; unlocked, both work again."""
    await start()
    message = await thread(discord, bot).send("working")
    discord.lock("trailer")
    assert await refused(thread(discord, bot).send("done")) == (403, 160005)
    assert await refused(message.edit(content="done")) == (403, 160005)
    discord.reopen("trailer")
    await message.edit(content="done")
    assert [each.text() for each in discord.messages("trailer")] == ["done"]


@pytest.mark.parametrize(("guild", "code"), [("studio", 50083), ("elsewhere", 50001)])
async def test_a_thread_locked_before_the_answer(
    discord: DiscordSandbox, bot: commands.Bot, start: Start, guild: str, code: int
):
    """Neither the waiting message nor a followup gets through any more; where the bot is not, it is 50001."""
    held: list[dpy.Interaction] = []
    home = discord.world.guild(guild)
    parent = next(each for each in discord.world.channels.values() if each.guild is home)
    attic = Channel(id=discord.world.new_id(), name="attic", type=PUBLIC_THREAD, guild=home, parent=parent)
    discord.world.channels[attic.id] = attic

    @bot.tree.command(description="Make a video.")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def veo(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("working")
        held.append(interaction)

    await start()
    await discord.command("member", attic, "veo")
    (interaction,) = await discord.wait_for(lambda: held)
    discord.archive(attic, locked=True)
    assert await refused(interaction.edit_original_response(content="done")) == (400, 50083)
    assert await refused(interaction.followup.send("done")) == (403, code)


@pytest.mark.parametrize(
    ("channel", "archived", "body", "status", "code"),
    [
        ("trailer", True, {"archived": False, "locked": True}, 403, 50013),
        ("trailer", True, {"archived": "no"}, 400, 50035),
        ("trailer", False, {"archived": True}, 403, 50013),
        ("general", False, {"archived": False}, 403, 50013),
        ("backstage", False, {"archived": False}, 403, 50001),
    ],
)
async def test_changes_that_are_not_the_bots(
    discord: DiscordSandbox,
    rest: aiohttp.ClientSession,
    channel: str,
    archived: bool,
    body: dict[str, object],
    status: int,
    code: int,
):
    """All but waking an unlocked thread takes MANAGE_THREADS, and other channels have no such state."""
    place = discord.world.channel(channel)
    place.archived = archived
    async with rest.patch(f"channels/{place.id}", json=body) as response:
        assert (response.status, (await response.json())["code"]) == (status, code)
    assert (place.archived, place.locked) == (archived, False)


async def test_a_thread_that_stays_archived_takes_no_change(discord: DiscordSandbox, rest: aiohttp.ClientSession):
    """It must be woken by the same request, even by who manages threads."""
    discord.archive("trailer")
    discord.allow("general", Permission.MANAGE_THREADS)
    place = discord.world.channel("trailer")
    async with rest.patch(f"channels/{place.id}", json={"locked": True}) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50083)
    async with rest.patch(f"channels/{place.id}", json={"archived": False, "locked": True}) as response:
        assert response.status == 200
    assert (place.archived, place.locked) == (False, True)
