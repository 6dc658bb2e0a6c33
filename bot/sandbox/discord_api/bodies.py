"""Request bodies: JSON, or multipart/form-data with `payload_json` and `files[n]`."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox.discord_api.blobs import CHUNK, Blob
from bot.sandbox.discord_api.checks import Problems
from bot.sandbox.discord_api.errors import ApiError, too_large

_FILE_PART = re.compile(r"files\[(\d+)\]")


class Upload:
    """A file on its way in: from the bot's multipart body, or picked by a person for an option."""

    def __init__(self, filename: str, data: bytes | Blob, content_type: str = "") -> None:
        self.filename = filename
        self.blob = data if isinstance(data, Blob) else Blob(data)
        self.content_type = content_type

    def __repr__(self) -> str:
        return f"<Upload {self.filename}, {self.size} bytes>"

    @property
    def data(self) -> bytes:
        """The bytes, all of them in memory."""
        return self.blob.read()

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.blob.size

    @property
    def kind(self) -> str:
        """Its content type, guessed from the name when none was given."""
        guess = mimetypes.guess_type(self.filename)[0] or "application/octet-stream"
        return guess if self.content_type in ("", "application/octet-stream") else self.content_type

    @property
    def safe_name(self) -> str:
        """Its name as Discord keeps it: what is no ASCII letter, digit, dot, hyphen or underscore becomes one."""
        return re.sub(r"[^A-Za-z0-9._-]+", "_", self.filename)


@dataclass(kw_only=True)
class Body:
    """A request's body, read."""

    json: Any = None
    files: dict[int, Upload] = field(default_factory=dict[int, Upload])  #: by the n of `files[n]`

    @property
    def object(self) -> dict[str, Any]:
        """The JSON, which must be an object; none is an empty one.

        Raises:
            ApiError: code 50035 when it is something else.
        """
        problems = Problems()
        found = problems.mapping((), {} if self.json is None else self.json)
        problems.raise_any()
        return found

    def summary(self) -> Any:
        """What the log keeps: the JSON, and of files their names and sizes."""
        if not self.files:
            return self.json
        files = [
            {"n": n, "filename": file.filename, "size": file.size, "content_type": file.content_type}
            for n, file in self.files.items()
        ]
        return {"payload_json": self.json, "files": files}


BODY = web.RequestKey("body", Body)  #: where a request carries its body once it was read


async def read_body(request: web.Request, most: int) -> Body:
    """Read a request's body of at most that many bytes; files go to disk as they come.

    A body that is too large is read to its end, so that the client hears the refusal and not a broken connection.

    Raises:
        ApiError: HTTP 400, code 50109, when the JSON is broken; HTTP 413, code 40005, for a body that is too large.
    """
    if (request.content_length or 0) > most:
        await request.release()
        raise too_large()
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request, most)
    raw = b"".join([chunk async for chunk in _bounded(request.content.iter_any(), most)])
    return Body(json=_parse(raw) if raw and request.content_type == "application/json" else None)


async def _read_multipart(request: web.Request, most: int) -> Body:
    body, left = Body(), most
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        blob = Blob()
        async for chunk in _bounded(_chunks(part), left):
            blob.write(chunk)
        left -= blob.size
        match = _FILE_PART.fullmatch(part.name or "")
        if part.name == "payload_json":
            body.json = _parse(blob.read())
        elif match and part.filename:
            kind = part.headers.get("Content-Type", "")
            body.files[int(match[1])] = Upload(filename=part.filename, data=blob, content_type=kind)
    return body


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while not part.at_eof():
        yield await part.read_chunk(CHUNK)


async def _bounded(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """The chunks while they are at most that many bytes.

    Raises:
        ApiError: HTTP 413, code 40005, once all of them are read, when they were more.
    """
    total = 0
    async for chunk in chunks:
        total += len(chunk)
        if total <= most:
            yield chunk
    if total > most:
        raise too_large()


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None
