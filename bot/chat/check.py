"""What `reelcord check` asks of Discord, by REST alone."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.chat.client import rest_client, sign_in
from bot.errors import SettingsError
from bot.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """The bot as Discord knows it."""

    name: str
    #: The names of its registered commands, of the server that DISCORD_GUILD_ID names or of all.
    commands: list[str]


async def look(settings: Settings) -> Application:
    """Log in and read what is registered.

    Raises:
        SettingsError: the token is refused, Discord cannot be reached, or the bot is not in the server named.
    """
    client = rest_client(settings)
    tree = discord.app_commands.CommandTree(client)
    guild = discord.Object(settings.discord_guild_id) if settings.discord_guild_id else None
    try:
        await sign_in(client, settings)
        registered = await tree.fetch_commands(guild=guild)
        return Application(name=str(client.user), commands=sorted(command.name for command in registered))
    except discord.Forbidden:
        raise SettingsError(
            "DISCORD_GUILD_ID: the bot is not in this server; invite it there, or leave the setting out"
        ) from None
    except (discord.HTTPException, OSError) as error:
        raise SettingsError(f"Discord could not answer ({type(error).__name__}): try again soon") from None
    finally:
        await client.close()
