"""A bot that asks for everything Discord knows, in place of ours: every kind of option, field and menu.

It is the real discord.py, in the test's own loop; `heard` is what reached it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord as dpy
import pytest
import pytest_asyncio
import yarl
from discord import app_commands, backoff, gateway, http, ui
from discord.ext import commands

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.page.playground import Playground
from bot.sandbox.page.tempo import Tempo
from bot.sandbox.video_api import VideoApiSandbox

Heard = list[dict[str, Any]]
WORDS = {"everything": "alles", "Say everything.": "Sag alles.", "What to say": "Was gesagt wird", "wide": "breit"}


@pytest.fixture
def heard() -> Heard:
    """What reached the bot, in order."""
    return []


@pytest_asyncio.fixture(loop_scope="session")
async def starting(tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Playground]:
    """The playground with the rehearsing bot; our own is not started."""
    tempo = Tempo()
    (tmp_path / "bot.log").touch()  # of the bot that is not started
    async with DiscordSandbox() as discord, VideoApiSandbox(quality="tiny", clock=tempo) as api:
        monkeypatch.setattr(http.Route, "BASE", discord.api_url)
        monkeypatch.setattr(gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway_url))
        monkeypatch.setattr(backoff.ExponentialBackoff, "delay", lambda _: 0.0)
        bot = Rehearsal(heard)
        running = asyncio.create_task(bot.start(discord.token))
        yield Playground.of(discord, api, tempo, tmp_path)
        await bot.close()
        await running


class Rehearsal(commands.Bot):
    """A bot that notes what people gave it, and tells only them."""

    def __init__(self, heard: Heard) -> None:
        super().__init__(commands.when_mentioned, intents=dpy.Intents.default(), guild_ready_timeout=0.0)
        self._heard = heard

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify again at once; discord.py would wait five seconds."""

    async def setup_hook(self) -> None:
        """Register the commands, in English and German."""
        self.tree.add_command(everything)
        self.tree.add_command(ask)
        self.tree.add_command(ask_more)
        self.tree.add_command(wait)
        self.tree.context_menu(name="Animate")(animate)
        self.tree.context_menu(name="Who is this")(who_is_this)
        await self.tree.set_translator(German())
        await self.tree.sync()

    async def note(self, interaction: dpy.Interaction, **what: Any) -> None:
        """Note it, and say so."""
        self._heard.append(what)
        await interaction.response.send_message("Noted.", ephemeral=True)


async def note(interaction: dpy.Interaction, **what: Any) -> None:
    """Note what came with an interaction; things by their names."""
    assert isinstance(interaction.client, Rehearsal)
    await interaction.client.note(interaction, **{key: plain(value) for key, value in what.items()})


def plain(value: Any) -> Any:
    """A value as a test writes it."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dpy.Attachment):
        return value.filename
    return value if value is None or isinstance(value, str | int | float | bool) else value.name


class German(app_commands.Translator):
    """The words of WORDS."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: dpy.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002
    ) -> str | None:
        """The German word, if there is one."""
        return WORDS.get(string.message) if locale is dpy.Locale.german else None


@app_commands.command(name=app_commands.locale_str("everything"), description="Say everything.")
@app_commands.describe(text="What to say")
@app_commands.choices(size=[app_commands.Choice(name=name, value=name) for name in ("wide", "high", "square")])
async def everything(  # noqa: PLR0917 - one for each kind that Discord knows
    interaction: dpy.Interaction,
    text: app_commands.Range[str, 2, 20],
    size: app_commands.Choice[str],
    seconds: app_commands.Range[int, 4, 8] | None = None,
    weight: app_commands.Range[float, 0, 1] | None = None,
    loud: bool | None = None,
    friend: dpy.Member | None = None,
    role: dpy.Role | None = None,
    where: dpy.TextChannel | None = None,
    whom: dpy.Member | dpy.Role | None = None,
    image: dpy.Attachment | None = None,
    image2: dpy.Attachment | None = None,
    model: str | None = None,
) -> None:
    """Note every option that was given."""
    given = {key: value for key, value in locals().items() if key != "interaction" and value is not None}
    await note(interaction, **given | {"size": size.value})


@everything.autocomplete("model")
async def models(interaction: dpy.Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Models for the size that was chosen."""
    names = [f"{interaction.namespace.size}-{number}" for number in (1, 2, 3)]
    return [app_commands.Choice(name=f"Model {name}", value=name) for name in names if current in name]


@app_commands.command(description="Think, and say nothing.")
async def wait(interaction: dpy.Interaction) -> None:
    """Defer, and leave it at that."""
    await interaction.response.defer(thinking=True)


async def animate(interaction: dpy.Interaction, message: dpy.Message) -> None:
    """Note a message."""
    await note(interaction, message=message.content)


async def who_is_this(interaction: dpy.Interaction, member: dpy.Member) -> None:
    """Note a person."""
    await note(interaction, member=member)


class Noting(ui.Modal):
    """A modal that notes what its fields hold."""

    async def on_submit(self, interaction: dpy.Interaction, /) -> None:
        """Note it, by custom_id."""
        fields = [each.component for each in self.children if isinstance(each, ui.Label)]
        await note(interaction, **{field.custom_id: read(field) for field in fields})  # type: ignore[attr-defined]


def read(field: Any) -> Any:
    """What a field holds."""
    return field.value if isinstance(field, ui.TextInput | ui.RadioGroup | ui.Checkbox) else list(field.values)


def options(kind: type[Any]) -> list[Any]:
    """Two options of a select, group of radios or of checkboxes."""
    return [kind(label="Still", value="still", description="It stays"), kind(label="Moving", value="moving")]


@app_commands.command(description="Ask for words.")
async def ask(interaction: dpy.Interaction) -> None:
    """Open a modal of texts and choices."""
    modal = Noting(title="Words")
    modal.add_item(ui.TextDisplay("Tell **what** it should be."))
    prompt = ui.TextInput[Any](
        custom_id="prompt", style=dpy.TextStyle.paragraph, default="A boat", min_length=3, max_length=30
    )
    modal.add_item(ui.Label(text="Prompt", description="What it shows", component=prompt))
    modal.add_item(ui.Label(text="Title", component=ui.TextInput(custom_id="title", required=False)))
    style = ui.Select[Any](custom_id="style", options=options(dpy.SelectOption), required=True)
    modal.add_item(ui.Label(text="Style", component=style))
    shape = ui.RadioGroup[Any](custom_id="shape", options=options(dpy.RadioGroupOption))
    modal.add_item(ui.Label(text="Shape", component=shape))
    await interaction.response.send_modal(modal)


@app_commands.command(name="ask-more", description="Ask for things.")
async def ask_more(interaction: dpy.Interaction) -> None:
    """Open a modal of files, people and places."""
    modal = Noting(title="Things")
    extras = ui.CheckboxGroup[Any](custom_id="extras", options=options(dpy.CheckboxGroupOption), min_values=1)
    modal.add_item(ui.Label(text="Extras", component=extras))
    modal.add_item(ui.Label(text="Private", component=ui.Checkbox(custom_id="private", default=True)))
    pictures = ui.FileUpload[Any](custom_id="pictures", min_values=1, max_values=2)
    modal.add_item(ui.Label(text="Pictures", component=pictures))
    friends = ui.UserSelect[Any](custom_id="friends", max_values=3, required=True)
    modal.add_item(ui.Label(text="Friends", component=friends))
    where = ui.ChannelSelect[Any](custom_id="where", channel_types=[dpy.ChannelType.text])
    modal.add_item(ui.Label(text="Where", component=where))
    await interaction.response.send_modal(modal)
