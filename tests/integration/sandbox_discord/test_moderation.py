"""AutoMod, rights that are taken away, and who is told of a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord as dpy
import pytest
from discord import app_commands
from discord.ext import commands

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.discord_api.permissions import EVERYTHING, ORDINARY, Permission

Start = Callable[[], Awaitable[None]]
Post = Callable[[str, dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]
BLOCKED = {"message": "Message was blocked by automatic moderation", "code": 200000}


def content(text: str) -> dict[str, Any]:
    """A message of text alone."""
    return {"content": text}


def card(text: str) -> dict[str, Any]:
    """A message of components with that text."""
    return {"flags": 1 << 15, "components": [{"type": 17, "components": [{"type": 10, "content": text}]}]}


@pytest.mark.parametrize("make", [content, card])
async def test_automod_blocks_words_in_posts_and_edits(
    discord: DiscordSandbox, rest: aiohttp.ClientSession, post: Post, make: Callable[[str], dict[str, Any]]
):
    """Whole words, in any case, in the content or a text display; nothing is posted or changed."""
    discord.block_words("studio", "stoat", "weasel")
    general = discord.world.channel("general").id
    body = make("a Weasel!")
    assert await post("general", body) == (400, BLOCKED)
    status, made = await post("general", make("weaselly"))
    async with rest.patch(f"channels/{general}/messages/{made['id']}", json=body) as response:
        assert (status, response.status, await response.json()) == (200, 400, BLOCKED)
    assert [each.text() for each in discord.messages("general")] == ["weaselly"]
    discord.change_everyone("studio", int(ORDINARY | Permission.MANAGE_GUILD))
    assert (await post("general", body))[0] == 200


async def test_automod_judges_who_brought_the_app(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Without the bot in the server, a blocked answer is for the person alone and a blocked edit is refused."""
    codes: list[int] = []

    @bot.tree.command(description="Make a video.")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def veo(interaction: dpy.Interaction, word: str) -> None:
        await interaction.response.send_message(word)
        try:
            await interaction.edit_original_response(content="weasel")
        except dpy.HTTPException as refusal:
            codes.append(refusal.code)

    await start()
    discord.block_words("elsewhere", "weasel")
    calls = [await discord.command(who, "lounge", "veo", {"word": word}) for who, word in WORDS]
    await discord.wait_for(lambda: all(call.response and call.response.text() == "weasel" for call in calls[1:]))
    await discord.wait_for(lambda: codes)
    assert codes == [200000]
    assert [call.ephemeral for call in calls] == [False, True, False]


WORDS = (("member", "fox"), ("member", "weasel"), ("owner", "weasel"))


async def test_the_bot_hears_of_rights_it_loses(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Overwrites and roles change at run time, for the routes and in discord.py's cache."""
    await start()
    guild = bot.get_guild(discord.world.guild("studio").id)
    assert guild is not None
    channel = guild.text_channels[0]
    discord.deny("general", Permission.ATTACH_FILES | Permission.SEND_MESSAGES)
    discord.allow("general", Permission.SEND_MESSAGES)
    await discord.wait_for(lambda: not channel.permissions_for(guild.me).attach_files)
    assert channel.permissions_for(guild.me).send_messages
    await channel.send("x")
    discord.change_everyone("studio", int(Permission.VIEW_CHANNEL))
    discord.deny("general", EVERYTHING & ~Permission.VIEW_CHANNEL)
    await discord.wait_for(lambda: not guild.default_role.permissions.send_messages)
    with pytest.raises(dpy.Forbidden) as refusal:
        await channel.send("x")
    assert refusal.value.code == 50013
    discord.deny("general", Permission.VIEW_CHANNEL)
    with pytest.raises(dpy.Forbidden) as refusal:
        await channel.send("x")
    assert refusal.value.code == 50001


async def test_a_followup_pings_and_an_edit_does_not(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Who is told of a message is settled when it is posted; a silent message tells nobody."""
    member = discord.world.user("member")

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("working")
        await interaction.edit_original_response(content=f"{member.mention} done")
        await interaction.followup.send(f"{member.mention} here")
        await interaction.followup.send(f"{member.mention} quietly", silent=True)

    await start()
    await discord.command("member", "general", "veo")
    said = await discord.wait_for(lambda: discord.messages("general")[2:] and discord.messages("general"))
    assert [each.mentions for each in said] == [[member]] * 3
    assert [each.pinged for each in said] == [[], [member], []]
