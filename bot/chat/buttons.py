"""The buttons of a card. Their custom_id carries the job's id, so they work after a restart too."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

import discord
from discord import ui

from bot.chat import actions, answers, cards
from bot.chat.desk import Desk
from bot.chat.errors import explain
from bot.jobs.job import ID_PATTERN


async def _cancel(desk: Desk, job_id: str, interaction: discord.Interaction[Any]) -> None:
    """Cancel, and answer by changing the card the button sits on."""
    await answers.defer(interaction)
    job = await actions.cancel(desk, job_id, interaction)
    await answers.show(interaction, cards.status(job))


_ACTIONS: Mapping[str, Callable[[Desk, str, discord.Interaction[Any]], Awaitable[None]]] = {
    "cancel": _cancel,
    "again": actions.again,
    "bring": actions.bring,
}
_TEMPLATE = cards.BUTTON_ID.format(action=f"(?P<action>{'|'.join(_ACTIONS)})", job_id=f"(?P<job_id>{ID_PATTERN})")


class JobButton(ui.DynamicItem[ui.Button], template=_TEMPLATE):
    """A press on a button of a card."""

    def __init__(self, button: ui.Button, action: str, job_id: str) -> None:
        super().__init__(button)
        self.action = action
        self.job_id = job_id

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """Rebuild the button from the id that Discord sent back."""
        assert isinstance(item, ui.Button)
        return cls(item, match["action"], match["job_id"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do it; errors are handled as those of commands."""
        try:
            await _ACTIONS[self.action](interaction.client.desk, self.job_id, interaction)
        except Exception as error:  # noqa: BLE001 - discord.py would only log it, and the person would wait
            await explain(interaction, error)
