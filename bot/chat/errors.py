"""The one error handler of commands and buttons: a plain sentence for the person, the details for the log."""

from __future__ import annotations

from typing import Any

import discord
import structlog
from discord import app_commands

from bot.chat.answers import say
from bot.errors import Refusal

_log = structlog.stdlib.get_logger(__name__)

CHANGED = "This command has changed since your Discord last looked: restart Discord and try again."
BROKEN = "Something went wrong here, and nothing was ordered by it. Please try again in a minute."
_UNKNOWN_INTERACTION = 10062  # its 3 seconds are over: normal after a RESUME, which replays what was missed


async def explain(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Tell the person what happened, once; log what is needed to fix it."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, discord.RateLimited):
        _log.info("Discord takes no answer now", action="interaction_dropped", interaction=interaction.id)
        return
    if isinstance(cause, discord.HTTPException) and cause.code == _UNKNOWN_INTERACTION:
        _log.info("The interaction was too old to answer", action="interaction_dropped", interaction=interaction.id)
        return
    await say(interaction, sentence_of(cause, interaction))


def sentence_of(cause: Exception, interaction: discord.Interaction[Any]) -> str:
    """What the person may read of an error; what they may not is logged."""
    if isinstance(cause, Refusal):
        return str(cause)
    if isinstance(cause, app_commands.TransformerError):
        return f"{cause.value} cannot be used here: choose one of the values offered."
    if isinstance(cause, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return CHANGED
    _log.error("An interaction failed", action="interaction_failed", interaction=interaction.id, exc_info=cause)
    return BROKEN


class Tree(app_commands.CommandTree):
    """A command tree whose errors all go to `explain`."""

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """Explain the error to the person."""
        await explain(interaction, error)
