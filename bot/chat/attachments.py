"""Attachments of a command: what Discord says of them at once, and their bytes, read once since their links expire."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from typing import Any, get_args

import discord

from bot.chat.answers import FAILED, SILENT
from bot.errors import Refusal
from bot.media.picture import open_picture
from bot.requests.base import LINKED, ContentType, Image, InputFile
from bot.requests.image import MAX_FILE_BYTES

READ_SECONDS = SHOW_SECONDS = 60.0
MAX_VIDEO_BYTES = 100 * 1024**2
"""Google goes on from videos of 1 to 30 seconds, which have less; a service might take more, charge for it and fail."""
_NOT_HANDED_OVER = "Discord did not hand {name} over, and nothing was ordered: please attach it again."
_NOT_TAKEN = "Discord did not take the picture back, and nothing was ordered: please try again."
_SENT_INSTEAD = (
    "This is sent instead of your file: the picture alone, upright, without where, when or by whom it was taken."
)
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
    return {name: await _opened(task.result(), attachments[name]) for name, task in reading.items()}


async def show_changed(interaction: discord.Interaction[Any], images: Mapping[str, Image]) -> dict[str, Image]:
    """The pictures, each with a link that leads to just what was found good.

    One that had to be changed has none: it is shown to the person, and to nobody else, and so gets a link of Discord's.

    Raises:
        Refusal: Discord does not take it.
    """
    changed = {name: image for name, image in images.items() if image.url is None}
    if not changed:
        return dict(images)
    files = [discord.File(io.BytesIO(image.data), image.name) for image in changed.values()]
    try:
        async with asyncio.timeout(SHOW_SECONDS):
            shown = await interaction.followup.send(
                _SENT_INSTEAD, files=files, ephemeral=True, allowed_mentions=SILENT, wait=True
            )
    except FAILED:
        raise Refusal(_NOT_TAKEN) from None
    links = dict(zip(changed, (each.url for each in shown.attachments), strict=True))
    return {name: image.model_copy(update={"url": links.get(name, image.url)}) for name, image in images.items()}


def as_inputs(images: Mapping[str, Image]) -> tuple[InputFile, ...]:
    """The pictures kept beside a job for its signed links; the submission's body leaves them out."""
    return tuple(InputFile.of(f"{LINKED}{name}", image) for name, image in images.items())


async def _opened(data: bytes, attachment: discord.Attachment) -> Image:
    """A picture; the attachment's link is its own only where it is sent as it came."""
    image = await open_picture(data, attachment.filename)
    return image.model_copy(update={"url": attachment.url}) if image.data == data else image


async def _read(name: str, attachment: discord.Attachment) -> bytes:
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await attachment.read()
    except FAILED:
        raise Refusal(_NOT_HANDED_OVER.format(name=name)) from None
