"""Which Discord is spoken to, as whom: what the bot itself, a worker and the check share."""

from __future__ import annotations

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.chat.answers import FAILED
from bot.chat.gate import PATIENCE, REFUSED, Gate
from bot.errors import SettingsError
from bot.settings import Settings

INTENTS = discord.Intents(guilds=True)
"""None of them is privileged: slash commands, buttons and our own messages need no more."""
NOT_INVITED = "DISCORD_GUILD_ID: the bot is not in this server; invite it there, or leave the setting out"


def point_discord_at(settings: Settings) -> None:
    """Send discord.py to another server than Discord's own, where the settings name one."""
    if settings.discord_api_url:
        Route.BASE = settings.discord_api_url
    if settings.discord_gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.discord_gateway_url)


def own_guild(settings: Settings) -> discord.Object | None:
    """The one server whose commands are registered; None: those of all."""
    return discord.Object(settings.discord_guild_id) if settings.discord_guild_id else None


def rest_client(settings: Settings, gate: Gate) -> discord.Client:
    """A client for REST alone: it answers no command and opens no WebSocket."""
    point_discord_at(settings)
    return discord.Client(intents=INTENTS, max_ratelimit_timeout=PATIENCE, http_trace=gate.trace)


async def sign_in(client: discord.Client, settings: Settings) -> None:
    """Log in; for the bot itself this also loads the commands and tells Discord of them.

    Raises:
        SettingsError: Discord refuses the token, or cannot be reached.
    """
    assert settings.discord_token is not None
    try:
        await client.login(settings.discord_token.get_secret_value())
    except discord.LoginFailure:
        raise SettingsError(REFUSED) from None
    except discord.RateLimited as error:
        raise SettingsError(
            f"Discord asks to wait {error.retry_after:.0f} seconds before the bot signs in: start it again then"
        ) from None
    except discord.app_commands.CommandSyncFailure:
        raise  # our own mistake
    except FAILED as error:
        raise SettingsError(
            f"Discord cannot be reached ({type(error).__name__}): check the network and DISCORD_API_URL, and start again"
        ) from None
