"""An interaction's token: for 15 minutes it changes the card, with no right in the channel and no share of its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import discord
from discord import ui

from bot.chat.answers import SILENT
from bot.jobs.job import Destination
from bot.jobs.promise import TOKEN_SECONDS, Promise


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A token that lives. Its messages cannot be searched, so all that is done with it twice must do no harm."""

    webhook: discord.Webhook
    card_id: int
    #: How long it lives yet. discord.py would wait out any rate limit of a webhook, however long.
    seconds: float

    @classmethod
    def of(cls, client: discord.Client, where: Destination, now: float) -> Self | None:
        """The token of a job; None when it is dead."""
        if where.token is None or where.card_id is None:
            return None
        left = _birth(where.card_id) + TOKEN_SECONDS - now
        if left <= 0:
            return None
        webhook = discord.Webhook.partial(where.application_id, where.token, client=client)
        return cls(webhook=webhook, card_id=where.card_id, seconds=left)

    @property
    def born(self) -> float:
        """When its life began, in Unix seconds."""
        return _birth(self.card_id)

    async def edit(self, view: ui.LayoutView, files: Callable[[], list[discord.File]]) -> None:
        """Make the card say and hold just this. It costs none of the five further answers of a token.

        Raises:
            discord.HTTPException: Discord does not take it.
            TimeoutError: the token's time is over.
        """
        async with asyncio.timeout(self.seconds):
            await self.webhook.edit_message(self.card_id, view=view, attachments=files(), allowed_mentions=SILENT)

    async def call(self, user_id: int, sentence: str) -> None:
        """Mention a person in one further answer, since an edit pings nobody.

        Where only a person has installed the app Discord allows five such answers, of which this is the only one.

        Raises:
            discord.HTTPException: Discord does not take it.
            TimeoutError: the token's time is over.
        """
        only = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(user_id)])
        async with asyncio.timeout(self.seconds):
            await self.webhook.send(f"<@{user_id}>, {sentence}", allowed_mentions=only)


async def edit_answer(client: discord.Client, promise: Promise, view: ui.LayoutView) -> None:
    """Make the first answer, whichever message it is, say just this.

    Raises:
        discord.HTTPException: Discord does not take it, or there was no answer.
    """
    webhook = discord.Webhook.partial(promise.application_id, promise.token, client=client)
    await webhook.edit_message("@original", view=view, allowed_mentions=SILENT)  # pyright: ignore[reportCallIssue, reportArgumentType] - Discord's own word


def _birth(card_id: int) -> float:
    """The card is as old as the token: both were made by the same answer."""
    return discord.utils.snowflake_time(card_id).timestamp()
