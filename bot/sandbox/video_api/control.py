"""Routes under /sandbox/ that steer a stand-in running as a process of its own.

GET /sandbox/log and /sandbox/tasks give the calls and the ledger; POST /sandbox/faults takes the fields of a `Fault`
(without `hold`), POST /sandbox/next those of an `Outcome` and `times` (`video` as a path).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from bot.sandbox.video_api.server import VideoApiSandbox


def routes(api: VideoApiSandbox) -> list[web.RouteDef]:
    """The control routes of a stand-in."""

    async def log(_request: web.Request) -> web.Response:
        return web.json_response([call.as_json() for call in api.log])

    async def tasks(_request: web.Request) -> web.Response:
        return web.json_response([task.as_json() for task in api.tasks.values()])

    async def add_fault(request: web.Request) -> web.Response:
        return await _apply(request, api.faults.add)

    async def add_outcome(request: web.Request) -> web.Response:
        return await _apply(request, api.next)

    return [
        web.get("/sandbox/log", log),
        web.get("/sandbox/tasks", tasks),
        web.post("/sandbox/faults", add_fault),
        web.post("/sandbox/next", add_outcome),
    ]


async def _apply(request: web.Request, function: Callable[..., object]) -> web.Response:
    """Call a function with the JSON object of the request; wrong fields are a 400 that names them."""
    try:
        fields = await request.json()
        if "video" in fields:
            fields["video"] = Path(fields["video"])
        function(**fields)
    except (TypeError, ValueError) as error:
        return web.json_response({"error": str(error)}, status=400)
    return web.json_response({"ok": True})
