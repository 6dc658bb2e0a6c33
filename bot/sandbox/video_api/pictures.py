"""Reference pictures as they come in a request: data URIs, bare base64, uploaded files, or links that are fetched."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import tempfile
from pathlib import Path

import aiohttp
from PIL import Image, UnidentifiedImageError

from bot.sandbox.video_api.render import ffmpeg

_FETCH_SECONDS = 10
_VIDEO_MARK = b"ftyp"  # the first box of every MP4 and QuickTime file, after its four bytes of length


class BadPicture(Exception):  # noqa: N818 - named by what it is
    """A reference is not to be had or is not a picture; `str()` says which and why."""


async def fetch(url: str) -> bytes:
    """What stands at a link, really fetched: a dead link is found out here.

    Raises:
        BadPicture: not http(s), no answer, or not a 200.
    """
    if not url.startswith(("http://", "https://")):
        raise BadPicture(f"must be an http(s) URL, got {url[:40]!r}")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_FETCH_SECONDS)) as session,
            session.get(url) as answer,
        ):
            if answer.status != 200:
                raise BadPicture(f"failed to fetch {url[:200]}: status {answer.status}")
            return await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise BadPicture(f"failed to fetch {url[:200]}: {type(error).__name__}") from None


async def load(value: str) -> bytes:
    """The bytes of a picture given as a link, a data URI or bare base64.

    Raises:
        BadPicture: it cannot be read as a picture.
    """
    if value.startswith(("http://", "https://")):
        return checked(await fetch(value))
    encoded = value.partition(";base64,")[2] if value.startswith("data:") else value
    try:
        return checked(base64.b64decode(encoded, validate=True))
    except binascii.Error:
        raise BadPicture("is neither a URL nor base64") from None


def checked(data: bytes) -> bytes:
    """The same bytes, opened and found to be a picture.

    Raises:
        BadPicture: they are not.
    """
    size_and_format(data)
    return data


def size_and_format(data: bytes) -> tuple[int, int, str]:
    """Width, height and format (such as "PNG") of a picture, by its content.

    Raises:
        BadPicture: it is not a picture.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            return picture.width, picture.height, picture.format or ""
    except (UnidentifiedImageError, OSError, ValueError):
        raise BadPicture("is not a picture") from None


async def last_frame(data: bytes) -> bytes:
    """The last frame of a video, as PNG.

    Raises:
        BadPicture: it is not a video.
    """
    if data[4:8] != _VIDEO_MARK:
        raise BadPicture("is not an MP4 video")
    with tempfile.TemporaryDirectory() as folder:
        source, frame = Path(folder, "source.mp4"), Path(folder, "frame.png")
        await asyncio.to_thread(source.write_bytes, data)
        options = ["-loglevel", "error", "-nostdin", "-y", "-sseof", "-0.3", "-i", str(source)]
        process = await asyncio.create_subprocess_exec(
            ffmpeg(), *options, "-update", "1", str(frame), stderr=asyncio.subprocess.DEVNULL
        )
        await process.wait()
        try:
            return await asyncio.to_thread(frame.read_bytes)
        except FileNotFoundError:
            raise BadPicture("is not a readable video") from None
