"""A file on its way to disk: what it may be, how large it may grow, and the room it has to leave."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.api.errors import BadFile, NoRoom, TooLarge
from bot.api.retry import NO_FILE

MAX_BYTES = 1024**3
"""Bytes a video may have: 1 GiB."""
RESERVE = 256 * 1024**2
"""Bytes of the disk that no video may take: the database and the re-encoded copies of others live on them."""

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""The system's words for a disk, or a quota, that is full."""
_NO_ROOM = "The bot's disk is full, so the video cannot be fetched now: its operator has to make room."

#: Types of what comes instead of a video: pages, errors, stills, playlists.
_NOT_VIDEO = (
    *("text/", "image/", "audio/", "font/", "multipart/"),
    *("application/json", "application/problem", "application/xml", "application/xhtml", "application/pdf"),
    *("application/vnd.apple.mpegurl", "application/x-mpegurl", "application/dash"),
)
#: First bytes of a page, of JSON and of a playlist, which may call themselves a video.
_NOT_VIDEO_INSIDE = (b"<", b"{", b"[", b"#EXTM3U")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: The first boxes an MP4 may have (bytes 4 to 8), and how Matroska and WebM begin.
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp"})
_MATROSKA = b"\x1a\x45\xdf\xa3"


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """How large a video may be, and how much of the disk has to stay free; in bytes."""

    max_bytes: int = MAX_BYTES
    reserve: int = RESERVE


class Part:
    """A file that is being written, within its room."""

    def __init__(self, file: BinaryIO, folder: Path, room: Room) -> None:
        self._file = file
        self._folder = folder
        self._room = room
        self._content_type = ""
        self.size = 0

    async def expect(self, length: int | None, content_type: str) -> None:
        """Take note of what the headers say of the file, before its first byte.

        Raises:
            TooLarge, NoRoom: it need not even begin.
        """
        self._content_type = content_type.strip().casefold()
        if length is not None and length > self._room.max_bytes:
            raise _too_large(self._room.max_bytes, length)
        await asyncio.to_thread(self._check_disk, length or 0)

    async def write(self, piece: bytes) -> None:
        """Write the next piece; the first one shows whether it is a video at all.

        Raises:
            BadFile: it is none; as TooLarge, it has grown too large.
            NoRoom: the disk is as full as it may be.
        """
        if self.size == 0 and not _may_be_video(piece, self._content_type):
            raise BadFile(NO_FILE, status=200)
        self.size += len(piece)
        if self.size > self._room.max_bytes:
            raise _too_large(self._room.max_bytes, None)
        await asyncio.to_thread(self._append, piece)

    def _append(self, piece: bytes) -> None:
        self._check_disk(len(piece))
        self._file.write(piece)

    def _check_disk(self, coming: int) -> None:
        if shutil.disk_usage(self._folder).free - coming < self._room.reserve:
            raise NoRoom(_NO_ROOM)


@contextmanager
def full_disk_is_no_room() -> Generator[None, None, None]:
    """Turn the system's word that a disk or a quota is full into `NoRoom`."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom(_NO_ROOM) from error
        raise


def _may_be_video(start: bytes, content_type: str) -> bool:
    """Judge the first bytes; the type counts only where they are no video's, since storage is often careless with it."""
    if start[4:8] in _BOXES or start.startswith(_MATROSKA):
        return True
    text = start.removeprefix(_BYTE_ORDER_MARK).lstrip()
    return not content_type.startswith(_NOT_VIDEO) and not text.startswith(_NOT_VIDEO_INSIDE)


def _too_large(most: int, size: int | None) -> TooLarge:
    return TooLarge(
        f"The video is larger than the {most // 2**20} MB this bot fetches: "
        "ask its operator to raise that, or make a shorter one.",
        size=size,
        status=200,
    )
