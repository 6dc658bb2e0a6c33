"""Files of any size: in memory while they are small, else on disk with no name, gone when nobody holds them."""

from __future__ import annotations

import io
import tempfile
import weakref
from typing import IO

IN_MEMORY = 1024 * 1024  #: bytes; a longer blob moves to the disk
CHUNK = 256 * 1024  #: bytes read or written at once


class Blob:
    """Bytes that are written once, chunk by chunk, and read in parts.

    The file on disk has no name: it ends with the blob, with `close`, or with the process, whatever comes first.
    """

    def __init__(self, data: bytes | None = None) -> None:
        self.size = 0 if data is None else len(data)
        self._file: IO[bytes]
        if data is None:
            self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, prefix="discord-stand-in-")  # noqa: SIM115
        else:
            self._file = io.BytesIO(data)  # it is in memory already, and shared with who gave it
        self._end = weakref.finalize(self, self._file.close)

    def write(self, chunk: bytes) -> None:
        """Add bytes at the end."""
        self._file.seek(self.size)
        self._file.write(chunk)
        self.size += len(chunk)

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes from `start` up to `stop`, or all of them."""
        self._file.seek(start)
        return self._file.read((self.size if stop is None else min(stop, self.size)) - start)

    @property
    def on_disk(self) -> bool:
        """Whether its bytes are out of memory."""
        return isinstance(self._file, tempfile.SpooledTemporaryFile) and self.size > IN_MEMORY

    def close(self) -> None:
        """Give a file on disk back; what is in memory can still be read."""
        if self.on_disk:
            self._end()
