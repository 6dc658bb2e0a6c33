"""Attachments of a command: what Discord says of them at once, and their bytes, read once since their links expire."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import get_args

import discord

from bot.chat.answers import FAILED
from bot.errors import Refusal
from bot.media.picture import open_picture
from bot.requests.base import LINKED, ContentType, Image, InputFile
from bot.requests.image import MAX_FILE_BYTES

READ_SECONDS = 60.0
MAX_VIDEO_BYTES = 100 * 1024**2
"""Google goes on from videos of 1 to 30 seconds, which have less; a service might take more, charge for it and fail."""
_NOT_HANDED_OVER = "Discord did not hand {name} over, and nothing was ordered: please attach it again."
_TYPES: Mapping[str | None, ContentType] = {kind: kind for kind in get_args(ContentType)}


def check_size(name: str, attachment: discord.Attachment) -> None:
    """Refuse at once what is too large to be read.

    Raises:
        Refusal: the picture is over the limit.
    """
    if attachment.size > MAX_FILE_BYTES:
        raise Refusal(f"{name} is larger than {MAX_FILE_BYTES // 1024**2} MB: attach a smaller picture.")


def video_link(attachment: discord.Attachment) -> str:
    """The link of an attached video, which the service fetches itself.

    Raises:
        Refusal: by what Discord says of it, it is none, or too large.
    """
    if not (attachment.content_type or "").startswith("video/"):
        raise Refusal("video takes a video file: attach an MP4.")
    if not 0 < attachment.size <= MAX_VIDEO_BYTES:
        wrong = "is empty" if attachment.size == 0 else f"is larger than {MAX_VIDEO_BYTES // 1024**2} MB"
        raise Refusal(f"video {wrong}: attach a clip of at most 30 seconds.")
    return attachment.url


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
    """The pictures, opened one after another and found good, by option name: each may have 50 MB, and be a trap.

    Raises:
        Refusal: Discord did not hand one over, or it is not a picture we can use.
    """
    try:
        async with asyncio.TaskGroup() as group:
            reading = {name: group.create_task(_read(name, each)) for name, each in attachments.items()}
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return {
        name: (await open_picture(task.result(), attachments[name].filename)).model_copy(
            update={"url": attachments[name].url}
        )
        for name, task in reading.items()
    }


def as_inputs(images: Mapping[str, Image]) -> tuple[InputFile, ...]:
    """The pictures kept beside a job for its signed links; the submission's body leaves them out."""
    return tuple(InputFile.of(f"{LINKED}{name}", image) for name, image in images.items())


async def _read(name: str, attachment: discord.Attachment) -> bytes:
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await attachment.read()
    except FAILED:
        raise Refusal(_NOT_HANDED_OVER.format(name=name)) from None
