"""Every kind of place: what the bot is told of it, and what it can do there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord as dpy
import pytest
from discord import app_commands
from discord.ext import commands

from bot.sandbox.discord_api import CommandRejected, DiscordSandbox, Message
from bot.sandbox.discord_api.permissions import IN_A_DM, Permission, in_channel

Start = Callable[[], Awaitable[None]]
INTEGRATION, CONTEXT = "authorizing_integration_owners", "context"


@pytest.fixture
def heard(bot: commands.Bot) -> list[dpy.Interaction]:
    """The interactions of a command that may be used everywhere and answers "working"."""
    interactions: list[dpy.Interaction] = []

    @bot.tree.command(description="Make a video.")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def veo(interaction: dpy.Interaction) -> None:
        interactions.append(interaction)
        await interaction.response.send_message("working")

    return interactions


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("general", dpy.TextChannel),
        ("green-room", dpy.VoiceChannel),
        ("news", dpy.TextChannel),
        ("first-cut", dpy.Thread),
        ("trailer", dpy.Thread),
        ("casting", dpy.Thread),
    ],
)
async def test_commands_come_from_every_place_of_a_guild(
    discord: DiscordSandbox,
    bot: commands.Bot,
    start: Start,
    heard: list[dpy.Interaction],
    name: str,
    kind: type[object],
):
    """discord.py parses the channel, the bot answers, posts by its own right and edits what it posted."""
    await start()
    call = await (await discord.command("member", name, "veo")).answered()
    channel = discord.world.channel(name)
    assert isinstance(heard[0].channel, kind)
    assert heard[0].app_permissions.value == in_channel(discord.world.bot, channel)
    event = call.event_json()
    assert (event[CONTEXT], event[INTEGRATION]) == (0, {"0": str(discord.world.guild("studio").id)})
    assert event["channel"]["type"] == channel.type
    posted = await bot.get_partial_messageable(channel.id).send("done")
    await posted.edit(content="done!")
    assert [each.text() for each in discord.messages(name)][-2:] == ["working", "done!"]


async def test_a_forum_holds_posts_and_no_messages(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """The post begins with a message of its own id; the forum itself takes none."""
    await start()
    forum, post = discord.world.channel("showcase"), discord.world.channel("first-cut")
    fetched = await bot.fetch_channel(post.id)
    assert isinstance(fetched, dpy.Thread)
    assert isinstance(fetched.parent, dpy.ForumChannel)
    assert (await fetched.fetch_message(post.id)).author.id == discord.world.user("member").id
    with pytest.raises(dpy.HTTPException) as refusal:
        await bot.get_partial_messageable(forum.id).send("x")
    assert (refusal.value.status, refusal.value.code) == (400, 40058)


async def test_a_private_thread_is_for_those_in_it(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Others do not see it, who manages threads does; taken out of it, the bot gets 50001."""
    await start()
    await discord.say("member", "casting", "who plays the fox?")
    assert len(discord.messages("casting", "owner")) == 1
    assert discord.messages("casting", "newcomer") == []
    thread = discord.world.channel("casting")
    discord.remove_from_thread("casting")
    with pytest.raises(dpy.Forbidden) as refusal:
        await bot.get_partial_messageable(thread.id).send("x")
    assert refusal.value.code == 50001
    discord.allow("general", Permission.MANAGE_THREADS)
    await bot.get_partial_messageable(thread.id).send("x")


async def test_a_group_dm_is_reached_by_tokens_alone(
    discord: DiscordSandbox,
    bot: commands.Bot,
    start: Start,
    heard: list[dpy.Interaction],
    rest: aiohttp.ClientSession,
):
    """Context 2, owned by the person; its routes give 50001, five followups are all, and no event tells of it."""
    events: list[int] = []

    async def on_message(message: dpy.Message) -> None:
        events.append(message.id)

    bot.add_listener(on_message)
    await start()
    call = await (await discord.command("newcomer", "friends", "veo")).answered()
    event, friends = call.event_json(), discord.world.channel("friends")
    assert isinstance(heard[0].channel, dpy.GroupChannel)
    assert (event[CONTEXT], event[INTEGRATION]) == (2, {"1": str(call.user.id)})
    assert event["app_permissions"] == str(int(IN_A_DM & ~Permission.USE_EXTERNAL_EMOJIS))
    assert ("guild_id" in event, event["user"]["id"]) == (False, str(call.user.id))
    for path in (f"channels/{friends.id}", f"channels/{friends.id}/messages"):
        async with rest.get(path) as response:
            assert (response.status, (await response.json())["code"]) == (403, 50001)
    for number in range(5):
        await heard[0].followup.send(str(number))
    with pytest.raises(dpy.HTTPException) as refusal:
        await heard[0].followup.send("one too many")
    assert (refusal.value.status, refusal.value.code) == (400, 40094)
    await heard[0].edit_original_response(content="done")
    assert _texts(discord.messages("friends", "owner")) == ["done", "0", "1", "2", "3", "4"]
    assert discord.messages("friends", "moderator") == []
    with pytest.raises(CommandRejected):
        await discord.command("moderator", "friends", "veo")
    await discord.say("member", "general", "hello")
    await discord.wait_for(lambda: events)
    assert len(events) == 1


async def test_a_server_command_is_not_offered_in_a_group_dm(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """It cannot be installed by a user."""

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        raise AssertionError(interaction)

    await start()
    with pytest.raises(CommandRejected, match="cannot be installed by a user"):
        await discord.command("member", "friends", "veo")


async def test_a_button_belongs_to_who_gave_the_command(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Where the app is on one person's account, another may press its button: the owner stays the first."""

    @bot.tree.command(description="Make a video.")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def veo(interaction: dpy.Interaction) -> None:
        view = dpy.ui.View()
        view.add_item(dpy.ui.Button(label="Again", custom_id="again"))
        await interaction.response.send_message("working", view=view)

    await start()
    call = await (await discord.command("member", "friends", "veo")).answered()
    assert call.response is not None
    pressed = await discord.press("owner", call.response, "again")
    owners: dict[str, Any] = {"1": str(discord.world.user("member").id)}
    assert (pressed.event_json()[INTEGRATION], pressed.event_json()["user"]["username"]) == (owners, "owner")


async def test_a_tier_two_guild_takes_fifty_mebibytes(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A test sets the tier it needs before the bot connects."""
    discord.world.guild("studio").premium_tier = 2
    await start()
    studio = bot.get_guild(discord.world.guild("studio").id)
    assert studio is not None
    assert studio.filesize_limit == 50 << 20


def _texts(messages: list[Message]) -> list[str]:
    return [each.text() for each in messages]
