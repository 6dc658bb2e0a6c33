"""Request bodies: JSON, or multipart/form-data with `payload_json` and `files[n]`."""

from __future__ import annotations

import json
import mimetypes
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox.discord_api.checks import Problems
from bot.sandbox.discord_api.errors import ApiError

_FILE_PART = re.compile(r"files\[(\d+)\]")


@dataclass(frozen=True)
class Upload:
    """A file on its way in: from the bot's multipart body, or picked by a person for an option."""

    filename: str
    data: bytes = field(repr=False)
    content_type: str = ""

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
            {"n": n, "filename": file.filename, "size": len(file.data), "content_type": file.content_type}
            for n, file in self.files.items()
        ]
        return {"payload_json": self.json, "files": files}


BODY = web.RequestKey("body", Body)  #: where a request carries its body once it was read


async def read_body(request: web.Request) -> Body:
    """Read a request's body.

    Raises:
        ApiError: HTTP 400, code 50109, when the JSON is broken.
    """
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    raw = await request.read()
    return Body(json=_parse(raw) if raw and request.content_type == "application/json" else None)


async def _read_multipart(request: web.Request) -> Body:
    body = Body()
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        data = bytes(await part.read(decode=False))
        match = _FILE_PART.fullmatch(part.name or "")
        if part.name == "payload_json":
            body.json = _parse(data)
        elif match and part.filename:
            kind = part.headers.get("Content-Type", "")
            body.files[int(match[1])] = Upload(filename=part.filename, data=data, content_type=kind)
    return body


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None
