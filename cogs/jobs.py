"""/jobs: a person's own jobs, seen by that person only."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat import actions, answers, cards, viewing
from bot.chat.client import Reelcord
from bot.chat.models import BUDGET_SECONDS
from bot.chat.words import STATUS_WORDS, clean, shorten
from bot.jobs.job import Job
from bot.jobs.within import within

SHOWN = 10
JOB = {"job": "The job: choose from the list, or give its id"}


class Jobs(commands.GroupCog, group_name="jobs", group_description="Your videos: see them, cancel or repeat them"):
    """What a person may do with jobs of their own."""

    def __init__(self, bot: Reelcord) -> None:
        self.bot = bot

    @app_commands.command(name="list")
    async def list_jobs(self, interaction: discord.Interaction[Reelcord]) -> None:
        """See your latest jobs."""
        jobs = await actions.read(self.bot.desk.store.of_user(interaction.user.id, limit=SHOWN))
        await answers.open_card(interaction, cards.listing(jobs), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(**JOB)
    async def show(self, interaction: discord.Interaction[Reelcord], job: str) -> None:
        """See one job: how it is getting on, or the video that could not be posted."""
        found = await actions.own(self.bot.desk, job, interaction)
        await viewing.show(self.bot.desk, interaction, found)

    @app_commands.command()
    @app_commands.describe(**JOB)
    async def cancel(self, interaction: discord.Interaction[Reelcord], job: str) -> None:
        """Cancel a job: free while it is queued; later the video service may still charge for it."""
        await answers.defer(interaction, ephemeral=True)
        cancelled = await actions.cancel(self.bot.desk, job, interaction)
        await answers.show(interaction, cards.status(cancelled))

    @app_commands.command()
    @app_commands.describe(**JOB)
    async def again(self, interaction: discord.Interaction[Reelcord], job: str) -> None:
        """Order the same video once more; it is charged once more, too."""
        await actions.again(self.bot.desk, job, interaction)

    @show.autocomplete("job")
    @cancel.autocomplete("job")
    @again.autocomplete("job")
    async def _jobs(self, interaction: discord.Interaction[Reelcord], current: str) -> list[app_commands.Choice[str]]:
        try:
            jobs = await within(BUDGET_SECONDS, self._found(interaction.user.id, clean(current)))
        except TimeoutError:
            return []
        return [app_commands.Choice(name=_label(job), value=job.id) for job in jobs]

    async def _found(self, user_id: int, search: str) -> list[Job]:
        """A person's jobs, by one question at a time: keys are hit faster than a slow database answers."""
        with self.bot.desk.once.only("jobs", user_id) as first:
            return await self.bot.desk.store.of_user(user_id, search=search, limit=25) if first else []


def _label(job: Job) -> str:
    """A job in the 100 characters of a choice."""
    return shorten(f"{job.id} · {STATUS_WORDS[job.status]} · {job.prompt}", 100)


async def setup(bot: Reelcord) -> None:
    """Add the commands."""
    await bot.add_cog(Jobs(bot))
