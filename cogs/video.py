"""/video: any model of OctopusX, by its name."""

from typing import ClassVar

import discord
from discord import app_commands

from bot.chat.client import Reelcord
from bot.chat.cog import IMAGES, SHARED, VendorCog
from bot.requests.base import Upstream
from bot.requests.unified import UnifiedRequest


class Video(VendorCog):
    """Every model of the unified interface."""

    upstream: ClassVar[Upstream] = "octopusx"

    @app_commands.command()
    @app_commands.describe(
        **SHARED,
        **IMAGES,
        model="The model's name: choose from the list",
        duration="Seconds, as the model allows",
        size="Such as 1280x720 or 16:9, as the model allows",
        metadata='More options of the model as a JSON object, such as {"style": "anime"}',
    )
    async def video(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        model: str,
        duration: int | None = None,
        size: str | None = None,
        image: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        metadata: str | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Make a video with any model of the service."""
        options = {
            "prompt": prompt,
            "model": model,
            "duration": duration,
            "size": size,
            "image": image,
            "image2": image2,
            "image3": image3,
            "metadata": metadata,
        }
        await self.order(interaction, UnifiedRequest, options, private=private, spoiler=spoiler)

    @video.autocomplete("model")
    async def _models(self, _: discord.Interaction[Reelcord], current: str) -> list[app_commands.Choice[str]]:
        return await self.offer_models(current)


async def setup(bot: Reelcord) -> None:
    """Add the command."""
    await bot.add_cog(Video(bot))
