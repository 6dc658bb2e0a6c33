"""What `reelcord check` finds out about Discord: token, intents, commands."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord

from bot.chat.client import rest_client, sign_in
from bot.errors import SettingsError
from bot.settings import Settings

Finding = tuple[bool, str, str, str]
"""Whether it is well, what was looked at, what was found, and what to do where it is not well."""

PORTAL = "create one in Discord's developer portal and set DISCORD_TOKEN"


async def check_discord(settings: Settings) -> AsyncIterator[Finding]:
    """Log in with REST alone and look at the application; yields a finding as each is known."""
    if settings.discord_token is None:
        yield False, "Discord token", "not set", PORTAL
        return
    client = rest_client(settings)
    try:
        await sign_in(client, settings)
        assert client.user is not None
        yield True, "Discord token", f"logged in as {client.user}", ""
        yield True, "Discord intents", "none privileged is needed", ""
        yield await _commands(client, settings)
    except SettingsError as error:
        yield False, "Discord token", "refused", str(error)
    except (discord.HTTPException, OSError) as error:
        yield False, "Discord", f"not reached ({type(error).__name__})", "check the network and DISCORD_API_URL"
    finally:
        await client.close()


async def _commands(client: discord.Client, settings: Settings) -> Finding:
    tree = discord.app_commands.CommandTree(client)
    guild = discord.Object(settings.discord_guild_id) if settings.discord_guild_id else None
    names = sorted(command.name for command in await tree.fetch_commands(guild=guild))
    place = f"in guild {guild.id}" if guild else "globally"
    if not names:
        return False, "Discord commands", f"none registered {place}", "start the bot once: it registers them"
    return True, "Discord commands", f"{len(names)} registered {place}: {', '.join(names)}", ""
