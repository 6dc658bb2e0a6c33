"""Faults on demand, injected on the wire: each stand-in has a `Faults` and its middleware."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

KEPT = 4000  #: bytes of an answer that are kept


@dataclass(kw_only=True)
class Fault:
    """One thing that goes wrong on requests whose method and path match.

    With `after`, the request is carried out first and only its answer is spoilt: that is a lost answer. Otherwise
    nothing happens on the server but the fault. `drop` closes the connection with no answer; `status` answers with that
    status, `body` (bytes, text, or anything JSON) and `headers`; `delay` waits that many seconds first; `hold` waits
    until the event is set. A fault with none of `drop` and `status` only delays or holds.

    `cut` and `trickle` spoil the way in which `body` is sent: only so many bytes of it, or so many a second, and then
    the line is closed. Such a body is sent with its full Content-Length, unless `headers` hold another one, or an empty
    one (its end is then the end of the line), or `Transfer-Encoding: chunked` (its last chunk then never comes).
    """

    path: str  #: a regular expression searched in the path
    method: str = "*"
    times: int = 1  #: -1: until removed
    after: bool = False
    drop: bool = False
    status: int | None = None
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cut: int | None = None
    trickle: float = 0.0  #: bytes a second
    delay: float = 0.0
    hold: asyncio.Event | None = None
    hits: int = 0  #: how often it struck
    reached: asyncio.Event = field(default_factory=asyncio.Event)  #: set when it strikes
    client: int | None = None  #: the TCP port of the client it struck last

    def matches(self, request: web.Request) -> bool:
        """Whether this fault strikes the request."""
        return (
            self.times != 0
            and self.method in ("*", request.method)
            and re.search(self.path, request.raw_path) is not None
        )

    async def spoil(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer as the fault wants."""
        self.times -= 1 if self.times > 0 else 0
        self.hits += 1
        self.client = client_port(request)
        answer = await handler(request) if self.after else None
        self.reached.set()
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.hold:
            await self.hold.wait()
        if self.drop:
            if request.transport is not None:  # None: the client has gone already
                request.transport.abort()
            return web.Response(status=500)
        if self.status is not None and (self.trickle or self.cut is not None):
            return await self._send_by_hand(request, _response(self.status, self.body, self.headers))
        if self.status is not None:
            return _response(self.status, self.body, self.headers)
        return answer or await handler(request)

    async def _send_by_hand(self, request: web.Request, answer: web.Response) -> web.Response:
        """Write to the line itself, since aiohttp would not let an answer break its word."""
        line, body = request.transport, answer.body
        assert isinstance(body, bytes)
        if line is None:
            return answer
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(body)), **self.headers}
        chunked = "Transfer-Encoding" in headers
        if chunked:
            headers["Content-Length"] = ""
        lines = [f"{name}: {value}\r\n" for name, value in headers.items() if value]
        line.write(f"HTTP/1.1 {answer.status} {answer.reason}\r\n{''.join(lines)}\r\n".encode())
        for piece in self._pieces(body[: self.cut]):
            line.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if self.trickle:
                await asyncio.sleep(len(piece) / self.trickle)
            if line.is_closing():
                break
        line.close()
        return answer

    def _pieces(self, body: bytes) -> Iterable[bytes]:
        step = max(1, int(self.trickle / 20)) if self.trickle else max(1, len(body))
        return (body[start : start + step] for start in range(0, len(body), step))


class Faults:
    """The faults a stand-in has in store; the first that matches a request strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, path: str, **what: Any) -> Fault:
        """Arm a fault; see `Fault` for what it can do."""
        fault = Fault(path=path, **what)
        self._faults.append(fault)
        return fault

    def add_first(self, path: str, **what: Any) -> Fault:
        """Arm a fault that strikes before those that are armed already."""
        fault = Fault(path=path, **what)
        self._faults.insert(0, fault)
        return fault

    def clear(self) -> None:
        """Disarm all faults."""
        self._faults.clear()

    @property
    def middleware(self) -> Middleware:
        """The aiohttp middleware that strikes."""

        @web.middleware
        async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
            for fault in self._faults:
                if fault.matches(request):
                    return await fault.spoil(request, handler)
            return await handler(request)

        return strike


def client_port(request: web.Request) -> int | None:
    """The TCP port a request came from; None where the client has gone already."""
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    return peer[1] if peer else None


def said(answer: web.StreamResponse) -> str | None:
    """The beginning of an answer's text; None where it is a file."""
    body = answer.body if isinstance(answer, web.Response) else None
    return body[:KEPT].decode("utf-8", "replace") if isinstance(body, bytes | bytearray) else None


def _response(status: int, body: Any, headers: Mapping[str, str]) -> web.Response:
    if isinstance(body, bytes):
        return web.Response(status=status, body=body, headers=headers)
    if isinstance(body, str):
        return web.Response(status=status, text=body, headers={"Content-Type": "text/html", **headers})
    return web.json_response(body, status=status, headers=headers)
