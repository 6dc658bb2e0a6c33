"""The top-level boxes of an MP4 file (ISO/IEC 14496-12): whether it is complete, and whether it is "fast start"."""

from __future__ import annotations

from pathlib import Path

_MOST = 100_000
"""Boxes that are looked at: two a frame make an hour of the finest fragments; a GB may hold 130 million empty ones."""


def outer_boxes(path: Path) -> tuple[list[str], bool]:
    """The types of the outermost boxes in order, and whether the last one ends where the file ends.

    A box is a 32-bit size, a 4-character type and its content; size 1 means that a 64-bit size follows the type, size 0
    that the box goes on to the end of the file. A file that is no MP4 gives whatever its first bytes spell. One of more
    than `_MOST` boxes is nobody's video: it counts as incomplete.
    """
    kinds: list[str] = []
    end = path.stat().st_size
    position = 0
    with path.open("rb") as file:
        while position + 8 <= end and len(kinds) < _MOST:
            file.seek(position)
            header = file.read(16)
            size = int.from_bytes(header[:4], "big")
            if size == 1:
                size = int.from_bytes(header[8:16], "big")
            elif size == 0:
                size = end - position
            kinds.append(header[4:8].decode("latin-1"))
            if size < 8:
                return kinds, False
            position += size
    return kinds, position == end


def starts_at_once(kinds: list[str]) -> bool:
    """Whether a player can start before it has the whole file: a plain MP4 with moov (the index) before mdat.

    A fragmented file (`moof`) starts too, but Safari shows no length for it.
    """
    if kinds[:1] != ["ftyp"] or "moof" in kinds or not {"moov", "mdat"} <= set(kinds):
        return False
    return kinds.index("moov") < kinds.index("mdat")


def is_quicktime(path: Path) -> bool:
    """Whether a file calls itself QuickTime (major brand "qt  "), which some browsers refuse whatever its streams."""
    with path.open("rb") as file:
        return file.read(12)[4:] == b"ftypqt  "
