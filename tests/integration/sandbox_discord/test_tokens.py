"""How long and how often an interaction may be answered, between a person and the real discord.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord as dpy
import pytest
from discord import app_commands
from discord.ext import commands

from bot.sandbox.discord_api import DiscordSandbox, NotAnswered

Start = Callable[[], Awaitable[None]]


async def test_a_late_answer_is_refused(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """After three seconds the interaction is unknown: 10062; the person sees that nobody answered."""
    codes: list[int] = []

    @bot.tree.command(description="Too slow.")
    async def slow(interaction: dpy.Interaction) -> None:
        discord.advance(3.5)
        try:
            await interaction.response.send_message("late")
        except dpy.NotFound as refusal:
            codes.append(refusal.code)

    await start()
    call = await discord.command("member", "general", "slow")
    await discord.wait_for(lambda: call.late)
    with pytest.raises(NotAnswered):
        await call.answered(timeout=0.01)
    await discord.wait_for(lambda: codes == [10062])


async def test_a_second_callback_is_refused(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """The retry of a callback whose answer was lost gets 40060."""
    codes: list[int] = []

    @bot.tree.command(description="Twice.")
    async def twice(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("one")
        interaction.response._response_type = None
        try:
            await interaction.response.send_message("two")
        except dpy.HTTPException as refusal:
            codes.append(refusal.code)

    await start()
    await discord.command("member", "general", "twice")
    await discord.wait_for(lambda: codes == [40060])
    assert [each.text() for each in discord.messages("general")] == ["one"]


async def test_the_token_dies_after_fifteen_minutes(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Then edits and followups get 401 with 50027, but the channel's route still edits a public answer."""
    held: list[dpy.Interaction] = []

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("working")
        held.append(interaction)

    await start()
    call = await discord.command("member", "general", "veo")
    (interaction,) = await discord.wait_for(lambda: held)
    await interaction.edit_original_response(content="nearly")
    discord.advance(15 * 60 + 1)
    with pytest.raises(dpy.HTTPException) as refusal:
        await interaction.edit_original_response(content="done")
    assert (refusal.value.status, refusal.value.code) == (401, 50027)
    assert call.response is not None
    channel = bot.get_partial_messageable(call.response.channel.id)
    await channel.get_partial_message(call.response.id).edit(content="done")
    assert call.response.text() == "done"
    assert [each["content"] for each in call.response.edits] == ["nearly", "done"]


async def test_user_installed_without_the_bot_has_only_the_token(
    discord: DiscordSandbox, bot: commands.Bot, start: Start
):
    """The guild is a stub, the channel gives 50001, and five followups are all."""
    codes: list[int] = []

    @bot.tree.command(description="Make a video.")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def veo(interaction: dpy.Interaction) -> None:
        assert interaction.is_user_integration()
        assert isinstance(interaction.channel, dpy.TextChannel)
        await interaction.response.send_message("working")
        for attempt in (
            interaction.channel.send("x"),
            *(interaction.followup.send(str(number)) for number in range(6)),
        ):
            try:
                await attempt
            except dpy.HTTPException as refusal:
                codes.append(refusal.code)

    await start()
    await discord.command("member", "lounge", "veo")
    await discord.wait_for(lambda: codes == [50001, 40094])
    assert [each.text() for each in discord.messages("lounge")] == ["working", "0", "1", "2", "3", "4"]
    assert [each.reply_to for each in discord.messages("lounge")[1:]] == [discord.messages("lounge")[0].id] * 5
