"""Files made by hand, as no honest program writes them."""

import struct
import zlib
from collections.abc import Iterator

PNG_START = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    """One chunk of a PNG, with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int,
    height: int,
    pixels: bytes,
    *,
    depth: int = 8,
    colour: int = 2,
    before: bytes = b"",
    after: bytes = b"",
    interlaced: bool = False,
) -> bytes:
    """A PNG of packed pixels; `before` and `after` are chunks on either side of them."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return PNG_START + chunk(b"IHDR", header) + before + chunk(b"IDAT", pixels) + after + chunk(b"IEND")


def zeros(size: int) -> bytes:
    """So many zero bytes, packed: a thousandth of their size."""
    packer, mega = zlib.compressobj(9), bytes(2**20)
    packed = [packer.compress(mega) for _ in range(size // 2**20)]
    return b"".join([*packed, packer.compress(bytes(size % 2**20)), packer.flush()])


def blank(width: int, height: int, bits: int = 24) -> bytes:
    """The packed pixels of a black picture."""
    return zeros(height * (1 + (width * bits + 7) // 8))


def segment(marker: int, content: bytes) -> bytes:
    """One segment of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def after_start(jpeg: bytes, segments: bytes) -> bytes:
    """A JPEG with more segments in front of its own."""
    return jpeg[:2] + segments + jpeg[2:]


def scans(jpeg: bytes) -> Iterator[int]:
    """Where the scans of a JPEG begin."""
    at = jpeg.find(b"\xff\xda")
    while at >= 0:
        yield at
        at = jpeg.find(b"\xff\xda", at + 2)


def riff(webp: bytes, name: bytes, content: bytes) -> bytes:
    """A WebP with one more chunk at its end, counted in."""
    more = webp[12:] + name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(more) + 4) + b"WEBP" + more
