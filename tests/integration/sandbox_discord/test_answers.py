"""The rest of what a bot may answer, and of what may go wrong with an answer."""

from __future__ import annotations

import io
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord as dpy
import pytest
from discord import app_commands, ui
from discord.ext import commands
from PIL import Image

from bot.sandbox.discord_api import CommandRejected, DiscordSandbox, Upload

Start = Callable[[], Awaitable[None]]


async def test_the_first_followup_takes_the_place_of_the_waiting_message(
    discord: DiscordSandbox, bot: commands.Bot, start: Start
):
    """After a private defer it stays private; the second followup is a message that replies to the first."""

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send("one")
        await interaction.followup.send("two", ephemeral=True)
        await interaction.followup.send("three")

    await start()
    call = await (await discord.command("member", "general", "veo")).answered()
    await discord.wait_for(lambda: len(call.followups) == 2)
    seen = discord.messages("general", "member")
    assert [each.text() for each in seen] == ["one", "two", "three"]
    assert seen[0] is call.response
    assert [each.ephemeral for each in seen] == [True, True, False]
    assert [each.reply_to for each in seen] == [None, seen[0].id, seen[0].id]


async def test_a_file_in_the_first_answer(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A multipart callback posts its files; Nitro raises the limit of an answer, not of the channel."""
    data = bytes(11 << 20)
    codes: list[int] = []

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        assert interaction.filesize_limit == 500 << 20
        await interaction.response.send_message(file=dpy.File(io.BytesIO(data), "cat.mp4"))
        assert isinstance(interaction.channel, dpy.TextChannel)
        try:
            await interaction.channel.send(file=dpy.File(io.BytesIO(data), "cat.mp4"))
        except dpy.HTTPException as refusal:
            codes.append(refusal.code)

    await start()
    discord.world.user("member").upload_limit = 500 << 20
    call = await (await discord.command("member", "general", "veo")).answered()
    assert call.response is not None
    assert [each.size for each in call.response.videos()] == [len(data)]
    await discord.wait_for(lambda: codes == [40005])


async def test_commands_in_direct_messages(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A DM has a user, no guild, and only its own person; a command may be kept out of it."""
    seen: list[object] = []

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        seen.extend([interaction.guild, interaction.user.name, interaction.context.dm_channel])
        await interaction.response.send_message("here")

    @bot.tree.command(description="In servers.")
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def served(interaction: dpy.Interaction) -> None:
        raise AssertionError(interaction)

    await start()
    dm = discord.world.dm(discord.world.user("member"))
    await (await discord.command("member", dm, "veo")).answered()
    assert seen == [None, "member", True]
    assert [each.text() for each in discord.messages(dm, "member")] == ["here"]
    with pytest.raises(CommandRejected, match="somebody else's"):
        await discord.command("owner", dm, "veo")
    with pytest.raises(CommandRejected, match="not offered in direct messages"):
        await discord.command("member", dm, "served")


async def test_a_select_menu_takes_what_it_offers(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """The values reach the callback; others, or too many, are what a person cannot choose."""

    class Pick(ui.View):
        @ui.select(custom_id="pick", options=[dpy.SelectOption(label=each) for each in ("a", "b")])
        async def pick(self, interaction: dpy.Interaction, select: ui.Select[Any]) -> None:
            await interaction.response.edit_message(content=f"picked {select.values}", view=None)

    @bot.tree.command(description="Pick.")
    async def pick(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("pick", view=Pick())

    await start()
    call = await (await discord.command("member", "general", "pick")).answered()
    assert call.response is not None
    for values in (["c"], [], ["a", "b"]):
        with pytest.raises(CommandRejected, match="pick: "):
            await discord.press("member", call.response, "pick", values)
    await (await discord.press("member", call.response, "pick", ["b"])).answered()
    assert call.response.text() == "picked ['b']"


async def test_a_lost_callback_was_carried_out(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """The bot sees a dead connection while the person sees the answer; the repeat gets 40060."""
    seen: list[object] = []

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        for _ in range(2):
            try:
                await interaction.response.send_message("working")
            except aiohttp.ServerDisconnectedError as lost:
                seen.append(type(lost))
            except dpy.HTTPException as refusal:
                seen.append(refusal.code)

    await start()
    discord.faults.add("/callback", after=True, drop=True)
    call = await (await discord.command("member", "general", "veo")).answered()
    await discord.wait_for(lambda: seen == [aiohttp.ServerDisconnectedError, 40060])
    assert discord.messages("general") == [call.response]


async def test_a_503_is_raised_at_once(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A fault before the request leaves nothing behind."""
    await start()
    discord.faults.add(r"/channels/\d+/messages", method="POST", status=503)
    with pytest.raises(dpy.DiscordServerError):
        await bot.get_partial_messageable(discord.world.channel("general").id).send("x")
    assert discord.messages("general") == []
    assert (discord.log[-1].status, discord.log[-1].body["content"]) == (503, "x")


async def test_the_size_of_pictures_and_videos_is_told(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Images and MP4 videos come with width and height, whose sound has none, broken ones without."""
    picture = io.BytesIO()
    Image.new("RGB", (30, 20)).save(picture, "PNG")
    sound = b"\x00\x00\x00\x5ctkhd" + bytes(84)
    header = b"\x00\x00\x00\x5ctkhd" + bytes(76) + struct.pack(">II", 64 << 16, 36 << 16)
    await start()
    files = [
        dpy.File(picture, "a.png"),
        dpy.File(io.BytesIO(sound + header), "b.mp4"),
        dpy.File(io.BytesIO(b"no image"), "c.png"),
        dpy.File(io.BytesIO(sound + header[:-1]), "d.mp4"),
    ]
    picture.seek(0)
    sent = await bot.get_partial_messageable(discord.world.channel("general").id).send(files=files)
    assert [(each.width, each.height) for each in sent.attachments] == [
        (30, 20),
        (64, 36),
        (None, None),
        (None, None),
    ]


async def test_the_answer_keeps_the_files_it_lists(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """PATCH @original with new files: the list says which of the old ones stay."""

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("x", files=[_file("a.png"), _file("b.png")])
        first = await interaction.original_response()
        await first.edit(attachments=[first.attachments[1], _file("c.png")])
        await first.edit(content="done")

    await start()
    call = await discord.command("member", "general", "veo")
    await discord.wait_for(lambda: call.response and call.response.text() == "done")
    (message,) = discord.messages("general")
    assert [each.filename for each in message.attachments] == ["b.png", "c.png"]
    listed = [int(each["id"]) for each in message.edits[0]["attachments"]]
    assert listed == [message.attachments[0].id, 0]


def _file(name: str) -> dpy.File:
    return dpy.File(io.BytesIO(b"x"), name)


async def test_the_bot_hears_of_what_is_gone(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A deleted channel and a guild that threw the bot out leave discord.py's cache."""
    await start()
    trailer, studio = discord.world.channel("trailer"), discord.world.guild("studio")
    discord.delete_channel("general")
    discord.delete_channel(trailer)
    discord.remove_bot("cinema")
    await discord.wait_for(lambda: [each.name for each in bot.guilds] == ["studio"])
    guild = bot.get_guild(studio.id)
    assert guild is not None
    assert [each.name for each in guild.text_channels] == ["after-dark", "announcements", "backstage", "news"]
    assert guild.get_thread(trailer.id) is None
    with pytest.raises(dpy.Forbidden) as refusal:
        await bot.get_partial_messageable(discord.world.channel("screening").id).send("x")
    assert refusal.value.code == 50001
    with pytest.raises(dpy.NotFound) as unknown:
        await bot.fetch_guild(discord.world.guild("cinema").id)
    assert unknown.value.code == 10004


async def test_files_above_a_persons_limit_cannot_be_picked(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Discord's client refuses the upload before the bot hears of it."""

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction, image: dpy.Attachment) -> None:
        raise AssertionError(interaction, image)

    await start()
    with pytest.raises(CommandRejected, match="larger than this person's limit"):
        await discord.command("member", "general", "veo", {"image": Upload("a.png", bytes(11 << 20))})
