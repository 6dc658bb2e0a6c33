"""Transport compression of the gateway: one context a socket, one flush a payload."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import zstandard

#: Squeezes one payload; None: send it as plain text.
Squeeze = Callable[[bytes], bytes | None]


def squeezer(kind: str | None) -> Squeeze:
    """The compression that a socket asked for with `?compress=`: zlib-stream, zstd-stream, or none."""
    if kind == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda data: deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if kind == "zstd-stream":
        frame = zstandard.ZstdCompressor().compressobj()
        return lambda data: frame.compress(data) + frame.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return lambda _: None
