"""The base class of a vendor's commands: shared option descriptions, model autocomplete, and the one way to order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.client import Reelcord
from bot.chat.orders import Order, place
from bot.requests.base import Request, Upstream

SHARED = {
    "prompt": "What the video should show",
    "private": "Only you see the answer and the video",
    "spoiler": "Hide the video until someone clicks it",
}
"""Descriptions of the options that every vendor's command has."""

IMAGES = {
    "image": "A picture to start from: PNG, JPEG or WebP",
    "image2": "A second picture",
    "image3": "A third picture",
}
"""Descriptions of the picture options."""


class VendorCog(commands.Cog):
    """The commands of one vendor. Left out when its `upstream` has no key."""

    upstream: ClassVar[Upstream]
    #: Who makes its videos, as people call them; None: whoever's model is named.
    maker: ClassVar[str | None] = None

    def __init__(self, bot: Reelcord) -> None:
        self.bot = bot

    async def order(
        self,
        interaction: discord.Interaction[Any],
        kind: type[Request],
        options: Mapping[str, Any],
        *,
        private: bool,
        spoiler: bool,
    ) -> None:
        """Order a video: `options` by the request's own names, None where not given.

        Raises:
            Refusal: what was asked cannot be had.
        """
        assert interaction.command is not None
        command = interaction.command.qualified_name
        order = Order(command=command, kind=kind, options=options, private=private, spoiler=spoiler)
        await place(self.bot.desk, interaction, order)

    async def offer_models(self, current: str, *, having: str = "") -> list[app_commands.Choice[str]]:
        """The upstream's models that hold what was typed, as many as Discord shows."""
        return offers(name for name in await self.bot.models[self.upstream].names() if _fits(name, current, having))


def offers(names: Iterable[str]) -> list[app_commands.Choice[str]]:
    """At most 25 names as choices; Discord takes none longer than 100 characters."""
    fitting = [name for name in names if len(name) <= 100]
    return [app_commands.Choice(name=name, value=name) for name in fitting[:25]]


def _fits(name: str, current: str, having: str) -> bool:
    return current.lower() in name.lower() and having in name.lower()
