"""The file store: signed links that expire after a day, and byte ranges so that a browser can seek."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from aiohttp import web

from bot.sandbox.discord_api.blobs import CHUNK, Blob
from bot.sandbox.discord_api.clock import Clock
from bot.sandbox.discord_api.pictures import picture_size

LIFETIME = 24 * 3600  #: seconds a signed link lives
#: People post what they like: a file that a browser opens by its link is what it calls itself, and runs no script.
HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox allow-same-origin"}


@dataclass(eq=False, kw_only=True)
class StoredFile:
    """A file and the path it is served at."""

    path: str
    blob: Blob = field(repr=False)
    content_type: str
    cdn: Cdn = field(repr=False)
    size: tuple[int, int] | None = None  #: width and height, of what can be shown

    @property
    def data(self) -> bytes:
        """The bytes, all of them in memory."""
        return self.blob.read()

    @property
    def url(self) -> str:
        """A link signed now."""
        return self.cdn.sign(self.path)

    def is_at(self, url: str) -> bool:
        """Whether a link, alive or dead, leads here."""
        return url.startswith(self.cdn.base_url) and urlsplit(url).path == self.path


class Cdn:
    """Keeps files and serves them to whoever holds a link that is alive."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._files: dict[str, StoredFile] = {}
        self.base_url = "http://127.0.0.1"  # the port is known when the sandbox listens

    def store(self, place: str, filename: str, data: bytes | Blob, content_type: str) -> StoredFile:
        """Keep a file under `place`, such as `attachments/<channel>/<id>`."""
        path = f"/{place}/{quote(filename)}"
        blob = data if isinstance(data, Blob) else Blob(data)
        file = StoredFile(path=path, blob=blob, content_type=content_type, cdn=self)
        file.size = picture_size(blob, content_type)
        self._files[path] = file
        return file

    def sign(self, path: str) -> str:
        """The full link: `ex` and `is` are the moments of expiry and issue in hexadecimal, `hm` the signature."""
        issued = int(self._clock())
        expires, begins = f"{issued + LIFETIME:x}", f"{issued:x}"
        return f"{self.base_url}{path}?ex={expires}&is={begins}&hm={self._mac(path, expires, begins)}&"

    def refresh(self, url: str) -> str:
        """The same file's link signed now; a link that leads nowhere comes back as it is."""
        path = urlsplit(url).path
        return self.sign(path) if path in self._files else url

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET of a file: 404 with a dead or forged link, 206 for a range."""
        file = self._files.get(request.rel_url.raw_path)
        if file is None or not self._alive(file.path, request):
            return web.Response(status=404, text="This content is no longer available.")
        return await _ranged(request, file)

    def close(self) -> None:
        """Give back what is on disk; what is in memory can still be read."""
        for file in self._files.values():
            file.blob.close()

    def _alive(self, path: str, request: web.Request) -> bool:
        expires, begins, mac = (request.query.get(key, "") for key in ("ex", "is", "hm"))
        genuine = hmac.compare_digest(mac.encode(), self._mac(path, expires, begins).encode())
        return genuine and self._clock() < int(expires, 16)

    def _mac(self, path: str, expires: str, begins: str) -> str:
        return hmac.new(self._key, f"{path}|{expires}|{begins}".encode(), hashlib.sha256).hexdigest()


async def _ranged(request: web.Request, file: StoredFile) -> web.StreamResponse:
    headers = {"Content-Type": file.content_type, "Accept-Ranges": "bytes", **HARMLESS}
    size = file.blob.size
    try:
        wanted = request.http_range
    except ValueError:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, stop, _ = slice(wanted.start, wanted.stop).indices(size)
    if wanted.start is None and wanted.stop is None:
        return await _send(request, web.StreamResponse(headers=headers), file.blob, 0, size)
    if start >= stop:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return await _send(request, web.StreamResponse(status=206, headers=headers), file.blob, start, stop)


async def _send(
    request: web.Request, response: web.StreamResponse, blob: Blob, start: int, stop: int
) -> web.StreamResponse:
    """Answer with a part of the blob, never holding more than a chunk of it."""
    response.content_length = stop - start
    await response.prepare(request)
    if request.method != "HEAD":
        for at in range(start, stop, CHUNK):
            await response.write(blob.read(at, min(at + CHUNK, stop)))
    await response.write_eof()
    return response
