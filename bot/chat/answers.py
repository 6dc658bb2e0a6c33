"""The first answer to an interaction: due within 3 seconds, and its own answer may be lost on the way.

Discord's code 40060: it was acknowledged already, which after a retry means that the first try was carried out.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import structlog
from discord import ui

from bot.chat.words import shorten

_log = structlog.stdlib.get_logger(__name__)

ALREADY_ACKNOWLEDGED = 40060
MESSAGE_LIMIT = 2000
SILENT = discord.AllowedMentions.none()
LOST = (aiohttp.ClientError, OSError, TimeoutError)
"""What a dropped connection raises: discord.py retries none of them on Linux."""
FAILED = (discord.HTTPException, discord.RateLimited, *LOST)
"""All that a request to Discord raises where it comes to nothing."""
_UNREAD = (TypeError, KeyError)
"""What discord.py 2.7 raises for a yes without a body: a server that drops `with_response` answers 204."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A card that stands in its channel."""

    message_id: int
    #: Only the person sees it. Discord may force this on an app installed to a user.
    ephemeral: bool


async def open_card(interaction: discord.Interaction[Any], view: ui.LayoutView, *, ephemeral: bool) -> Opened | None:
    """Answer with a card; None when the person will never see one, and so nothing may be ordered.

    Raises:
        discord.HTTPException: Discord did not take the answer, which the one error handler explains.
    """
    try:
        with _perhaps_lost(interaction):
            reply = await interaction.response.send_message(view=view, ephemeral=ephemeral, allowed_mentions=SILENT)
            if reply.message_id:
                return Opened(reply.message_id, reply.is_ephemeral())
    except discord.HTTPException as error:
        if error.status < 500:
            raise
    return await _look(interaction, view)


async def defer(interaction: discord.Interaction[Any], *, ephemeral: bool = False) -> None:
    """Say that the answer will follow, before anything slow; a lost or repeated "yes" is a yes."""
    with _perhaps_lost(interaction):
        await interaction.response.defer(ephemeral=ephemeral, thinking=ephemeral)


async def say(interaction: discord.Interaction[Any], sentence: str) -> None:
    """One sentence that only the person sees, whatever has been answered before."""
    text = shorten(sentence, MESSAGE_LIMIT)
    try:
        if not interaction.response.is_done():
            try:
                with _perhaps_unread(interaction):
                    await interaction.response.send_message(text, ephemeral=True, allowed_mentions=SILENT)
            except discord.HTTPException as error:
                if error.code != ALREADY_ACKNOWLEDGED:
                    raise
            else:
                return
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=SILENT)
    except FAILED as error:
        _log.info(
            "A sentence could not be said",
            action="interaction_answer_failed",
            error=str(error),
            interaction=interaction.id,
        )


async def show(interaction: discord.Interaction[Any], view: ui.LayoutView) -> bool:
    """Change the card that answered this interaction; says whether it was, and logs why not: the row is what counts."""
    try:
        await interaction.edit_original_response(view=view, allowed_mentions=SILENT)
    except FAILED as error:
        _log.warning("A card could not be changed", action="card_failed", error=str(error), interaction=interaction.id)
        return False
    return True


async def _look(interaction: discord.Interaction[Any], view: ui.LayoutView) -> Opened | None:
    """The card as Discord has it, after an answer that told us nothing; writing it once more tells which it is, too."""
    try:
        try:
            message = await interaction.original_response()
        except discord.NotFound:
            message = await interaction.edit_original_response(view=view, allowed_mentions=SILENT)
    except FAILED as error:
        _log.warning("No card was found", action="interaction_dropped", error=str(error), interaction=interaction.id)
        return None
    if not message.flags.components_v2:  # no card: another process with this bot's token has refused, in a sentence
        _log.info("Another process has answered", action="interaction_dropped", interaction=interaction.id)
        return None
    return Opened(message.id, message.flags.ephemeral)


@contextmanager
def _perhaps_lost(interaction: discord.Interaction[Any]) -> Generator[None]:
    """Go on where Discord may have taken an answer although its reply was lost, or took it at an earlier try."""
    try:
        with _perhaps_unread(interaction):
            yield
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
    except LOST as error:
        _log.warning(
            "Discord's reply to an answer was lost", action="interaction_answer_lost", error=type(error).__name__
        )


@contextmanager
def _perhaps_unread(interaction: discord.Interaction[Any]) -> Generator[None]:
    """Go on where discord.py has sent an answer and only could not read the reply."""
    try:
        yield
    except _UNREAD:
        if not interaction.response.is_done():
            raise
