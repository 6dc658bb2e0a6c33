"""/sora: Sora 2 on OctopusX."""

from typing import ClassVar

import discord
from discord import app_commands

from bot.chat.client import Reelcord
from bot.chat.cog import SHARED, VendorCog
from bot.requests.base import Upstream
from bot.requests.sora import SoraRequest, SoraSize


class Sora(VendorCog):
    """Sora 2, with one picture."""

    upstream: ClassVar[Upstream] = "octopusx"
    maker: ClassVar[str | None] = SoraRequest.maker

    @app_commands.command()
    @app_commands.describe(
        **SHARED,
        size="Portrait or landscape",
        seconds="How long the video is: choose from the list",
        audio="Whether the video has sound",
        image="A picture to start from: PNG, JPEG or WebP",
    )
    async def sora(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        size: SoraSize | None = None,
        seconds: int | None = None,
        audio: bool | None = None,
        image: discord.Attachment | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Make a video with Sora 2."""
        options = {"prompt": prompt, "size": size, "seconds": seconds, "audio": audio, "image": image}
        await self.order(interaction, SoraRequest, options, private=private, spoiler=spoiler)

    @sora.autocomplete("seconds")
    async def _seconds(self, _: discord.Interaction[Reelcord], current: str | int) -> list[app_commands.Choice[int]]:
        allowed = self.bot.desk.limits.sora_seconds
        fitting = [number for number in allowed if str(number).startswith(str(current))]
        return [app_commands.Choice(name=str(number), value=number) for number in fitting[:25]]


async def setup(bot: Reelcord) -> None:
    """Add the command."""
    await bot.add_cog(Sora(bot))
