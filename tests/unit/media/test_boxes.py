"""The outermost boxes of an MP4 file, in each of the ways that a size may be told."""

import struct
from pathlib import Path

import pytest

from bot.media.boxes import outer_boxes

FTYP = struct.pack(">I4s4s", 12, b"ftyp", b"isom")
LONG = struct.pack(">I4sQ", 1, b"mdat", 20) + b"data"


@pytest.mark.parametrize(
    ("data", "boxes"),
    [
        (FTYP, (["ftyp"], True)),
        (FTYP + LONG + FTYP, (["ftyp", "mdat", "ftyp"], True)),
        (FTYP + LONG[:-1], (["ftyp", "mdat"], False)),
        (FTYP + struct.pack(">I4s", 0, b"mdat") + b"to the end", (["ftyp", "mdat"], True)),
        (FTYP + struct.pack(">I4s", 7, b"free") + FTYP, (["ftyp", "free"], False)),
        (struct.pack(">I4sQ", 1, b"mdat", 0), (["mdat"], False)),
        (FTYP + b"1234567", (["ftyp"], False)),
        (b"", ([], True)),
    ],
    ids=["32 bits", "64 bits", "64 bits, cut off", "to the end", "too small", "64 bits, none", "a stump", "empty"],
)
def test_sizes_are_read_in_every_way(tmp_path: Path, data: bytes, boxes: tuple[list[str], bool]):
    """32 bits, 64 bits, and to the end; a size that its own header does not fit into ends the reading."""
    path = tmp_path / "film.mp4"
    path.write_bytes(data)
    assert outer_boxes(path) == boxes


def test_a_flood_of_boxes_is_no_whole_video(tmp_path: Path):
    """A hundred thousand are looked at, and a file of more counts as incomplete."""
    path = tmp_path / "film.mp4"
    path.write_bytes(struct.pack(">I4s", 8, b"free") * 100_001)
    kinds, whole = outer_boxes(path)
    assert (len(kinds), whole) == (100_000, False)
