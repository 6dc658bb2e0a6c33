"""Strangers at the web server: broken requests, slow ones, very many, and links with more in them than we signed."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import web
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.settings import Settings
from bot.web import WebServer
from tests.integration.web.conftest import LINKS, NOW, PNG, Client, Discord
from tests.ports import free_port

GOOD = LINKS.sign("/inputs/abc234/0", int(NOW) + 60)
DEAD = LINKS.sign("/inputs/abc234/0", int(NOW) - 60)
HOST = b"Host: x\r\nConnection: close\r\n"

#: What a stranger writes, and how the answer begins.
BROKEN = {
    "100 KB of one header": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 100_000 + b"\r\n\r\n", b"HTTP/1.0 400"),
    "a thousand headers": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 1000 + b"\r\n", b"HTTP/1.0 400"),
    "an address of 100 KB": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.0 400"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b"HTTP/1.0 400"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"HTTP/1.0 4"),
    "NULs": (bytes(1000), b"HTTP/1.0 400"),
    "NUL in the path": (b"GET /healthz\0 HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.0 400"),
    "NUL in a header": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", b"HTTP/1.0 400"),
    "two lengths": (
        b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.0 400",
    ),
    "length and chunks": (
        b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.0 400",
    ),
    "a negative length": (b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", b"HTTP/1.0 400"),
    "a folded header": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n", b"HTTP/1.0 400"),
    "no such method": (b"BREW /healthz HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.0 4"),
    "POST": (b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\nab", b"HTTP/1.1 405"),
    "DELETE": (b"DELETE /metrics HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 405"),
    "TRACE": (b"TRACE /healthz HTTP/1.1\r\n" + HOST + b"Cookie: a\r\n\r\n", b"HTTP/1.1 405"),
    "CONNECT": (b"CONNECT internal.example:80 HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 404"),
    "another server's address": (b"GET http://internal.example/ HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 404"),
    "dots": (b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 404"),
    "written dots": (b"GET /videos/%2e%2e%2f%2e%2e%2fetc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 404"),
    "overlong dots": (b"GET /videos/%c0%ae%c0%ae/a.mp4 HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 404"),
    "backslashes": (b"GET /videos/..\\..\\a.mp4 HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 404"),
    "metrics by another spelling": (b"GET //metrics HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 404"),
    "a number with a sign": (b"GET /inputs/abc234/-1 HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 404"),
}  # fmt: skip


@pytest.fixture
async def server(store: Store, videos: Videos, discord: Discord) -> AsyncIterator[int]:
    """The server as the bot runs it; its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    running = WebServer(store, LINKS, videos, ready=discord.is_ready, host=Settings().http_host, port=port)
    await running.start()
    yield port
    await running.stop()


@pytest.mark.parametrize(("request_", "answer"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_request_is_refused_and_forgotten(
    request_: bytes, answer: bytes, server: int, caplog: pytest.LogCaptureFixture
):
    """A short refusal that names no software, nothing in the log, and the next asker is served."""
    caplog.set_level(logging.INFO)
    told = await tell(server, request_)
    assert told.startswith(answer)
    head, _, body = told.partition(b"\r\n\r\n")
    assert body in {b"400: Bad Request", b"404: Not Found", b"405: Method Not Allowed"}
    assert b"\r\nServer: reelcord\r\n" in head
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in head
    assert await is_well(server)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("aiohttp")] == []


async def test_a_hundred_requests_in_one_breath_are_answered(server: int):
    """Pipelined, each in its turn."""
    last = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    told = await tell(server, last.replace(b"close", b"keep-alive") * 99 + last)
    assert told.count(b"HTTP/1.1 200 OK") == 100


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nX: "], ids=["silent", "half a request"])
async def test_who_does_not_finish_a_request_is_cut_off(
    sent: bytes, store: Store, videos: Videos, discord: Discord, monkeypatch: pytest.MonkeyPatch
):
    """A letter now and then keeps no connection either."""
    monkeypatch.setattr(web, "IDLE_SECONDS", 0.1)
    port = free_port()
    running = WebServer(store, None, videos, ready=discord.is_ready, host="127.0.0.1", port=port)
    await running.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)

    async def drip() -> None:
        while sent:
            writer.write(b"a")
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    async with asyncio.timeout(30):
        assert await ended(reader) == b""
    dripping.cancel()
    writer.transport.abort()
    await running.stop()


async def test_only_so_many_are_let_in_at_once(server: int, monkeypatch: pytest.MonkeyPatch):
    """One more is cut as it comes, and as soon as one leaves there is room again."""
    monkeypatch.setattr(web, "MOST_CONNECTIONS", 5)
    inside = [await asyncio.open_connection("127.0.0.1", server) for _ in range(5)]
    for reader, writer in inside:
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    assert await tell(server, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n") == b""
    inside[0][1].transport.abort()
    async with asyncio.timeout(30):
        while not await is_well(server):  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.02)
    for _, writer in inside[1:]:
        writer.transport.abort()


async def test_by_default_nobody_but_this_machine_is_answered(server: int):
    """Bound to 127.0.0.1 alone: the next address of the same loopback is refused already."""
    assert Settings().http_host == "127.0.0.1"
    assert await is_well(server)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.2", server)


@pytest.mark.parametrize(
    "query",
    [
        "{dead}&expires=1000060",
        "expires=1000060&{dead}",
        "{dead}&expires=1000060&signature={good}",
        "expires=1000060.0&signature={good}",
        "expires=1e9&signature={good}",
        "expires=-1&signature={good}",
        "expires=%2B1000060&signature={good}",
        "expires=01000060&signature={good}",
        "expires=1000060%0A&signature={good}",
        "expires=1000060%00&signature={good}",
        "expires=%EF%BC%91000060&signature={good}",
        "expires=%D9%A1000060&signature={good}",
        "expires=1_000_060&signature={good}",
        "expires=1000060;signature={good}",
        "expires=1000060&signature={good}%00",
        "expires=1000060&signature=%20{good}",
        "expires=1000060&signature={good}&signature=",
        "expires=&expires=1000060&signature={good}",
        "expires[]=1000060&signature[]={good}",
        "Expires=1000060&Signature={good}",
    ],
)
async def test_only_the_link_that_was_signed_opens(client: Client, query: str):
    """Twice, signed, in other digits, with one sign more or another spelling: the first of each name counts, as it stands."""
    good, dead = GOOD.rpartition("=")[2], DEAD.partition("?")[2]
    answer = await client.get(f"/inputs/abc234/0?{query.format(good=good, dead=dead)}")
    opens = query.startswith("expires=1000060&signature={good}&")  # what follows the genuine pair changes nothing
    assert (answer.status, await answer.read()) == ((200, PNG) if opens else (404, b"404: Not Found"))


async def test_the_metrics_name_nobody(client: Client):
    """No label but these, so no user, job, prompt or link can be in them."""
    await client.get(GOOD)
    text = await (await client.get("/metrics")).text()
    families = list(text_string_to_metric_families(text))
    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels == {"status", "kind", "outcome", "implementation", "major", "minor", "patchlevel", "version"}
    assert [word for word in ("abc234", "fox", "signature") if word in text] == []


async def tell(port: int, request: bytes) -> bytes:
    """What a server answers to these bytes, once it has closed or has nothing more to say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(30):
        told = await ended(reader)
    writer.transport.abort()
    return told


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the line is closed, politely or not."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def is_well(port: int) -> bool:
    """Whether /healthz answers."""
    return (await tell(port, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")).startswith(b"HTTP/1.1 200 OK")
