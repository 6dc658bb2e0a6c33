"""A scripted HTTP server on a real socket: it does to each request what the test told it to, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from bot.api.client import Timeouts, VideoApi

KEY = "sk-secret0key0of0the0operator"
NGINX = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"


def task(code: str, message: str = "") -> dict[str, Any]:
    """new-api's error about a task."""
    return {"code": code, "message": message, "data": None}


def openai(message: str, kind: str = "new_api_error", code: str = "") -> dict[str, Any]:
    """new-api's error of routing and auth, shaped like OpenAI's."""
    return {"error": {"message": message, "type": kind, "code": code}}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Step:
    """What to do with one request."""

    answer: bytes = b""
    early: bool = False  #: answer before the body is read
    stall: bool = False  #: read the head only, then nothing, for ever
    hold: bool = False  #: never answer
    drop: bool = False  #: reset the connection once the answer (if any) is out
    close: bool = False  #: close it in good order instead
    trickle: bool = False  #: after the answer a byte now and then, for ever


@dataclass(kw_only=True)
class Wire:
    """The server: `will` scripts the next request, `requests` says what came."""

    port: int = 0
    steps: list[Step] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    connections: int = 0
    reset_at_once: bool = False
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}"

    def will(
        self,
        status: int = 200,
        body: Any = b"",
        *,
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
        raw: bytes | None = None,
        **how: bool,
    ) -> None:
        """Script the next request: bytes and text go out as they are, anything else as JSON; `length` may lie."""
        kind = "text/html" if isinstance(body, str) else "video/mp4" if isinstance(body, bytes) else "application/json"
        content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else _json(body)
        lines = {"Content-Type": kind, "Content-Length": str(len(content) if length is None else length)}
        head = "".join(f"{name}: {value}\r\n" for name, value in (lines | dict(headers or {})).items() if value)
        answer = f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + content
        self.steps.append(Step(answer=answer if raw is None else raw, **how))

    def abort_all(self) -> None:
        """Reset every open connection, at once."""
        for writer in self.writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry out the script on one connection."""
        self.connections += 1
        self.writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while not self.reset_at_once and await self._one(reader, writer):
                pass
        self.writers.discard(writer)
        writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
        step = self.steps.pop(0) if self.steps else Step(answer=b"HTTP/1.1 599 Unscripted\r\nContent-Length: 0\r\n\r\n")
        if step.early:
            writer.write(step.answer)
            await writer.drain()
        if step.stall:
            await asyncio.Event().wait()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append(Seen(method=method, path=path, headers=headers, body=body))
        if step.hold:
            await reader.read()
            return False
        if not step.early:
            writer.write(step.answer)
            await writer.drain()
        while step.trickle:
            writer.write(b"\0")
            await writer.drain()
            await asyncio.sleep(0.02)
        if step.close:
            writer.close()
        return not (step.drop or step.close)


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


@contextlib.asynccontextmanager
async def _served() -> AsyncIterator[Wire]:
    wire = Wire()
    connections: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with contextlib.suppress(asyncio.CancelledError):
            await wire.serve(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**26)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """The video service."""
    async with _served() as wire:
        yield wire


@pytest.fixture
async def cdn() -> AsyncIterator[Wire]:
    """Another host (another port), where the videos lie."""
    async with _served() as wire:
        yield wire


@pytest.fixture
async def open_api(wire: Wire) -> AsyncIterator[Callable[..., VideoApi]]:
    """Makes clients of the video service and closes them: `open_api(base_url, **options)`."""
    made: list[VideoApi] = []

    def make(base_url: str = wire.url, **options: Any) -> VideoApi:
        made.append(VideoApi("octopusx", base_url, SecretStr(KEY), clock=lambda: 1_768_489_641.0, **options))
        return made[-1]

    yield make
    for api in made:
        await api.aclose()


@pytest.fixture
def api(open_api: Callable[..., VideoApi]) -> VideoApi:
    """A client of the video service."""
    return open_api(timeouts=Timeouts(connect=30, submit=30, ask=30, file=30))


@pytest.fixture
def hasty(open_api: Callable[..., VideoApi]) -> VideoApi:
    """A client that loses its patience after half a second of silence: longer than a busy machine stalls."""
    return open_api(timeouts=Timeouts(connect=5, submit=0.5, ask=0.5, file=0.5))
