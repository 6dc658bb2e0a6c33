"""Whether a file holds a picture and nothing else, by its own structure: what a decoder skips is never sent on.

A decoder ignores what it does not know, so asking it what else is in a file misses most hiding places: thumbnails in a
JPEG's JFIF header, comments between two scans, whole files behind the end, chunks of WebP and PNG that nobody reads.
"""

from __future__ import annotations

import re
import zlib

_PIXELS_OF_PNG = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # colour type to values a pixel
#: What a PNG may hold, and the bytes that each may have; 0 for no bound.
_PNG_CHUNKS = {
    b"IHDR": 13,
    b"PLTE": 768,
    b"tRNS": 256,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"cICP": 4,
    b"sBIT": 4,
    b"bKGD": 6,
    b"pHYs": 9,
    b"iCCP": 0,
    b"IDAT": 0,
    b"IEND": 0,
}
_PNG_HEADER, _LEAST_PNG = b"\0\0\0\x0dIHDR", 33
_WEBP_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"})
#: Tables, frames and scans of a JPEG; its applications' segments are looked into.
_JPEG_TABLES = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD})
_JPEG_START, _JPEG_END, _JPEG_SCAN = b"\xff\xd8", b"\xff\xd9", 0xDA
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")  # in a scan 0xFF is followed by 0, or by a restart marker
_MOST_PARTS = 300
"""A progressive JPEG has some 40 segments. One with thousands of scans takes minutes to open; nobody else is to get it."""
_PIECE = 2**16


def is_bare(data: bytes, kind: str | None) -> bool:
    """Whether a file of this kind (Pillow's word) is pixels and their colours from its first byte to its last.

    A False may also mean a rare but lawful structure: encoding such a picture anew does no harm.
    """
    checks = {"PNG": _is_bare_png, "JPEG": _is_bare_jpeg, "WEBP": _is_bare_webp}
    return kind in checks and checks[kind](data)


def _is_bare_png(data: bytes) -> bool:
    if data[8:16] != _PNG_HEADER or len(data) < _LEAST_PNG:
        return False
    packed: list[bytes] = []
    at = 8
    while at < len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        most = _PNG_CHUNKS.get(name)
        if most is None or (most and length > most):
            return False
        if name == b"IDAT":
            packed.append(data[at + 8 : at + 8 + length])
        at += length + 12
        if name == b"IEND":
            return length == 0 and at == len(data) and _unpacks_to(packed, _bytes_of_png(data))
    return False


def _bytes_of_png(data: bytes) -> int:
    """How many bytes the pixels of a PNG have unpacked; 0 for an interlaced one, which is seven pictures."""
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    depth, colour, interlaced = data[24], data[25], data[28]
    return 0 if interlaced else height * (1 + (width * depth * _PIXELS_OF_PNG.get(colour, 0) + 7) // 8)


def _unpacks_to(packed: list[bytes], size: int) -> bool:
    """Whether these pieces are one zlib stream of exactly so many bytes; of a bomb no more than that is unpacked."""
    stream, unpacked = zlib.decompressobj(), 0
    try:
        for piece in packed:
            left = piece
            while left and unpacked <= size and not stream.eof:
                unpacked += len(stream.decompress(left, _PIECE))
                left = stream.unconsumed_tail
            if left:
                return False
    except zlib.error:
        return False
    return stream.eof and not stream.unused_data and unpacked == size


def _is_bare_jpeg(data: bytes) -> bool:
    at = len(_JPEG_START)
    for _ in range(_MOST_PARTS):
        if data[at : at + 2] == _JPEG_END:
            return at + 2 == len(data)
        marker, end = data[at + 1 : at + 2], at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at : at + 1] != b"\xff" or end > len(data) or not _is_plain_segment(marker, data[at + 4 : end]):
            return False
        at = end
        if marker[0] == _JPEG_SCAN:
            found = _AFTER_SCAN.search(data, at)
            at = found.start() if found else len(data)
    return False


def _is_plain_segment(marker: bytes, content: bytes) -> bool:
    """Whether a segment is for the decoder: JFIF without a thumbnail, a colour profile, Adobe's word on the colours."""
    match marker:
        case b"\xe0":
            return content.startswith(b"JFIF\0") and len(content) == 14
        case b"\xe2":
            return content.startswith(b"ICC_PROFILE\0")
        case b"\xee":
            return content.startswith(b"Adobe") and len(content) == 12
        case _:
            return marker != b"" and marker[0] in _JPEG_TABLES


def _is_bare_webp(data: bytes) -> bool:
    if int.from_bytes(data[4:8], "little") + 8 != len(data):
        return False
    at = 12
    for _ in range(_MOST_PARTS):
        if at >= len(data):
            break
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] not in _WEBP_CHUNKS:
            return False
        at += 8 + length + length % 2
    return at == len(data)
