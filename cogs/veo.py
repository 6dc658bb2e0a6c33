"""/veo: Veo on OctopusX."""

from typing import ClassVar

import discord
from discord import app_commands

from bot.chat.client import Reelcord
from bot.chat.cog import IMAGES, SHARED, VendorCog
from bot.requests.base import Upstream
from bot.requests.veo import VeoModel, VeoRequest, VeoResolution, VeoSeconds, VeoSize


class Veo(VendorCog):
    """Veo 3.1, with up to three pictures."""

    upstream: ClassVar[Upstream] = "octopusx"
    maker: ClassVar[str | None] = VeoRequest.maker

    @app_commands.command()
    @app_commands.describe(
        **SHARED,
        **IMAGES,
        model="veo_3_1 looks best, veo_3_1-fast is quicker and cheaper",
        size="Portrait or landscape; with a picture always landscape",
        seconds="How long the video is",
        resolution="1080P is sharper and takes longer",
        audio="Whether the video has sound",
    )
    async def veo(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        model: VeoModel | None = None,
        size: VeoSize | None = None,
        seconds: VeoSeconds | None = None,
        resolution: VeoResolution | None = None,
        audio: bool | None = None,
        image: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Make a video of 4, 6 or 8 seconds with Veo 3.1."""
        options = {
            "prompt": prompt,
            "model": model,
            "size": size,
            "seconds": seconds,
            "resolution": resolution,
            "audio": audio,
            "image": image,
            "image2": image2,
            "image3": image3,
        }
        await self.order(interaction, VeoRequest, options, private=private, spoiler=spoiler)


async def setup(bot: Reelcord) -> None:
    """Add the command."""
    await bot.add_cog(Veo(bot))
