"""The HTTP transport: httpx on aiohttp, with URLs sent unchanged and failed connects distinct from lost answers."""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport
from yarl import URL

#: These come before the first byte of a request: no connection, no TLS, no usable URL.
_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)

_UNICAST = ipaddress.IPv6Network("2000::/3")  # IANA has given out no other part of IPv6 for public hosts
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; on a network without IPv4 all of IPv4 looks so

_CHUNK = 2**16  # what aiohttp holds at a time would be joined to a MiB or so, for each of many downloads
_HOME_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


class ExactTransport(AiohttpTransport):
    """httpx-aiohttp's transport with two repairs.

    httpx-aiohttp 0.2 turns a connection that was never made and an answer that was lost into the same
    `httpx.ConnectTimeout`; here only the former is an `httpx.ConnectError`, everything later an `httpx.ReadError` or
    `httpx.ReadTimeout`. And it lets yarl re-quote the URL (`%2F` in a query becomes `/`), which spoils signatures that
    cover the text; here the URL goes out as it came. Nothing is ever sent twice by it but a GET whose kept connection
    turned out to be closed: aiohttp repeats idempotent methods only.
    """

    def __init__(self, start: Callable[[], aiohttp.ClientSession]) -> None:
        # The session's own connector decides whom to trust. The parent would read all of certifi's bundle once more for
        # a session of its own, which is never opened: an empty context spares 20 ms a client.
        super().__init__(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), client=start)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return the response once its headers have arrived; the body is streamed."""
        session = self.client = self.get_client()  # opened at the first request, since it needs the running loop
        body = await request.aread()
        timeout = request.extensions.get("timeout", {})
        try:
            answer = await session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=io.BytesIO(body) if body else None,  # bare bytes would be sent in one piece, with a warning
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    connect=timeout.get("pool"),
                    sock_connect=timeout.get("connect"),
                    sock_read=timeout.get("read"),
                ),
            )
        except _NEVER_SENT as error:
            raise httpx.ConnectError(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _lost(error) from error
        return httpx.Response(answer.status, headers=list(answer.raw_headers), stream=_Body(answer), request=request)


class _Body(httpx.AsyncByteStream):
    """The body of a response, streamed; the connection returns to the pool once the body has been read."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.content.iter_chunked(_CHUNK):
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise _lost(error) from error

    async def aclose(self) -> None:
        self._answer.release()


class PublicResolver(AbstractResolver):
    """A resolver that drops private, loopback and link-local addresses, against server-side request forgery."""

    def __init__(self) -> None:
        self._inner: AbstractResolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of a host.

        Raises:
            OSError: it has none.
        """
        found = [entry for entry in await self._inner.resolve(host, port, family) if is_public(entry["host"])]
        if not found:
            raise OSError(f"{host} has no public address")
        return found

    async def close(self) -> None:
        """Close the resolver."""
        await self._inner.close()


def open_client(headers: dict[str, str], *, public_only: bool, keep_alive: bool = True) -> httpx.AsyncClient:
    """A client whose pool opens at its first request.

    Args:
        headers: sent with every request.
        public_only: host names that resolve to private addresses are refused.
        keep_alive: reuse connections; otherwise each request opens its own.
    """
    return httpx.AsyncClient(
        headers=headers,
        transport=ExactTransport(_session(public_only, keep_alive)),
        follow_redirects=False,
    )


def is_public(address: str) -> bool:
    """Whether an IP address is publicly routable; one that carries an IPv4 address is what that is.

    Raises:
        ValueError: it is no address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        carried = _carried(ip)
        if carried is None:
            return ip.is_global and ip in _UNICAST
        ip = carried
    return ip.is_global and not ip.is_multicast


def is_home(host: str) -> bool:
    """Whether a host is local by its name: loopback, a private address, or a name without a public domain."""
    try:
        return not is_public(host)
    except ValueError:
        return "." not in host.rstrip(".") or host.rstrip(".").lower().endswith(_HOME_SUFFIXES)


def _carried(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside a mapped, 6to4 or NAT64 address, by which a packet can reach IPv4 hosts."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _session(public_only: bool, keep_alive: bool) -> Callable[[], aiohttp.ClientSession]:
    def start() -> aiohttp.ClientSession:
        resolver = PublicResolver() if public_only else None
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=200, resolver=resolver, force_close=not keep_alive),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # httpx does it
        )

    return start


def _lost(error: Exception) -> httpx.TransportError:
    if isinstance(error, TimeoutError):
        return httpx.ReadTimeout(str(error))
    return httpx.ReadError(str(error))
