"""The client: which commands it loads, where it registers them, and what a new vendor takes."""

from pathlib import Path

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.api.client import VideoApi
from bot.chat.client import point_discord_at
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import OnlyJob, SettingsOf, Shows, StartBot


def names(discord_api: DiscordSandbox) -> set[str]:
    """The commands that are registered."""
    return {command["name"] for command in discord_api.commands}


async def test_a_vendor_without_a_key_is_left_out(
    start_bot: StartBot, discord_api: DiscordSandbox, apis: dict[str, VideoApi]
):
    """Nobody is offered a command that could only fail."""
    async with start_bot(apis={"octopusx": apis["octopusx"]}):
        assert names(discord_api) == {"veo", "sora", "vidu", "kling", "video", "jobs"}


async def test_commands_of_one_guild_are_there_at_once(
    start_bot: StartBot, discord_api: DiscordSandbox, settings_of: SettingsOf
):
    """DISCORD_GUILD_ID registers them there alone, for development."""
    studio = discord_api.world.guild("studio").id
    async with start_bot(settings=settings_of(discord_guild_id=studio)):
        assert {command["guild_id"] for command in discord_api.commands} == {str(studio)}
        assert "veo" in names(discord_api)


def test_each_address_is_set_apart(settings_of: SettingsOf, monkeypatch: pytest.MonkeyPatch):
    """What the settings do not name stays Discord's own."""
    monkeypatch.setattr(Route, "BASE", "https://rest.example/api")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL("wss://gateway.example/"))
    neither = settings_of().model_copy(update={"discord_api_url": None, "discord_gateway_url": None})
    point_discord_at(neither)
    assert (Route.BASE, str(DiscordWebSocket.DEFAULT_GATEWAY)) == ("https://rest.example/api", "wss://gateway.example/")
    point_discord_at(neither.model_copy(update={"discord_gateway_url": "ws://proxy.example/"}))
    assert (Route.BASE, str(DiscordWebSocket.DEFAULT_GATEWAY)) == ("https://rest.example/api", "ws://proxy.example/")
    point_discord_at(neither.model_copy(update={"discord_api_url": "http://proxy.example/api"}))
    assert (Route.BASE, str(DiscordWebSocket.DEFAULT_GATEWAY)) == ("http://proxy.example/api", "ws://proxy.example/")


NEW_VENDOR = (Path(__file__).parents[3] / "README.md").read_text().partition("```python\n")[2].partition("```")[0]
"""The vendor that README adds, to the letter."""


async def test_a_new_vendor_is_one_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start_bot: StartBot,
    discord_api: DiscordSandbox,
    shows: Shows,
    only_job: OnlyJob,
):
    """Put into a folder, it is found, registered and orders; a module with a leading underscore is not an extension."""
    folder = tmp_path / "more_cogs"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "hailuo.py").write_text(NEW_VENDOR)
    (folder / "_notes.py").write_text("raise AssertionError('this is no extension')")
    monkeypatch.syspath_prepend(str(tmp_path))
    async with start_bot(packages=("cogs", "more_cogs")):
        assert "hailuo" in names(discord_api)
        call = await discord_api.command("member", "general", "hailuo", {"prompt": "a red fox", "duration": 6})
        card = await shows(call, "Queued")
    job = await only_job()
    assert (job.command, job.submission.json_body()) == (
        "hailuo",
        {"model": "MiniMax-Hailuo-02", "prompt": "a red fox", "duration": 6, "seconds": "6"},
    )
    assert "MiniMax-Hailuo-02" in card.text()
