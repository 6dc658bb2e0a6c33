"""What `reelcord check` asks of Discord, by REST alone, and what the bot itself would tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import discord

from bot.api.client import VideoApi
from bot.chat.answers import FAILED
from bot.chat.client import Reelcord
from bot.chat.gate import Gate
from bot.chat.login import INTENTS, NOT_INVITED, own_guild, rest_client, sign_in
from bot.errors import SettingsError
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """The bot as Discord knows it."""

    name: str
    #: The names of its registered commands, of the server that DISCORD_GUILD_ID names or of all.
    commands: list[str]
    #: The privileged intents that the bot asks for and the application has not been granted.
    missing_intents: list[str]


async def look(settings: Settings) -> Application:
    """Log in and read what is registered.

    Raises:
        SettingsError: the token is refused, Discord cannot be reached, or the bot is not in the server named.
    """
    client = rest_client(settings, Gate())
    tree = discord.app_commands.CommandTree(client)
    try:
        await sign_in(client, settings)
        registered = await tree.fetch_commands(guild=own_guild(settings))
        assert client.application is not None
        return Application(
            name=str(client.user),
            commands=sorted(command.name for command in registered),
            missing_intents=missing_intents(INTENTS, client.application.flags),
        )
    except discord.Forbidden:
        raise SettingsError(NOT_INVITED) from None
    except FAILED as error:
        raise SettingsError(f"Discord could not answer ({type(error).__name__}): try again soon") from None
    finally:
        await client.close()


async def own_commands(settings: Settings, store: Store, apis: Mapping[str, VideoApi]) -> list[str]:
    """The names of the commands that `run` would register with these settings."""
    async with Reelcord(
        settings=settings,
        store=store,
        apis=apis,
        wake=lambda: None,
        links=None,
        videos=Videos(settings.data_dir),
        owner="check",
    ) as bot:
        await bot.load_commands()
        return sorted(command.name for command in bot.tree.get_commands())


def missing_intents(wanted: discord.Intents, granted: discord.ApplicationFlags) -> list[str]:
    """The privileged intents that are wanted and not granted; an unverified bot is granted a limited form of each."""
    privileged = {
        "presences": granted.gateway_presence or granted.gateway_presence_limited,
        "members": granted.gateway_guild_members or granted.gateway_guild_members_limited,
        "message_content": granted.gateway_message_content or granted.gateway_message_content_limited,
    }
    return [name for name, has in privileged.items() if getattr(wanted, name) and not has]
