"""The buttons of a card. Their custom_id carries the job's id, so they work after a restart too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Self

import discord
from discord import ui

from bot.chat import actions, answers, cards
from bot.chat.errors import explain

if TYPE_CHECKING:
    from bot.chat.client import Reelcord

_TEMPLATE = cards.BUTTON_ID.format(action="{action}", job_id="(?P<job_id>[0-9a-z]{{1,32}})")


class JobButton(ui.DynamicItem[ui.Button], template="reelcord:none"):
    """A press on a button of a card; a subclass says what it does."""

    label: ClassVar[str]

    def __init__(self, job_id: str, custom_id: str) -> None:
        super().__init__(ui.Button(label=self.label, custom_id=custom_id))
        self.job_id = job_id

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """Rebuild the button from the id that Discord sent back."""
        assert isinstance(item, ui.Button)
        assert item.custom_id is not None
        return cls(match["job_id"], item.custom_id)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do it; errors are handled as those of commands."""
        try:
            await self.press(interaction)
        except Exception as error:  # noqa: BLE001 - discord.py would only log it, and the person would wait
            await explain(interaction, error)

    async def press(self, interaction: discord.Interaction[Reelcord]) -> None:
        """What the button does."""
        raise NotImplementedError


class CancelButton(JobButton, template=_TEMPLATE.format(action="cancel")):
    """Drops a queued job, or stops watching a running one."""

    label = "Cancel"

    async def press(self, interaction: discord.Interaction[Reelcord]) -> None:
        """Cancel, and answer by changing the card the button sits on."""
        await answers.defer(interaction)
        job = await actions.cancel(interaction.client.desk, self.job_id, interaction)
        await answers.show(interaction, cards.status(job))


class AgainButton(JobButton, template=_TEMPLATE.format(action="again")):
    """Orders the same thing again."""

    label = "Again"

    async def press(self, interaction: discord.Interaction[Reelcord]) -> None:
        """Answer with a new card for a new job."""
        await actions.again(interaction.client.desk, self.job_id, interaction)


class BringButton(JobButton, template=_TEMPLATE.format(action="bring")):
    """Posts a held video where the button is pressed."""

    label = "Bring it here"

    async def press(self, interaction: discord.Interaction[Reelcord]) -> None:
        """Answer with a new card, which the video will reply to."""
        await actions.bring(interaction.client.desk, self.job_id, interaction)


BUTTONS = (CancelButton, AgainButton, BringButton)
