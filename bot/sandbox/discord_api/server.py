"""The web application: routes, the token check, the log, the headers that every answer carries."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.sandbox.discord_api import rest_channels, rest_commands, rest_interactions, rest_users
from bot.sandbox.discord_api.bodies import BODY, read_body
from bot.sandbox.discord_api.core import CORE, Core, core_of
from bot.sandbox.discord_api.errors import ApiError, not_found, unauthorized
from bot.sandbox.faults import Faults, said

API = "/api/v10"
_OPEN = re.compile(rf"{API}/(interactions|webhooks|gateway$)")  # what the token in the path, or none, opens


@dataclass(kw_only=True)
class LogEntry:
    """One REST request, as it came; `status` is None while it lasts and when its answer was dropped."""

    method: str
    path: str  #: with the query, without /api/v10
    time: float
    body: Any = None  #: JSON, or of a multipart body {payload_json, files: [{n, filename, size, content_type}]}
    status: int | None = None
    cut: bool = False  #: whether the line was cut before it was answered
    answer: str | None = None  #: the text of what was answered, its beginning


def build_app(core: Core, faults: Faults, log: list[LogEntry]) -> web.Application:
    """The application that serves REST, the gateway and the file store on one port."""
    app = web.Application(client_max_size=0, middlewares=[_logger(log), faults.middleware, _api_errors])
    app[CORE] = core
    app.on_response_prepare.append(_set_headers)
    api = web.Application()
    for room in (rest_users, rest_channels, rest_commands, rest_interactions):
        api.add_routes(room.routes)
    app.add_subapp(API, api)
    app.router.add_get("/gateway", core.gateway.handle)
    app.router.add_get("/gateway/", core.gateway.handle)
    app.router.add_get("/attachments/{tail:.*}", core.world.cdn.serve)
    app.router.add_get("/ephemeral-attachments/{tail:.*}", core.world.cdn.serve)
    return app


def _logger(log: list[LogEntry]) -> Middleware:
    @web.middleware
    async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(API):
            return await handler(request)
        core = core_of(request)
        entry = LogEntry(method=request.method, path=request.raw_path.removeprefix(API), time=core.world.clock())
        log.append(entry)
        try:
            request[BODY] = await read_body(request, core.world.largest_request)
        except ApiError as error:
            entry.status = error.status
            return _error_response(error)
        entry.body = request[BODY].summary()
        core.world.touch()
        response = await handler(request)
        entry.cut = request.transport is None or request.transport.is_closing()
        if not entry.cut:
            entry.status, entry.answer = response.status, said(response)
        core.world.touch()
        return response

    return keep


@web.middleware
async def _api_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check the token, and turn refusals into Discord's JSON."""
    if not request.path.startswith(API):
        return await handler(request)
    try:
        if not _OPEN.match(request.path) and request.headers.get("Authorization") != f"Bot {core_of(request).token}":
            raise unauthorized()
        return await handler(request)
    except ApiError as error:
        return _error_response(error)
    except web.HTTPNotFound:
        return _error_response(not_found())
    except web.HTTPMethodNotAllowed:
        return _error_response(ApiError(405, 0, "405: Method Not Allowed"))


def _error_response(error: ApiError) -> web.Response:
    return web.json_response(error.body, status=error.status, headers=error.headers)


def _bucket(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return hashlib.md5(
        f"{request.method} {resource and resource.canonical}".encode(), usedforsecurity=False
    ).hexdigest()


async def _set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Via on all answers (discord.py takes a 429 without it for a ban), and a content type without charset."""
    response.headers.setdefault("Via", "1.1 sandbox")
    if not request.path.startswith(API):
        return
    if response.content_type == "application/json":
        response.headers["Content-Type"] = "application/json"
    if "interactions" in request.path or response.status == 429:
        return
    reset = core_of(request).world.clock() + 1
    plausible = {
        "X-RateLimit-Bucket": _bucket(request),
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset": f"{reset:.3f}",
        "X-RateLimit-Reset-After": "1.000",
    }
    for name, value in plausible.items():
        response.headers.setdefault(name, value)
