"""How large a picture or video is, which Discord tells of every attachment that it can show."""

from __future__ import annotations

import io
import struct
import warnings

from PIL import Image

from bot.sandbox.discord_api.blobs import Blob

_TRACK_SIZE_AT = {0: 80, 1: 92}  #: bytes from a track header's name to its width, by the header's version
_LOOKED_AT = 4 * 1024 * 1024  #: bytes at either end of a file: a movie's header stands at its start or at its end


def picture_size(blob: Blob, content_type: str) -> tuple[int, int] | None:
    """Width and height in pixels, or None for what is neither an image nor an MP4 video."""
    if content_type.startswith("image/"):
        return _image_size(blob.read())
    if content_type.startswith("video/"):
        return _video_size(blob.read(0, _LOOKED_AT)) or _video_size(blob.read(max(0, blob.size - _LOOKED_AT)))
    return None


def _image_size(data: bytes) -> tuple[int, int] | None:
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as image:
            return image.size
    except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _video_size(data: bytes) -> tuple[int, int] | None:
    """The first track with a picture; a track header holds its size as two 16.16 numbers at its end."""
    at = data.find(b"tkhd")
    while at >= 0:
        start = at + _TRACK_SIZE_AT.get(data[at + 4] if at + 4 < len(data) else 0, 80)
        if start + 8 <= len(data):
            width, height = (fixed >> 16 for fixed in struct.unpack_from(">II", data, start))
            if width and height:
                return width, height
        at = data.find(b"tkhd", at + 4)
    return None
