"""Attachments of a command: what Discord says of them at once, and their bytes, read once since their links expire."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import get_args

import discord

from bot.chat.answers import LOST
from bot.errors import Refusal
from bot.requests.base import LINKED, ContentType, Image, InputFile
from bot.requests.image import MAX_FILE_BYTES, read_image

READ_SECONDS = 60.0
_TYPES: Mapping[str | None, ContentType] = {kind: kind for kind in get_args(ContentType)}


def check_size(name: str, attachment: discord.Attachment) -> None:
    """Refuse at once what is too large to be read.

    Raises:
        Refusal: the picture is over the limit.
    """
    if attachment.size > MAX_FILE_BYTES:
        raise Refusal(f"{name} is larger than {MAX_FILE_BYTES // 1024**2} MB: attach a smaller picture.")


def declared(attachment: discord.Attachment) -> Image:
    """A stand-in made of what Discord says of an attachment, so that every rule can be asked before a byte is read."""
    return Image(
        name=attachment.filename,
        content_type=_TYPES.get(attachment.content_type, "image/png"),
        width=attachment.width or 1,
        height=attachment.height or 1,
        data=b"",
        url=attachment.url,
    )


async def read(attachments: Mapping[str, discord.Attachment]) -> dict[str, Image]:
    """The pictures, opened and found good, by option name.

    Raises:
        Refusal: Discord did not hand one over, or it is not a picture we can use.
    """
    images = await asyncio.gather(*(_read(name, attachment) for name, attachment in attachments.items()))
    return dict(zip(attachments, images, strict=True))


def as_inputs(images: Mapping[str, Image]) -> tuple[InputFile, ...]:
    """The pictures kept beside a job for its signed links; the submission's body leaves them out."""
    return tuple(InputFile.of(f"{LINKED}{name}", image) for name, image in images.items())


async def _read(name: str, attachment: discord.Attachment) -> Image:
    try:
        async with asyncio.timeout(READ_SECONDS):
            data = await attachment.read()
    except (discord.HTTPException, *LOST):
        raise Refusal(f"Discord did not hand {name} over, and nothing was ordered: please attach it again.") from None
    image = await asyncio.to_thread(read_image, data, attachment.filename)
    return image.model_copy(update={"url": attachment.url})
