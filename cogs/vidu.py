"""/vidu: Vidu on OctopusX."""

from typing import ClassVar

import discord
from discord import app_commands

from bot.chat.client import Reelcord
from bot.chat.cog import SHARED, VendorCog
from bot.requests.base import Upstream
from bot.requests.vidu import ViduAspectRatio, ViduModel, ViduRequest, ViduResolution, ViduWatermarkPosition


class Vidu(VendorCog):
    """Vidu Q2 and Q3, with one picture."""

    upstream: ClassVar[Upstream] = "octopusx"
    maker: ClassVar[str | None] = ViduRequest.maker

    @app_commands.command()
    @app_commands.describe(
        **SHARED,
        model="viduq3-pro is the newest, viduq2-turbo the quickest",
        aspect_ratio="The shape of the video; with a picture its own shape is kept",
        duration="Seconds: viduq2 takes 1 to 10, viduq3 up to 16",
        resolution="How sharp the video is",
        image="A picture to start from: PNG, JPEG or WebP, not longer than 4:1",
        audio="Whether the video has sound",
        voice_id="A voice of Vidu's, for viduq2 only",
        is_rec="Let Vidu write the prompt from the picture",
        bgm="Background music, for viduq2",
        seed="The same number gives a similar video again; 0 is random",
        off_peak="Cheaper, but it may take up to two days",
        watermark="Put a watermark on the video",
        wm_position="Where the watermark is: 1 top left, 2 top right, 3 bottom right, 4 bottom left",
        wm_url="Link to a picture that is used as the watermark",
    )
    async def vidu(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        model: ViduModel | None = None,
        aspect_ratio: ViduAspectRatio | None = None,
        duration: int | None = None,
        resolution: ViduResolution | None = None,
        image: discord.Attachment | None = None,
        audio: bool | None = None,
        voice_id: str | None = None,
        is_rec: bool | None = None,
        bgm: bool | None = None,
        seed: int | None = None,
        off_peak: bool | None = None,
        watermark: bool | None = None,
        wm_position: ViduWatermarkPosition | None = None,
        wm_url: str | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Make a video with Vidu."""
        options = {
            "prompt": prompt,
            "model": model,
            "aspect_ratio": aspect_ratio,
            "duration": duration,
            "resolution": resolution,
            "image": image,
            "audio": audio,
            "voice_id": voice_id,
            "is_rec": is_rec,
            "bgm": bgm,
            "seed": seed,
            "off_peak": off_peak,
            "watermark": watermark,
            "wm_position": wm_position,
            "wm_url": wm_url,
        }
        await self.order(interaction, ViduRequest, options, private=private, spoiler=spoiler)


async def setup(bot: Reelcord) -> None:
    """Add the command."""
    await bot.add_cog(Vidu(bot))
