"""/kling: Kling on OctopusX."""

from typing import ClassVar

import discord
from discord import app_commands

from bot.chat.client import Reelcord
from bot.chat.cog import IMAGES, SHARED, VendorCog
from bot.requests.base import Upstream
from bot.requests.unified import KlingRequest, KlingSize


class Kling(VendorCog):
    """Kling, any model of it that the key may use."""

    upstream: ClassVar[Upstream] = "octopusx"
    maker: ClassVar[str | None] = KlingRequest.maker

    @app_commands.command()
    @app_commands.describe(
        **SHARED,
        **IMAGES,
        model="kling-v1 where none is chosen",
        duration="Seconds: 5 or 10 for most models",
        size="Width and height of the video",
        negative_prompt="What the video should not show",
        style="A style, such as cinematic",
        camera_control="How the camera moves",
        quality="Quality, such as high",
    )
    async def kling(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        model: str | None = None,
        duration: int | None = None,
        size: KlingSize | None = None,
        image: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        negative_prompt: str | None = None,
        style: str | None = None,
        camera_control: str | None = None,
        quality: str | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Make a video with Kling."""
        options = {
            "prompt": prompt,
            "model": model,
            "duration": duration,
            "size": size,
            "image": image,
            "image2": image2,
            "image3": image3,
            "negative_prompt": negative_prompt,
            "style": style,
            "camera_control": camera_control,
            "quality": quality,
        }
        await self.order(interaction, KlingRequest, options, private=private, spoiler=spoiler)

    @kling.autocomplete("model")
    async def _models(self, _: discord.Interaction[Reelcord], current: str) -> list[app_commands.Choice[str]]:
        return await self.offer_models(current, having="kling")


async def setup(bot: Reelcord) -> None:
    """Add the command."""
    await bot.add_cog(Kling(bot))
