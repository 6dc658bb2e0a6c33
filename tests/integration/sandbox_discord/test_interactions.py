"""Commands, buttons, modals and their answers, between a person and the real discord.py."""

from __future__ import annotations

import io
import re
from collections.abc import Awaitable, Callable
from typing import Any, Self

import discord as dpy
import pytest
from discord import app_commands, ui
from discord.ext import commands

from bot.sandbox.discord_api import CommandRejected, DiscordSandbox, Upload

Start = Callable[[], Awaitable[None]]


def card(text: str, *rows: ui.ActionRow[Any], file: dpy.File | None = None) -> ui.LayoutView:
    """A Components V2 message: a text, perhaps a file in a gallery, and rows of buttons."""
    box = ui.Container(ui.TextDisplay(text))
    if file:
        box.add_item(ui.MediaGallery(dpy.MediaGalleryItem(file, description="a cat")))
    for row in rows:
        box.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    return view


def video(name: str = "cat.mp4", size: int = 64) -> dpy.File:
    """A file that calls itself a video."""
    return dpy.File(io.BytesIO(b"v" * size), filename=name)


async def test_a_command_with_every_kind_of_option(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """The options arrive as typed, the file is read from its signed link, the card is seen by all."""
    seen: dict[str, object] = {}

    @bot.tree.command(description="Make a video.")
    @app_commands.choices(size=[app_commands.Choice(name="wide", value="1280x720")])
    async def veo(
        interaction: dpy.Interaction,
        prompt: str,
        image: dpy.Attachment,
        size: app_commands.Choice[str],
        seconds: app_commands.Range[int, 4, 8] = 8,
        *,
        audio: bool = False,
        friend: dpy.Member | None = None,
    ) -> None:
        seen.update(
            prompt=prompt, image=await image.read(), kind=image.content_type, size=size.value, seconds=seconds,
            audio=audio, friend=friend.name if friend else None, limit=interaction.filesize_limit,
            guild=interaction.guild and interaction.guild.name, locale=str(interaction.locale),
            may_post=interaction.app_permissions.send_messages, user=interaction.user.name,
        )  # fmt: skip
        await interaction.response.send_message(view=card(f"**{prompt}**"))

    await start()
    options = {
        "prompt": "a cat", "image": Upload("my cat.png", b"\x89PNG"), "size": "1280x720", "seconds": 4,
        "audio": True, "friend": discord.world.user("member"),
    }  # fmt: skip
    call = await discord.command("newcomer", "general", "veo", options)
    await call.answered()
    assert seen == {
        "prompt": "a cat", "image": b"\x89PNG", "kind": "image/png", "size": "1280x720", "seconds": 4, "audio": True,
        "friend": "member", "limit": 10 << 20, "guild": "studio", "locale": "de", "may_post": True, "user": "newcomer",
    }  # fmt: skip
    (message,) = discord.messages("general")
    assert message is call.response
    assert (message.text(), message.v2, message.type) == ("**a cat**", True, 20)
    assert message.interaction_user is discord.world.user("newcomer")
    assert not call.deferred
    assert not call.ephemeral


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("veo", {}, "needs prompt"),
        ("veo", {"prompt": "x", "size": "9x9"}, "is none of"),
        ("veo", {"prompt": "x", "seconds": 9}, "not between 4 and 8"),
        ("veo", {"prompt": "x", "seconds": "4"}, "not what the option takes"),
        ("veo", {"prompt": "x", "seconds": True}, "not what the option takes"),
        ("veo", {"prompt": "x" * 21}, "21 characters, not 1 to 20"),
        ("veo", {"prompt": "x", "colour": "red"}, "no option 'colour'"),
        ("sora", {}, "no command 'sora'"),
        ("jobs", {}, "needs a subcommand"),
        ("jobs hide", {}, "no subcommand 'hide'"),
        ("adults", {}, "age-restricted"),
        ("moderate", {}, "may not use"),
    ],
)
async def test_what_a_person_cannot_type_is_rejected(
    discord: DiscordSandbox, bot: commands.Bot, start: Start, name: str, options: dict[str, object], reason: str
):
    """The sandbox refuses what Discord's own client would not let a person send."""

    @bot.tree.command(description="Make a video.")
    @app_commands.choices(size=[app_commands.Choice(name="wide", value="1280x720")])
    async def veo(
        interaction: dpy.Interaction,
        prompt: app_commands.Range[str, 1, 20],
        size: str = "",
        seconds: app_commands.Range[int, 4, 8] = 8,
    ) -> None:
        raise AssertionError(interaction, prompt, size, seconds)

    @bot.tree.command(description="For adults.", nsfw=True)
    async def adults(interaction: dpy.Interaction) -> None:
        raise AssertionError(interaction)

    @bot.tree.command(description="For moderators.")
    @app_commands.default_permissions(manage_guild=True)
    async def moderate(interaction: dpy.Interaction) -> None:
        raise AssertionError(interaction)

    jobs = app_commands.Group(name="jobs", description="Your jobs.")
    bot.tree.add_command(jobs)

    @jobs.command(description="List them.")
    async def show(interaction: dpy.Interaction) -> None:
        raise AssertionError(interaction)

    await start()
    with pytest.raises(CommandRejected, match=reason):
        await discord.command("member", "general", name, options)


async def test_a_deferred_answer_is_filled_in_later(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Defer shows a waiting message; the edit gives it a card with a file whose link works."""
    file = video()

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        await interaction.response.defer()
        message = await interaction.edit_original_response(view=card("done", file=file), attachments=[file])
        assert message.attachments == []

    await start()
    call = await (await discord.command("member", "general", "veo")).answered()
    assert call.deferred
    message = call.response
    assert message is not None
    await discord.wait_for(message.videos)
    (shown,) = message.videos()
    assert (shown.filename, shown.size, shown.content_type) == ("cat.mp4", 64, "video/mp4")
    assert await bot.http.get_from_cdn(shown.url) == shown.data
    assert message.edited_at is None
    assert message.text() == "done"


async def test_private_answers_are_seen_by_their_person_only(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """An ephemeral answer is in nobody else's channel, and the channel's route does not find it."""

    @bot.tree.command(description="A secret.")
    async def secret(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("psst", ephemeral=True)

    await start()
    call = await (await discord.command("member", "general", "secret")).answered()
    assert call.ephemeral
    assert [each.text() for each in discord.messages("general", "member")] == ["psst"]
    assert discord.messages("general", "owner") == []
    assert discord.messages("general") == []
    channel = bot.get_partial_messageable(discord.world.channel("general").id)
    assert call.response is not None
    with pytest.raises(dpy.NotFound) as refusal:
        await channel.get_partial_message(call.response.id).edit(content="loud")
    assert refusal.value.code == 10008
    with pytest.raises(CommandRejected, match="does not see"):
        await discord.press("owner", call.response, "any")


class Again(ui.DynamicItem[ui.Button[Any]], template=r"again:(?P<job>\d+)"):
    """A button whose state lives in its custom_id."""

    def __init__(self, job: int) -> None:
        super().__init__(ui.Button(label="Again", custom_id=f"again:{job}"))
        self.job = job

    @classmethod
    async def from_custom_id(cls, _: dpy.Interaction, _item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """Read the state back."""
        return cls(int(match["job"]))

    async def callback(self, interaction: dpy.Interaction) -> None:
        """Say which job it was."""
        await interaction.response.edit_message(view=card(f"again {self.job}"))


async def test_a_dynamic_button_works_inside_a_container(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A press becomes a component interaction, and type 7 edits the message it sits on."""
    bot.add_dynamic_items(Again)

    @bot.tree.command(description="Make a video.")
    async def veo(interaction: dpy.Interaction) -> None:
        off: ui.Button[Any] = ui.Button(label="Off", custom_id="off", disabled=True)
        row: ui.ActionRow[Any] = ui.ActionRow(Again(7), off)
        await interaction.response.send_message(view=card("ready", row))

    await start()
    call = await (await discord.command("member", "general", "veo")).answered()
    message = call.response
    assert message is not None
    with pytest.raises(CommandRejected, match="disabled"):
        await discord.press("member", message, "off")
    with pytest.raises(CommandRejected, match="no component 'again:8'"):
        await discord.press("member", message, "again:8")
    pressed = await (await discord.press("owner", message, "again:7")).answered()
    assert pressed.answer_type == 7
    assert pressed.response is message
    assert message.text() == "again 7"
    assert message.edited_at is not None


async def test_a_modal_with_text_and_files(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """The fields of a modal reach on_submit: a text and the uploaded files; its limits hold."""
    seen: list[object] = []

    class Ask(ui.Modal, title="Remix"):
        prompt = ui.Label(text="Prompt", component=ui.TextInput(custom_id="prompt", max_length=9))
        images = ui.Label(text="Images", component=ui.FileUpload(custom_id="images", min_values=0, max_values=2))

        async def on_submit(self, interaction: dpy.Interaction, /) -> None:
            assert isinstance(self.prompt.component, ui.TextInput)
            assert isinstance(self.images.component, ui.FileUpload)
            seen.append(self.prompt.component.value)
            seen.extend([await each.read() for each in self.images.component.values])
            await interaction.response.send_message("thanks", ephemeral=True)

    @bot.tree.command(description="Ask.")
    async def ask(interaction: dpy.Interaction) -> None:
        await interaction.response.send_modal(Ask())

    await start()
    call = await (await discord.command("member", "general", "ask")).answered()
    assert call.modal is not None
    assert call.modal["title"] == "Remix"
    with pytest.raises(CommandRejected, match="10 characters, not 1 to 9"):
        await discord.submit_modal("member", call, {"prompt": "0123456789"})
    with pytest.raises(CommandRejected, match="3 files, not 0 to 2"):
        await discord.submit_modal("member", call, {"prompt": "x", "images": [Upload("a", b"")] * 3})
    files = [Upload("a.png", b"a"), Upload("b.png", b"b")]
    answer = await discord.submit_modal("member", call, {"prompt": "slower", "images": files})
    await answer.answered()
    assert seen == ["slower", b"a", b"b"]
    assert answer.ephemeral


async def test_autocomplete_offers_what_the_bot_says(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """What is being typed reaches the bot, and its choices come back."""

    @bot.tree.command(description="Make a video.")
    async def kling(interaction: dpy.Interaction, prompt: str, model: str) -> None:
        raise AssertionError(interaction, prompt, model)

    @kling.autocomplete("model")
    async def models(_: dpy.Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = [f"kling-v{number}" for number in (1, 2)]
        return [app_commands.Choice(name=name, value=name) for name in names if current in name]

    await start()
    offered = await discord.autocomplete("member", "general", "kling", {"prompt": "x", "model": "v2"}, focused="model")
    assert offered == [{"name": "kling-v2", "value": "kling-v2"}]
    with pytest.raises(CommandRejected, match="no autocomplete"):
        await discord.autocomplete("member", "general", "kling", {"prompt": "x"}, focused="prompt")


async def test_context_menus_bring_their_target(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A message's menu gets the message, a person's menu the person."""

    @bot.tree.context_menu(name="Animate")
    async def animate(interaction: dpy.Interaction, message: dpy.Message) -> None:
        await interaction.response.send_message(await message.attachments[0].read() + message.content.encode())

    @bot.tree.context_menu(name="Who")
    async def who(interaction: dpy.Interaction, member: dpy.Member) -> None:
        await interaction.response.send_message(member.name)

    await start()
    target = await discord.say("owner", "general", "look", [Upload("a.png", b"png")])
    call = await (await discord.context_menu("member", "general", "Animate", target)).answered()
    assert call.response is not None
    assert call.response.content == "b'pnglook'"
    call = await (await discord.context_menu("member", "general", "Who", discord.world.user("owner"))).answered()
    assert call.response is not None
    assert (call.response.content, call.response.type) == ("owner", 23)
