"""/veo31: Veo 3.1 on UniAll, one subcommand a mode."""

from typing import ClassVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.attachments import video_link
from bot.chat.client import Reelcord
from bot.chat.cog import SHARED, VendorCog
from bot.requests.base import Upstream
from bot.requests.veo31 import (
    Veo31AspectRatio,
    Veo31Extend,
    Veo31Frames,
    Veo31Image,
    Veo31References,
    Veo31Resolution,
    Veo31Seconds,
    Veo31Text,
    Veo31Tier,
)

COMMON = {
    **SHARED,
    "resolution": "How sharp the video is",
    "audio": "Whether the video has sound",
    "negative_prompt": "What the video should not show",
    "seed": "The same number gives a similar video again",
}
TIER = {"tier": "fast is quicker and cheaper"}
RATIO = {"aspect_ratio": "Landscape or portrait"}
SECONDS = {"duration": "How long the video is, in seconds"}


class Veo31(
    VendorCog, commands.GroupCog, group_name="veo31", group_description="Make a video with Veo 3.1, in up to 4k"
):
    """The five modes of veo3.1-video."""

    upstream: ClassVar[Upstream] = "uniall"
    maker: ClassVar[str | None] = Veo31Text.maker

    @app_commands.command()
    @app_commands.describe(**COMMON, **TIER, **RATIO, **SECONDS)
    async def text(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        tier: Veo31Tier | None = None,
        resolution: Veo31Resolution | None = None,
        aspect_ratio: Veo31AspectRatio | None = None,
        duration: Veo31Seconds | None = None,
        audio: bool | None = None,
        negative_prompt: str | None = None,
        seed: int | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Make a video from words alone."""
        options = {
            "prompt": prompt,
            "tier": tier,
            "resolution": resolution,
            "aspect_ratio": aspect_ratio,
            "duration": duration,
            "audio": audio,
            "negative_prompt": negative_prompt,
            "seed": seed,
        }
        await self.order(interaction, Veo31Text, options, private=private, spoiler=spoiler)

    @app_commands.command()
    @app_commands.describe(**COMMON, **TIER, **SECONDS, image="The picture to start from")
    async def image(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        image: discord.Attachment,
        tier: Veo31Tier | None = None,
        resolution: Veo31Resolution | None = None,
        duration: Veo31Seconds | None = None,
        audio: bool | None = None,
        negative_prompt: str | None = None,
        seed: int | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Make a video that starts from your picture."""
        options = {
            "prompt": prompt,
            "image": image,
            "tier": tier,
            "resolution": resolution,
            "duration": duration,
            "audio": audio,
            "negative_prompt": negative_prompt,
            "seed": seed,
        }
        await self.order(interaction, Veo31Image, options, private=private, spoiler=spoiler)

    @app_commands.command()
    @app_commands.describe(**COMMON, **TIER, **SECONDS, image="The first frame", last_image="The last frame")
    async def frames(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        image: discord.Attachment,
        last_image: discord.Attachment,
        tier: Veo31Tier | None = None,
        resolution: Veo31Resolution | None = None,
        duration: Veo31Seconds | None = None,
        audio: bool | None = None,
        negative_prompt: str | None = None,
        seed: int | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Make a video that starts from one picture and ends at another."""
        options = {
            "prompt": prompt,
            "image": image,
            "last_image": last_image,
            "tier": tier,
            "resolution": resolution,
            "duration": duration,
            "audio": audio,
            "negative_prompt": negative_prompt,
            "seed": seed,
        }
        await self.order(interaction, Veo31Frames, options, private=private, spoiler=spoiler)

    @app_commands.command()
    @app_commands.describe(
        **COMMON,
        **RATIO,
        **SECONDS,
        image="The first picture",
        image2="The second picture",
        image3="The third picture",
    )
    async def references(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        image: discord.Attachment,
        image2: discord.Attachment,
        image3: discord.Attachment | None = None,
        resolution: Veo31Resolution | None = None,
        aspect_ratio: Veo31AspectRatio | None = None,
        duration: Veo31Seconds | None = None,
        audio: bool | None = None,
        negative_prompt: str | None = None,
        seed: int | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Make a video that shows what is in your two or three pictures."""
        options = {
            "prompt": prompt,
            "image": image,
            "image2": image2,
            "image3": image3,
            "resolution": resolution,
            "aspect_ratio": aspect_ratio,
            "duration": duration,
            "audio": audio,
            "negative_prompt": negative_prompt,
            "seed": seed,
        }
        await self.order(interaction, Veo31References, options, private=private, spoiler=spoiler)

    @app_commands.command()
    @app_commands.describe(
        **COMMON, **TIER, video="The video to go on from: an MP4, sent as it is", video_url="Or a link to it"
    )
    async def extend(
        self,
        interaction: discord.Interaction[Reelcord],
        *,
        prompt: str,
        video: discord.Attachment | None = None,
        video_url: str | None = None,
        tier: Veo31Tier | None = None,
        resolution: Veo31Resolution | None = None,
        audio: bool | None = None,
        negative_prompt: str | None = None,
        seed: int | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Go on from where a video of yours ends."""
        options = {
            "prompt": prompt,
            "video": video_link(video) if video else None,
            "video_url": video_url,
            "tier": tier,
            "resolution": resolution,
            "audio": audio,
            "negative_prompt": negative_prompt,
            "seed": seed,
        }
        await self.order(interaction, Veo31Extend, options, private=private, spoiler=spoiler)


async def setup(bot: Reelcord) -> None:
    """Add the commands."""
    await bot.add_cog(Veo31(bot))
