"""Downloads: a video streamed to disk, whole or not at all; the API key goes to the service's own origin only."""

from __future__ import annotations

import asyncio
import base64
import binascii
import fcntl
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn
from urllib.parse import unquote, unquote_to_bytes

import httpx

from bot.api.errors import BadFile, Busy, Unreachable
from bot.api.part import Part, Room, full_disk_is_no_room
from bot.api.replies import is_content_route
from bot.api.retry import BUSY, NO_FILE, UNREACHABLE, Answer, retry_after
from bot.api.transport import is_home

_MAX_REDIRECTS = 5
_PIECE = 256 * 1024
_MOST_OF_A_REFUSAL = 1024**2
_MOST_WITHOUT_A_TURN = 1024**2
#: Names under which a key is sent in an address, without "-", "_" and a first "x-". A signature covers one file and
#: may be seen: `auth_key` is one (of Chinese CDNs), and AWSAccessKeyId and X-Amz-Security-Token do nothing without one.
#: What a `token` opens nobody can tell.
_SECRETS = frozenset(
    (
        *("key", "apikey", "accesskey", "secretkey", "secret", "clientsecret", "password", "passwd"),
        *("token", "accesstoken", "authtoken", "apitoken", "auth", "authorization", "bearer"),
    )
)
_PACKED = ("gzip", "x-gzip", "deflate", "br", "zstd")


class ContentRefused(Exception):  # noqa: N818 - caught by the client, which knows what the answer means
    """The service itself answered a download with another status than 200; never leaves `bot.api`."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, kw_only=True)
class Downloader:
    """Fetches files for one service.

    `home` sends the API key and is used for the service's own origin only. `world`, for every other host, sends no key
    and connects to public addresses only.
    """

    base_url: httpx.URL
    home: httpx.AsyncClient
    world: httpx.AsyncClient
    #: The service itself is on a private address (the sandbox, a self-hosted gateway), so links to one are allowed.
    private: bool
    timeout: httpx.Timeout
    #: Time-out for a whole file, in seconds.
    patience: float
    #: Time-out for each 256 KiB of it: a byte now and then is never silence.
    pace: float
    room: Room

    async def fetch(self, link: str, target: Path, *, now: float) -> int:
        """Bring the file behind a link to `target`, from the start; returns its bytes.

        Nothing is resumed: new-api ignores Range. A file is written beside the target and renamed when it is whole.

        Raises:
            BadFile: it ended short, came too slowly, is no video, or the link leads where none may lead; as TooLarge,
                it is larger than may be.
            NoRoom: the disk is full.
            Busy: the connection broke before the file began, or the host answered 429 or 5xx; or somebody else is
                fetching the same file.
            Unreachable: there was no connection.
            ContentRefused: the service itself gave another status than 200.
        """
        part = target.with_name(target.name + ".part")
        with full_disk_is_no_room():
            file = await asyncio.to_thread(_begun, part)
            try:
                size = await self._write(link, Part(file, part.parent, self.room), now)
                await asyncio.to_thread(file.flush)
                await asyncio.to_thread(part.replace, target)
            except BaseException:
                await asyncio.to_thread(part.unlink, missing_ok=True)
                raise
            finally:
                # The lock goes last; with it goes a file without a name, and a large one takes its time.
                await asyncio.to_thread(file.close)
        return size

    def is_public(self, link: str) -> bool:
        """Whether anybody may open a link: to another host than the service's, with no key wanted and none in it."""
        try:
            url = httpx.URL(link)
            elsewhere = self.client_for(url) is self.world and _host(url) != _host(self.base_url)
        except (BadFile, httpx.InvalidURL, ValueError):
            return False
        return elsewhere and not is_content_route(link) and not self._carries_a_key(link)

    def _carries_a_key(self, link: str) -> bool:
        """Whether a link gives its reader more than the file: our own key, or what by its name is somebody's.

        The gateway's own key at the service behind it comes so: Google's files are fetched with `?key=`.
        """
        ours = self.home.headers.get("Authorization", "").removeprefix("Bearer ")
        given = re.split("[?&;#]", link)[1:]
        names = {re.sub("^x-|[-_]", "", unquote(each.partition("=")[0]).casefold()) for each in given}
        return not _SECRETS.isdisjoint(names) or (ours != "" and ours in unquote(link))

    def client_for(self, url: httpx.URL) -> httpx.AsyncClient:
        """The client that may ask for a URL: the one with the key where it is of the service's own origin.

        Raises:
            BadFile: none may. A name or a password in a URL is a disguise: no storage signs its links so.
        """
        schemes = ("http", "https") if self.private else ("https",)
        if url.userinfo or not url.host:
            raise BadFile(NO_FILE)
        if _origin(url) == _origin(self.base_url):
            return self.home
        if url.scheme not in schemes or (is_home(url.host) and not self.private):
            raise BadFile(NO_FILE)
        return self.world

    async def _write(self, link: str, part: Part, now: float) -> int:
        await part.expect(None, "")
        if link[:5].casefold() == "data:":
            return await self._keep(_pieces_of(link), part)
        try:
            async with asyncio.timeout(self.patience):
                return await self._follow(link, part, now)
        except httpx.ConnectError as error:
            raise Unreachable(UNREACHABLE) from error
        except httpx.RequestError as error:
            raise Busy(BUSY) from error
        except TimeoutError as error:
            raise BadFile(NO_FILE) from error

    async def _follow(self, link: str, part: Part, now: float) -> int:
        """Follow redirects by hand, since whether the key is sent is decided for each hop."""
        try:
            url = httpx.URL(link)
            for _ in range(_MAX_REDIRECTS + 1):
                client = self.client_for(url)
                request = client.build_request(
                    "GET", url, headers={"Accept": "*/*", "Accept-Encoding": "identity"}, timeout=self.timeout
                )
                response = await self._begin(client, request)
                try:
                    location = response.headers.get("location")
                    if not (response.is_redirect and location):
                        return await self._take(response, part, now)
                    url = url.join(location)
                finally:
                    await response.aclose()
        except (httpx.InvalidURL, ValueError) as error:  # ValueError: ports and hosts that yarl or the resolver refuse
            raise BadFile(NO_FILE) from error
        raise BadFile(NO_FILE)

    async def _begin(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """Send the request and await the headers, of which a byte now and then may come for ever too."""
        try:
            async with asyncio.timeout(2 * self.pace):
                return await client.send(request, stream=True)
        except TimeoutError as error:
            raise Busy(BUSY) from error

    async def _take(self, response: httpx.Response, part: Part, now: float) -> int:
        headers = response.headers
        if response.status_code != 200:
            await self._refuse(response, now)
        if any(coding.casefold() in _PACKED for coding in headers.get_list("content-encoding", split_commas=True)):
            raise BadFile(NO_FILE, status=200)  # not asked for, and a few packed bytes may hold gigabytes
        length = headers.get("content-length", "")
        await part.expect(int(length) if length.isdecimal() else None, headers.get("content-type", ""))
        try:
            return await self._keep(response.aiter_bytes(_PIECE), part)
        except httpx.RequestError as error:  # aiohttp holds a body to its Content-Length: a short one ends here
            raise BadFile(NO_FILE, status=200) from error

    async def _refuse(self, response: httpx.Response, now: float) -> NoReturn:
        status, headers = response.status_code, response.headers
        if _origin(response.request.url) == _origin(self.base_url):
            async with asyncio.timeout(self.pace):
                body = await read_whole(response, _MOST_OF_A_REFUSAL)
            raise ContentRefused(Answer(status=status, headers=headers, body=body))
        if status == 429 or status >= 500:
            raise Busy(BUSY, status=status, retry_after=retry_after(headers, now=now))
        raise BadFile(NO_FILE, status=status)

    async def _keep(self, pieces: AsyncIterator[bytes], part: Part) -> int:
        clock = asyncio.get_running_loop().time
        async with asyncio.timeout(self.pace) as pace:
            async for piece in pieces:
                await part.write(piece)
                pace.reschedule(clock() + self.pace)
        if part.size == 0:
            raise BadFile(NO_FILE, status=200)
        return part.size


def _begun(part: Path) -> BinaryIO:
    """Open a file, empty and locked; the kernel frees it however its process ends.

    A process that stood still, with its machine or in a debugger, wakes up after its work was given to another: two
    that write to one file would leave it with holes, under the name of a whole one.

    Raises:
        Busy: somebody else is fetching it.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o666), "wb")  # which does not empty it
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file.fileno()), part.stat()):
            raise BlockingIOError  # it was whole, and renamed, before the lock came free
    except (BlockingIOError, FileNotFoundError):
        file.close()
        raise Busy(BUSY) from None
    if os.fstat(file.fileno()).st_size:
        file.truncate(0)
    return file


async def read_whole(response: httpx.Response, limit: int = 64 * 1024**2, *, turn: asyncio.Lock | None = None) -> bytes:
    """The body of an answer that is no file, up to `limit` bytes (a reply may carry a short video as a data: URI).

    Where many come at once, a `turn` has those over a MiB read one after another: however many are awaited, the others
    stay with who sends them.

    Raises:
        httpx.ReadError: it is longer, or broke off.
    """
    body = bytearray()
    async with AsyncExitStack() as stack:
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > limit:
                raise httpx.ReadError("the answer is too long")
            if turn is not None and len(body) > _MOST_WITHOUT_A_TURN:
                await stack.enter_async_context(turn)
                turn = None
        return bytes(body)


async def _pieces_of(link: str) -> AsyncIterator[bytes]:
    """The content of a data: URI (RFC 2397)."""
    head, _, content = link.partition(",")
    if not head.casefold().endswith(";base64"):
        yield unquote_to_bytes(content)
        return
    try:
        yield await asyncio.to_thread(base64.b64decode, unquote_to_bytes(content))
    except binascii.Error as error:
        raise BadFile(NO_FILE) from error


def _host(url: httpx.URL) -> str:
    return url.host.rstrip(".")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    default = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, default if url.port is None else url.port
