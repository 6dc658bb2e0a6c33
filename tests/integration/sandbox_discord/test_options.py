"""Options and targets that are people, roles and channels, as discord.py resolves them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord as dpy
import pytest
from discord import app_commands
from discord.ext import commands

from bot.sandbox.discord_api import CommandRejected, DiscordSandbox

Start = Callable[[], Awaitable[None]]


async def test_roles_channels_and_people_are_resolved(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Each arrives as discord.py's own object; a mentionable may be either a person or a role."""
    seen: list[object] = []

    @bot.tree.command(description="Give.")
    async def give(
        interaction: dpy.Interaction,
        role: dpy.Role,
        channel: app_commands.AppCommandChannel,
        who: dpy.User | dpy.Role,
        also: dpy.User | dpy.Role,
    ) -> None:
        seen.extend([(type(each), each.id, each.name) for each in (role, channel, who, also)])
        await interaction.response.send_message("given")

    await start()
    studio, world = discord.world.guild("studio"), discord.world
    role = next(each for each in studio.roles.values() if each.mentionable)
    owner, general = world.user("owner"), world.channel("general")
    options = {"role": role, "channel": general, "who": owner, "also": role}
    await (await discord.command("member", "general", "give", options)).answered()
    assert seen == [
        (dpy.Role, role.id, "Moderators"),
        (app_commands.AppCommandChannel, general.id, "general"),
        (dpy.Member, owner.id, "owner"),
        (dpy.Role, role.id, "Moderators"),
    ]
    with pytest.raises(CommandRejected, match=r"give channel: .*is not what the option takes"):
        await discord.command("member", "general", "give", options | {"channel": role})


async def test_a_stranger_is_a_user_and_no_member(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Who is not in the guild comes without what a guild knows of its members."""
    seen: list[dpy.User | dpy.Member] = []

    @bot.tree.context_menu(name="Who")
    async def who(interaction: dpy.Interaction, user: dpy.User) -> None:
        seen.append(user)
        await interaction.response.send_message(user.name)

    await start()
    newcomer = discord.world.user("newcomer")
    call = await (await discord.context_menu("owner", "screening", "Who", newcomer)).answered()
    assert list(call.data["resolved"]) == ["users"]
    assert [(type(each), each.id) for each in seen] == [(dpy.User, newcomer.id)]


async def test_a_choice_of_an_integer_is_one_of_its_numbers(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Picked by its name or its value, the number reaches the bot."""
    seen: list[int] = []

    @bot.tree.command(description="Make a video.")
    @app_commands.choices(seconds=[app_commands.Choice(name="short", value=4)])
    async def veo(interaction: dpy.Interaction, seconds: int) -> None:
        seen.append(seconds)
        await interaction.response.send_message("working")

    await start()
    for picked in ("short", 4):
        await (await discord.command("member", "general", "veo", {"seconds": picked})).answered()
    assert seen == [4, 4]


async def test_a_button_is_pressed_where_it_is_seen(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Who is not in a private thread cannot press there."""
    await start()
    view = dpy.ui.View(timeout=None)
    view.add_item(dpy.ui.Button(label="Again", custom_id="again"))
    await bot.get_partial_messageable(discord.world.channel("casting").id).send("done", view=view)
    (message,) = discord.messages("casting")
    with pytest.raises(CommandRejected, match="newcomer does not see #casting"):
        await discord.press("newcomer", message, "again")
    call = await discord.press("member", message, "again")
    assert call.data == {"custom_id": "again", "component_type": 2, "id": 2}
