"""What arrived on the wire: each request is kept as a `Call`, whatever became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time as real_time
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from bot.sandbox.faults import client_port


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of a form; a text part has no file name, and of a urlencoded form no content type either."""

    name: str
    filename: str | None = None
    content_type: str | None = None
    data: bytes = b""

    @property
    def text(self) -> str:
        """The data as text."""
        return self.data.decode("utf-8", "replace")


@dataclass(kw_only=True)
class Call:
    """One request as it came in, and what was answered; `status` is None while unanswered or when the line was cut."""

    method: str
    path: str  #: percent-decoded, without the query
    headers: Mapping[str, str]  #: case-insensitive
    json: Any = None  #: None when the body is not JSON
    parts: list[Part] = field(default_factory=list[Part])
    time: float  #: Unix seconds of the stand-in's clock
    arrived: float = field(default_factory=real_time)  #: Unix seconds of the real one
    status: int | None = None
    cut: bool = False  #: whether the line was cut before it was answered
    answered_at: float | None = None  #: by the stand-in's clock
    answer: str | None = None  #: the text of what was answered, its beginning; None for a file
    created: bool = False  #: whether it put a task into the ledger
    task_id: str | None = None
    client: int | None = None  #: the TCP port it came from

    def as_json(self) -> dict[str, Any]:
        """The call for the control routes: files by size, never the bearer."""
        headers = {name: value for name, value in self.headers.items() if name.lower() != "authorization"}
        parts = [
            {"name": part.name, "filename": part.filename, "content_type": part.content_type}
            | ({"bytes": len(part.data)} if part.filename else {"text": part.text})
            for part in self.parts
        ]
        return {
            "method": self.method,
            "path": self.path,
            "headers": headers,
            "bearer": "Authorization" in self.headers,
            "json": self.json,
            "parts": parts,
            "time": self.time,
            "status": self.status,
            "answer": self.answer,
            "created": self.created,
            "task_id": self.task_id,
        }


async def read_call(request: web.Request, now: float) -> Call:
    """Read a request whole into a call."""
    call = Call(
        method=request.method,
        path=request.path,
        headers=request.headers,
        time=now,
        client=client_port(request),
    )
    if request.content_type == "multipart/form-data":
        call.parts = await _multipart(request)
    elif request.content_type == "application/x-www-form-urlencoded":
        pairs = parse_qsl(await request.text(), keep_blank_values=True)
        call.parts = [Part(name=name, data=value.encode()) for name, value in pairs]
    elif body := await request.read():
        try:
            call.json = json.loads(body)
        except ValueError:
            call.json = None
    return call


async def _multipart(request: web.Request) -> list[Part]:
    parts: list[Part] = []
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader):
                data = bytes(await part.read(decode=True))
                content_type = part.headers.get("Content-Type")
                parts.append(Part(name=part.name or "", filename=part.filename, content_type=content_type, data=data))
    except ValueError:  # a broken form is a form without the parts that could not be read
        pass
    return parts
