"""The bot's own web server: health, metrics, signed links."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from aiohttp import web
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
from bot.jobs.database import within
from bot.jobs.job import Status
from bot.jobs.store import Store
from bot.links import Links

_DATABASE_SECONDS = 2.0
_log = structlog.stdlib.get_logger(__name__)


class WebServer:
    """The routes below on one address; port 0 switches it off.

    Args:
        links: None offers no /inputs.
        ready: whether Discord is connected.
    """

    def __init__(self, store: Store, links: Links | None, *, ready: Callable[[], bool], host: str, port: int) -> None:
        self._host = host
        self._port = port
        # No access log: a signed link in a log would be open to all who read it.
        self._runner = web.AppRunner(application(store, links, ready=ready), access_log=None, shutdown_timeout=5)

    async def start(self) -> None:
        """Listen.

        Raises:
            SettingsError: the address cannot be listened on.
        """
        if self._port == 0:
            return
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"HTTP_PORT: cannot listen on {self._host}:{self._port} ({error.strerror}); "
                "choose another port, or 0 for none"
            ) from None
        _log.info("The web server listens", action="web_started", host=self._host, port=self._port)

    async def stop(self) -> None:
        """Finish the answers under way and close the port."""
        await self._runner.cleanup()


def application(
    store: Store, links: Links | None, *, ready: Callable[[], bool], clock: Callable[[], float] = time.time
) -> web.Application:
    """The routes: /healthz, /readyz, /metrics and, with links, /inputs/{job}/{n}."""
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
        inputs = _Inputs(store, links, metrics.inputs, clock)
        app.add_routes([web.get("/inputs/{job}/{n:[0-9]{1,2}}", inputs.show)])
    return app


class _Health:
    """Whether the process lives, and whether it can work."""

    def __init__(self, store: Store, ready: Callable[[], bool]) -> None:
        self._store = store
        self._ready = ready

    async def alive(self, _request: web.Request) -> web.Response:
        """200 as long as the event loop turns."""
        return web.json_response({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        """200 when everything the bot needs is there, else 503; the body says which is not."""
        needs = {"discord": self._ready(), "database": await self._database()}
        return web.json_response(needs, status=200 if all(needs.values()) else 503)

    async def _database(self) -> bool:
        try:
            await within(_DATABASE_SECONDS, self._store.counts())
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
        self.inputs = Counter(
            "reelcord_input_requests", "Requests for an input by signed link", ["outcome"], registry=self._registry
        )

    async def show(self, _request: web.Request) -> web.Response:
        """Count the jobs now, and print everything."""
        counts = await self._store.counts()
        for status in Status:
            self._jobs.labels(status.value).set(counts.get(status, 0))
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Inputs:
    """Pictures of jobs, for the video services that take URLs; there is no list of them."""

    def __init__(self, store: Store, links: Links, requests: Counter, clock: Callable[[], float]) -> None:
        self._store = store
        self._links = links
        self._requests = requests
        self._clock = clock

    async def show(self, request: web.Request) -> web.Response:
        """The picture, if the link is genuine, alive and its job still there; in every other case the same 404."""
        expires, signature = request.query.get("expires", ""), request.query.get("signature", "")
        genuine = self._links.check(request.path, expires, signature, self._clock())
        job = await self._store.get(request.match_info["job"], with_files=True) if genuine else None
        number = int(request.match_info["n"])
        if job is None or number >= len(job.submission.files):
            self._requests.labels("refused").inc()
            raise web.HTTPNotFound
        self._requests.labels("served").inc()
        file = job.submission.files[number]
        return web.Response(body=file.data, content_type=file.content_type, headers={"Cache-Control": "private"})


async def _guard(_request: web.Request, response: web.StreamResponse) -> None:
    """No answer is guessed to be another type than it says, and none names the software behind it."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Server"] = "reelcord"
