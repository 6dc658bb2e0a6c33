"""The buttons of a card. Their custom_id carries the job's id, so they work after a restart too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.chat import actions, answers, cards
from bot.chat.errors import explain

if TYPE_CHECKING:
    from bot.chat.client import Reelcord

_JOB_ID = "(?P<job_id>[0-9a-z]{1,32})"


class JobButton(ui.DynamicItem[ui.Button], template="reelcord:none"):  # discord.py wants one of the base class too
    """A press on a button of a card; a subclass says what it does."""

    def __init__(self, job_id: str, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
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


class CancelButton(JobButton, template=cards.BUTTON_ID.format(action="cancel", job_id=_JOB_ID)):
    """Drops a queued job, or stops watching a running one."""

    async def press(self, interaction: discord.Interaction[Reelcord]) -> None:
        """Cancel, and answer by changing the card the button sits on."""
        await answers.defer(interaction)
        job = await actions.cancel(interaction.client.desk, self.job_id, interaction)
        await answers.show(interaction, cards.status(job))


class AgainButton(JobButton, template=cards.BUTTON_ID.format(action="again", job_id=_JOB_ID)):
    """Orders the same thing again."""

    async def press(self, interaction: discord.Interaction[Reelcord]) -> None:
        """Answer with a new card for a new job."""
        await actions.again(interaction.client.desk, self.job_id, interaction)


class BringButton(JobButton, template=cards.BUTTON_ID.format(action="bring", job_id=_JOB_ID)):
    """Posts a held video where the button is pressed."""

    async def press(self, interaction: discord.Interaction[Reelcord]) -> None:
        """Answer with a new card, which the video will reply to."""
        await actions.bring(interaction.client.desk, self.job_id, interaction)


BUTTONS = (CancelButton, AgainButton, BringButton)
