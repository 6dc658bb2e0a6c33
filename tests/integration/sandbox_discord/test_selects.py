"""Select menus of people, roles and places, in messages and in modals: discord.py gets those that were chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord as dpy
import pytest
from discord import ui
from discord.ext import commands

from bot.sandbox.discord_api import CommandRejected, DiscordSandbox

Start = Callable[[], Awaitable[None]]


async def test_selects_of_a_message_bring_who_was_chosen(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """People and roles come whole, in one menu; what does not exist cannot be chosen."""
    seen: list[list[Any]] = []

    class Whom(ui.View):
        @ui.select(cls=ui.MentionableSelect, custom_id="whom", max_values=2)
        async def whom(self, interaction: dpy.Interaction, select: ui.MentionableSelect[Any]) -> None:
            seen.append([str(each) for each in select.values])
            await interaction.response.defer()

    @bot.tree.command(description="Ask.")
    async def ask(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message(view=Whom())

    await start()
    message = (await (await discord.command("member", "general", "ask")).answered()).response
    assert message is not None
    moderators = next(role for role in discord.world.guild("studio").roles.values() if role.name == "Moderators")
    chosen = [str(discord.world.user("owner").id), str(moderators.id)]
    await (await discord.press("member", message, "whom", chosen)).answered()
    assert seen == [["owner", "Moderators"]]
    with pytest.raises(CommandRejected, match="7 cannot be chosen here"):
        await discord.press("member", message, "whom", ["7"])


async def test_selects_of_a_modal_bring_what_was_chosen(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """People, roles and places come whole."""
    seen: list[str] = []

    class Ask(ui.Modal, title="Who"):
        who = ui.Label(text="Who", component=ui.UserSelect(custom_id="who"))
        role = ui.Label(text="Role", component=ui.RoleSelect(custom_id="role"))
        where = ui.Label(text="Where", component=ui.ChannelSelect(custom_id="where"))

        async def on_submit(self, interaction: dpy.Interaction, /) -> None:
            fields = (self.who.component, self.role.component, self.where.component)
            seen.extend(str(value) for field in fields for value in field.values)  # type: ignore[attr-defined]
            await interaction.response.send_message("thanks")

    @bot.tree.command(description="Ask.")
    async def ask(interaction: dpy.Interaction) -> None:
        await interaction.response.send_modal(Ask())

    await start()
    call = await (await discord.command("member", "general", "ask")).answered()
    studio = discord.world.guild("studio")
    role = next(role for role in studio.roles.values() if role.name == "Moderators")
    chosen = {"who": discord.world.user("owner").id, "role": role.id, "where": discord.world.channel("after-dark").id}
    await (
        await discord.submit_modal("member", call, {name: [str(number)] for name, number in chosen.items()})
    ).answered()
    assert seen == ["owner", "Moderators", "after-dark"]
