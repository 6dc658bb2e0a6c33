"""The bot's own web server: health, metrics, signed links."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from bot.errors import SettingsError
from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.jobs.within import within
from bot.links import Links

MOST_CONNECTIONS = 200
"""At once: more are cut as they come, so that no stranger takes the file descriptors that the bot's own work needs."""
IDLE_SECONDS = 75.0
"""For which a connection may be without a whole request, be it silent or a letter at a time."""
_DATABASE_SECONDS = 2.0
_PRIVATE = {"Cache-Control": "private"}
_GUARDS = {
    "Server": "reelcord",  # none names the software behind it
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",  # the address of a video is its key
    # A browser shows a video in a page of its own making, which needs the video and a style; nothing may run in it. No
    # `sandbox`: it gives that page another origin, and Chromium then refuses it the video.
    "Content-Security-Policy": (
        "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    ),
}
_faults = logging.getLogger("aiohttp.server")
_log = structlog.stdlib.get_logger(__name__)


class WebServer:
    """The routes below on one address; port 0 switches it off.

    Args:
        links: None offers neither /inputs nor /videos.
        ready: whether Discord is connected.
    """

    def __init__(
        self, store: Store, links: Links | None, videos: Videos, *, ready: Callable[[], bool], host: str, port: int
    ) -> None:
        self._host = host
        self._port = port
        self._runner = web.AppRunner(application(store, links, videos, ready=ready), shutdown_timeout=5)
        self._listener: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            SettingsError: the address cannot be listened on.
        """
        if self._port == 0:
            return
        await self._runner.setup()
        try:
            self._listener = await asyncio.get_running_loop().create_server(self._answer, self._host, self._port)
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"HTTP_PORT: cannot listen on {self._host}:{self._port} ({error.strerror}); "
                "choose another port, or 0 for none"
            ) from None
        _log.info("The web server listens", action="web_started", host=self._host, port=self._port)

    def _answer(self) -> asyncio.Protocol:
        """Whoever talks to one more connection."""
        server = self._runner.server
        return _Line(server) if server and len(server.connections) < MOST_CONNECTIONS else _Nobody()

    async def stop(self) -> None:
        """Finish the answers under way and close the port."""
        if self._listener:
            self._listener.close()
        await self._runner.cleanup()


class _Line(web.RequestHandler):
    """A connection that is served."""

    __slots__ = ()

    def __init__(self, server: web.Server) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            # A signed link in a log would be open to all who read it.
            access_log=None,  # pyright: ignore[reportArgumentType] - aiohttp's word for none
            logger=_faults,
            keepalive_timeout=IDLE_SECONDS,
        )

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Aiohttp's answer to a request that is none, and to a fault of ours: it quotes the one and names itself."""
        answer = super().handle_error(request, status, exc, message)
        assert isinstance(answer, web.Response)
        answer.content_type = "text/plain"
        answer.text = f"{status}: {HTTPStatus(status).phrase}"
        answer.headers.update(_GUARDS)
        return answer


class _Nobody(asyncio.Protocol):
    """Cuts a connection as it comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """No goodbye, which would have to be waited for."""
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def application(
    store: Store,
    links: Links | None,
    videos: Videos,
    *,
    ready: Callable[[], bool],
    clock: Callable[[], float] = time.time,
) -> web.Application:
    """The routes: /healthz, /readyz, /metrics and, with links, /inputs/{job}/{n} and /videos/{job}.mp4."""
    app = web.Application()
    app.on_response_prepare.append(_guard)
    metrics = _Metrics(store)
    health = _Health(store, ready)
    app.add_routes(
        [
            web.get("/healthz", health.alive),
            web.get("/readyz", health.ready),
            web.get("/metrics", metrics.show),
        ]
    )
    if links:
        linked = _Linked(store, links, videos, metrics.links, clock)
        app.add_routes(
            [
                web.get("/inputs/{job}/{n:[0-9]{1,2}}", linked.input),
                web.get("/videos/{job}.mp4", linked.video),
            ]
        )
    return app


class _Health:
    """Whether the process lives, and whether it can work."""

    def __init__(self, store: Store, ready: Callable[[], bool]) -> None:
        self._store = store
        self._ready = ready
        #: One for all who ask meanwhile: each takes its turn to write, and orders wait for theirs.
        self._trying: asyncio.Task[None] | None = None

    async def alive(self, _request: web.Request) -> web.Response:
        """200 as long as the event loop turns."""
        return web.json_response({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        """200 when everything the bot needs is there, else 503; the body says which is not."""
        needs = {"discord": self._ready(), "database": await self._database()}
        return web.json_response(needs, status=200 if all(needs.values()) else 503)

    async def _database(self) -> bool:
        if self._trying is None or self._trying.done():
            self._trying = asyncio.create_task(self._store.try_write())
        try:
            await within(_DATABASE_SECONDS, self._trying)
        except Exception:  # noqa: BLE001 - whatever the database's driver raises, the answer is no
            return False
        return True


class _Metrics:
    """Figures in Prometheus' text format: the process, the jobs, the links."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._jobs = Gauge("reelcord_jobs", "Jobs in the database", ["status"], registry=self._registry)
        self.links = Counter(
            "reelcord_link_requests", "Requests by signed link", ["kind", "outcome"], registry=self._registry
        )

    async def show(self, _request: web.Request) -> web.Response:
        """Count the jobs now, and print everything."""
        counts = await self._store.counts()
        for status in Status:
            self._jobs.labels(status.value).set(counts.get(status, 0))
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Linked:
    """What signed links lead to: pictures for the services that take URLs, and videos. There is no list of either."""

    def __init__(
        self, store: Store, links: Links, videos: Videos, requests: Counter, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._links = links
        self._videos = videos
        self._requests = requests
        self._clock = clock

    async def input(self, request: web.Request) -> web.Response:
        """A picture of a job."""
        job = await self._job(request, with_files=True)
        number = int(request.match_info["n"])
        if job is None or number >= len(job.submission.files):
            raise self._refused("input")
        self._requests.labels("input", "served").inc()
        file = job.submission.files[number]
        return web.Response(body=file.data, content_type=file.content_type, headers=_PRIVATE)

    async def video(self, request: web.Request) -> web.FileResponse:
        """The original of a job's video, whole or a range of it."""
        job = await self._job(request)
        path = await asyncio.to_thread(self._videos.served, job.id) if job else None
        if job is None or path is None:
            raise self._refused("video")
        self._requests.labels("video", "served").inc()
        named = {"Content-Type": "video/mp4", "Content-Disposition": f'inline; filename="reelcord-{job.id}.mp4"'}
        return web.FileResponse(path, headers=_PRIVATE | named)

    async def _job(self, request: web.Request, *, with_files: bool = False) -> Job | None:
        """The job of a link that is genuine and alive; nothing is looked up for another."""
        expires, signature = request.query.get("expires", ""), request.query.get("signature", "")
        if not self._links.check(request.path, expires, signature, self._clock()):
            return None
        return await self._store.get(request.match_info["job"], with_files=with_files)

    def _refused(self, kind: str) -> web.HTTPNotFound:
        """The one answer to every link that leads nowhere, so that none tells whether a job is there."""
        self._requests.labels(kind, "refused").inc()
        return web.HTTPNotFound()


async def _guard(_request: web.Request, response: web.StreamResponse) -> None:
    """No answer is guessed to be another type than it says, found by a search engine, or made to run anything."""
    response.headers.update(_GUARDS)


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a fault is of our making: with any other, aiohttp logs a traceback with what a stranger sent, links too."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_faults.addFilter(_is_ours)
