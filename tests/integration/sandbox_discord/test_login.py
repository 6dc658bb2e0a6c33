"""Logging in, staying connected and coming back."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import discord as dpy
import pytest
from discord import app_commands
from discord.ext import commands
from discord.http import HTTPClient

from bot.sandbox.discord_api import DiscordSandbox

Start = Callable[[], Awaitable[None]]


async def test_the_real_client_logs_in_and_sees_its_guilds(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """READY and the GUILD_CREATEs give discord.py the guilds, channels, threads and tiers of the world."""
    await start()
    assert bot.user is not None
    assert bot.user.id == discord.world.bot.id
    assert {guild.name: guild.filesize_limit for guild in bot.guilds} == {"studio": 10 << 20, "cinema": 100 << 20}
    studio = dpy.utils.get(bot.guilds, name="studio")
    assert studio is not None
    assert [each.name for each in studio.text_channels] == [
        "general",
        "after-dark",
        "announcements",
        "backstage",
        "news",
    ]
    assert [each.name for each in studio.threads] == ["trailer", "first-cut", "casting"]
    assert [each.name for each in studio.voice_channels] == ["green-room"]
    assert [each.name for each in studio.forums] == ["showcase"]
    assert [each.name for each in studio.forums[0].threads] == ["first-cut"]
    assert studio.text_channels[4].is_news()
    assert studio.threads[2].is_private()
    assert studio.text_channels[1].nsfw
    assert not studio.text_channels[2].permissions_for(studio.me).send_messages
    assert [entry.path for entry in discord.log] == [
        "/users/@me",
        "/oauth2/applications/@me",
        f"/applications/{discord.world.bot.id}/commands",
    ]


@pytest.mark.parametrize("compression", ["zlib-stream", "zstd-stream", None])
async def test_every_compression_is_understood(
    bot: commands.Bot, start: Start, monkeypatch: pytest.MonkeyPatch, compression: str | None
):
    """zlib-stream, zstd-stream and plain text all carry READY and what follows on one context."""
    contexts = {"zstd-stream": dpy.utils._ActiveDecompressionContext, "zlib-stream": _Zlib}
    asked = []
    connect = HTTPClient.ws_connect

    async def ws_connect(self: HTTPClient, url: str) -> Any:
        asked.append(url)
        return await connect(self, url if compression else url.partition("&compress")[0])

    monkeypatch.setattr(HTTPClient, "ws_connect", ws_connect)
    if compression:
        monkeypatch.setattr(dpy.utils, "_ActiveDecompressionContext", contexts[compression])
    await start()
    assert f"compress={compression or 'zstd-stream'}" in asked[0]
    assert len(bot.guilds) == 2


class _Zlib:
    """What discord.py uses where zstandard is not installed."""

    COMPRESSION_TYPE = "zlib-stream"

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj()

    def decompress(self, data: bytes) -> str | None:
        assert data.endswith(b"\x00\x00\xff\xff")
        return self._inflate.decompress(data).decode()


async def test_a_wrong_token_is_refused(discord: DiscordSandbox, bot: commands.Bot):
    """REST answers 401, which discord.py raises as LoginFailure."""
    with pytest.raises(dpy.LoginFailure):
        await bot.start("wrong")
    await bot.close()
    assert [(entry.path, entry.status) for entry in discord.log] == [("/users/@me", 401)]


@pytest.mark.parametrize("code", [None, 4000])
async def test_a_dropped_socket_is_resumed_and_missed_interactions_are_replayed(
    discord: DiscordSandbox, bot: commands.Bot, start: Start, code: int | None
):
    """What a person does while the socket is away arrives after RESUME, and no new session is made."""

    @bot.tree.command(description="Answer.")
    async def ping(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("pong")

    resumed: list[bool] = []

    async def on_resumed() -> None:
        resumed.append(True)

    bot.add_listener(on_resumed)
    await start()
    discord.refuse_sockets = 1
    await discord.drop_socket(code=code)
    call = await discord.command("member", "general", "ping")
    await call.answered()
    assert call.response is not None
    assert call.response.text() == "pong"
    assert resumed == [True]
    assert len(discord._gateway.sessions) == 1
    assert discord.refuse_sockets == 0


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalidated_session_comes_back(discord: DiscordSandbox, start: Start, resumable: bool):
    """Opcode 9 with true resumes the session; with false the client identifies anew."""
    await start()
    before = set(discord._gateway.sessions)
    await discord.invalidate_session(resumable=resumable)
    await discord.disconnected()
    await discord.connected()
    assert len(discord._gateway.sessions) == 1
    assert (set(discord._gateway.sessions) == before) is resumable


async def test_the_client_reconnects_when_asked(discord: DiscordSandbox, start: Start):
    """Opcode 7 makes discord.py close and resume."""
    await start()
    await discord.request_reconnect()
    await discord.disconnected()
    await discord.connected()
    assert len(discord._gateway.sessions) == 1


async def test_privileged_intents_are_refused(discord: DiscordSandbox, bot: commands.Bot):
    """A new application has none of them: close code 4014."""
    bot._connection._intents = dpy.Intents.all()
    with pytest.raises(dpy.PrivilegedIntentsRequired):
        await bot.start(discord.token)
    await bot.close()


async def test_commands_are_registered_and_kept(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """The commands are those of the tree, and a second sync keeps their ids."""

    @bot.tree.command(description="Make a video.")
    @app_commands.describe(prompt="What to show", size="Of the picture")
    async def veo(interaction: dpy.Interaction, prompt: app_commands.Range[str, 1, 500], size: int = 1) -> None:
        """Never called."""

    await start()
    await discord.commands_synced()
    assert [(each["name"], each["type"]) for each in discord.commands] == [("veo", 1)]
    assert [(o["name"], o["type"], o["required"]) for o in discord.commands[0]["options"]] == [
        ("prompt", 3, True),
        ("size", 4, False),
    ]
    (again,) = await bot.tree.sync()
    assert str(again.id) == discord.commands[0]["id"]


async def test_a_bad_command_is_refused_with_the_tree_of_errors(bot: commands.Bot, start: Start):
    """50035 names the option and the field, in the shape that discord.py flattens."""
    await start()
    assert bot.application_id is not None
    with pytest.raises(dpy.HTTPException) as refusal:
        await bot.http.bulk_upsert_global_commands(
            bot.application_id, [{"name": "Veo", "description": "", "options": [{"type": 3, "name": "p"}]}]
        )
    assert refusal.value.code == 50035
    assert "In 0.options.0.description: This field is required" in str(refusal.value)
    assert "In 0.name: Command name is invalid" in str(refusal.value)
