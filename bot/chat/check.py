"""What `reelcord check` finds out about Discord: token, intents, commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import discord

from bot.chat.client import rest_client, sign_in
from bot.errors import SettingsError
from bot.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the report; `fix` says what to do where `good` is False."""

    good: bool
    what: str
    found: str
    fix: str = ""


PORTAL = "create one in Discord's developer portal and set DISCORD_TOKEN"


async def check_discord(settings: Settings) -> AsyncIterator[Finding]:
    """Log in with REST alone and look at the application; yields a finding as each is known."""
    if settings.discord_token is None:
        yield Finding(good=False, what="Discord token", found="not set", fix=PORTAL)
        return
    client = rest_client(settings)
    try:
        await sign_in(client, settings)
        assert client.user is not None
        yield Finding(good=True, what="Discord token", found=f"logged in as {client.user}")
        yield Finding(good=True, what="Discord intents", found="none privileged is needed")
        yield await _commands(client, settings)
    except SettingsError as error:
        yield Finding(good=False, what="Discord token", found="refused", fix=str(error))
    except (discord.HTTPException, OSError) as error:
        found = f"not reached ({type(error).__name__})"
        yield Finding(good=False, what="Discord", found=found, fix="check the network and DISCORD_API_URL")
    finally:
        await client.close()


async def _commands(client: discord.Client, settings: Settings) -> Finding:
    tree = discord.app_commands.CommandTree(client)
    guild = discord.Object(settings.discord_guild_id) if settings.discord_guild_id else None
    names = sorted(command.name for command in await tree.fetch_commands(guild=guild))
    place = f"in guild {guild.id}" if guild else "globally"
    if not names:
        fix = "start the bot once: it registers them"
        return Finding(good=False, what="Discord commands", found=f"none registered {place}", fix=fix)
    found = f"{len(names)} registered {place}: {', '.join(names)}"
    return Finding(good=True, what="Discord commands", found=found)
