"""What stays behind when a held video is asked for at another place: messages that say where it went."""

from __future__ import annotations

from typing import Any

import discord
import structlog

from bot.chat import answers, cards
from bot.chat.places import link_to
from bot.jobs.job import Destination, Job

_log = structlog.stdlib.get_logger(__name__)


async def leave(interaction: discord.Interaction[Any], job: Job, where: Destination | None) -> None:
    """Change the held job's old card, and the message whose button was pressed, as far as they can be edited.

    `where` is where the video goes, None where nobody else can look there.
    """
    old, pressed = job.destination, interaction.message
    left: dict[int, tuple[int, int | None]] = {}
    if old.card_id and old.member and not old.private:
        left[old.card_id] = old.channel_id, old.guild_id
    if pressed and not pressed.flags.ephemeral:
        left[pressed.id] = pressed.channel.id, interaction.guild_id
    for message_id, (channel_id, guild_id) in left.items():
        channel = interaction.client.get_partial_messageable(channel_id, guild_id=guild_id)
        view = cards.moved(job, _link(where, channel) if where else None)
        try:
            await channel.get_partial_message(message_id).edit(view=view, allowed_mentions=answers.SILENT)
        except answers.FAILED as error:
            _log.info("A card left behind stays as it is", action="card_failed", error=str(error), **job.log_context())


def _link(where: Destination, reader: discord.PartialMessageable) -> str | None:
    """The way to the new card for those who read another message; that of another server is nobody's business there."""
    same_guild = where.guild_id is not None and where.guild_id == reader.guild_id
    if where.card_id is None or not (same_guild or where.channel_id == reader.id):
        return None
    return link_to(where.guild_id, where.channel_id, where.card_id)
