"""The routes of new-api's video API, and the middlewares that log, authorise and say no in its shapes."""

from __future__ import annotations

import random
import string
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.faults import said
from bot.sandbox.video_api import control, files, refusals, replies
from bot.sandbox.video_api.ask import decode, model_of
from bot.sandbox.video_api.calls import Call, read_call
from bot.sandbox.video_api.families import Family, family_of, named
from bot.sandbox.video_api.refusals import Refused, compact
from bot.sandbox.video_api.tasks import Task

if TYPE_CHECKING:
    from bot.sandbox.video_api.server import VideoApiSandbox

BODY_LIMIT = 128 * 1024 * 1024  # new-api's MAX_REQUEST_BODY_MB
CALL: web.RequestKey[Call] = web.RequestKey("call", Call)
_REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)


def creates(path: str) -> bool:
    """Whether a POST to the path asks for a new task."""
    return path in ("/v1/videos", "/v1/video/generations") or (
        path.startswith("/v1/videos/") and path.endswith("/remix")
    )


def application(api: VideoApiSandbox) -> web.Application:
    """The aiohttp application of a stand-in."""
    site = VideoRoutes(api)
    app = web.Application(
        client_max_size=BODY_LIMIT,
        middlewares=[site.keep_log, api.faults.middleware, site.say_no, site.authorise],
    )
    app.on_response_prepare.append(_sign)
    app.router.add_routes(
        [
            web.post("/v1/videos", site.submit),
            web.post("/v1/video/generations", site.submit),
            web.post("/v1/videos/{id}/remix", site.remix),
            web.get("/v1/videos/{id}", site.retrieve, allow_head=False),
            web.get("/v1/videos/{id}/content", site.content, allow_head=False),
            web.get("/v1/video/generations/{id}", site.retrieve_wrapped, allow_head=False),
            web.get("/v1/models", site.models, allow_head=False),
            web.get("/v1/models/{model}", site.model, allow_head=False),
            web.get("/api/usage/token/", site.usage, allow_head=False),
            web.get("/files/{key}.mp4", site.direct_file),
            web.get("/moved/{key}.mp4", site.moved_file),
            *control.routes(api),
        ]
    )
    return app


class VideoRoutes:
    """The handlers."""

    def __init__(self, api: VideoApiSandbox) -> None:
        self._api = api

    @web.middleware
    async def keep_log(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep each call and what was answered, faults included; the control routes leave no trace."""
        if request.path.startswith("/sandbox/"):
            return await handler(request)
        call = await read_call(request, self._api.clock())
        self._api.log.append(call)
        request[CALL] = call
        answer = await handler(request)
        call.cut = request.transport is None or request.transport.is_closing()
        if not call.cut:
            call.status, call.answered_at, call.answer = answer.status, self._api.clock(), said(answer)
        return answer

    @web.middleware
    async def say_no(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn refusals into their JSON, unrouted API paths into its 404, and any other path into the web page."""
        try:
            return await handler(request)
        except Refused as refused:
            body = compact(refused.body).replace("{request_id}", _request_id(request))
            return web.Response(text=body, status=refused.status, content_type="application/json")
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            if request.path.startswith(("/v1", "/api", "/assets")):
                refused = refusals.not_routed(request.method, request.path)
                return _json(refused.body, status=refused.status)
            return web.Response(text="<!doctype html><title>New API</title>", content_type="text/html")

    @web.middleware
    async def authorise(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the bearer; a wrong, disabled or exhausted key is 401 on every route, GETs of running tasks too."""
        routed = request.match_info.http_exception is None
        if routed and request.path.startswith(("/v1/", "/api/")):
            sent = request.headers.get("Authorization", "")
            key = sent[7:] if sent[:7].lower() == "bearer " else sent
            if key.removeprefix("sk-") != self._api.key.removeprefix("sk-") or self._api.key_exhausted:
                raise refusals.routing(401, "Invalid token")
        return await handler(request)

    async def submit(self, request: web.Request) -> web.Response:
        """POST /v1/videos and POST /v1/video/generations: the same code, as in new-api."""
        call = request[CALL]
        model = model_of(call)
        if model not in self._api.models:
            message = f"No available channel for model {model} under group default (distributor)"
            raise refusals.routing(503, message, "model_not_found")
        family = family_of(model)
        ask = decode(call, family.validator, self._api.strict)
        plan = await family.accept(ask)
        self._check_funds(plan.price)
        return self._created(call, family, self._api.create(family, model, ask.fields, plan))

    async def remix(self, request: web.Request) -> web.Response:
        """POST /v1/videos/{id}/remix: the same video with another prompt, on the original's channel."""
        call = request[CALL]
        origin = self._found(request)
        if origin is None:
            raise refusals.task(400, "task_not_exist", "task_origin_not_exist")
        prompt = call.json.get("prompt") if isinstance(call.json, dict) else None
        if not isinstance(prompt, str) or not prompt.strip():
            raise refusals.task(400, "invalid_request", "prompt is required")
        self._check_funds(origin.plan.price)
        family = named(origin.family)
        task = self._api.create(family, origin.model, call.json, origin.plan, remixed_from=origin.id)
        return self._created(call, family, task)

    async def retrieve(self, request: web.Request) -> web.Response:
        """GET /v1/videos/{id}."""
        task = self._known(request)
        task.reads += 1
        shape = replies.choose(replies.RETRIEVE, task.outcome.shapes, named(task.family).retrieve)
        view = self._view(task)
        body = shape(view)
        if task.outcome.odd_words and view.snapshot.running and "status" in body:
            body["status"] = task.outcome.odd_words[(task.reads - 1) % len(task.outcome.odd_words)]
        return _json(body)

    async def retrieve_wrapped(self, request: web.Request) -> web.Response:
        """GET /v1/video/generations/{id}: one of the two wrappers."""
        task = self._known(request)
        shape = replies.choose(replies.WRAPPER, task.outcome.shapes, named(task.family).wrapper)
        return _json(shape(self._view(task)))

    async def content(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/videos/{id}/content: the whole file through the gateway, whatever Range says."""
        task = self._found(request)
        if task is None:
            raise refusals.content(404, "Task not found")
        status = task.status
        if status == "SUCCESS" and task.refusals_left:
            task.refusals_left -= 1
            status = "IN_PROGRESS"
        if status != "SUCCESS":
            raise refusals.content(400, f"Task is not completed yet, current status: {status}")
        if task.outcome.gone:
            raise refusals.content(502, "Upstream service returned status 404", "server_error")
        return await files.send(request, task, self._api.clock(), {"Cache-Control": "public, max-age=86400"})

    async def direct_file(self, request: web.Request) -> web.StreamResponse:
        """The public link, which needs no bearer and must not get one."""
        task = next((task for task in self._api.tasks.values() if task.key == request.match_info["key"]), None)
        if task is None or task.video is None or task.outcome.gone:
            return web.Response(
                status=404, text="<Error><Code>NoSuchKey</Code></Error>", content_type="application/xml"
            )
        return await files.send(request, task, self._api.clock(), {})

    async def moved_file(self, request: web.Request) -> web.StreamResponse:
        """A link on the API's own host that leads to another host."""
        target = f"{self._api.files_url}/files/{request.match_info['key']}.mp4"
        return web.Response(status=302, headers={"Location": target})

    async def models(self, _request: web.Request) -> web.Response:
        """GET /v1/models: the models this key may use."""
        return _json({"success": True, "object": "list", "data": [_model(model) for model in self._api.models]})

    async def model(self, request: web.Request) -> web.Response:
        """GET /v1/models/{model}."""
        name = request.match_info["model"]
        if name in self._api.models:
            return _json(_model(name))
        error = {"type": "invalid_request_error", "param": "model", "code": "model_not_found"}
        return _json({"error": {"message": f"The model '{name}' does not exist", **error}}, status=404)

    async def usage(self, _request: web.Request) -> web.Response:
        """GET /api/usage/token/: what the key has left; here `code` is a boolean."""
        data = {
            "object": "token_usage",
            "name": "default-token",
            "total_granted": self._api.granted,
            "total_used": self._api.used,
            "total_available": self._api.balance,
            "unlimited_quota": False,
            "model_limits": {},
            "model_limits_enabled": False,
            "expires_at": 0,
        }
        return _json({"code": True, "message": "ok", "data": data})

    def _check_funds(self, price: int) -> None:
        left = self._api.balance
        if left < price:
            raise refusals.task(403, "insufficient_user_quota", f"用户额度不足, 剩余额度: \uff04{left / 500_000:.6f}")

    def _created(self, call: Call, family: Family, task: Task) -> web.Response:
        call.created, call.task_id = True, task.id
        shape = replies.choose(replies.SUBMIT, task.outcome.shapes, family.submit)
        ratios = compact({"seconds": task.plan.seconds, "size": 1})
        return _json(shape(self._view(task)), headers={"X-New-Api-Other-Ratios": ratios})

    def _known(self, request: web.Request) -> Task:
        """The task of a status route. An unknown id is 400 task_not_exist on new-api, not 404."""
        task = self._found(request)
        if task is None:
            raise refusals.task(400, "task_not_exist", "task_not_exist")
        return task

    def _found(self, request: web.Request) -> Task | None:
        """The task a path names; None too where its row was never inserted."""
        task = self._api.tasks.get(request.match_info["id"])
        return None if task is None or task.outcome.insert_failed else task

    def _view(self, task: Task) -> replies.View:
        snapshot = task.snapshot(self._api.clock())
        url = files.link(self._api, task, named(task.family).url) if snapshot.status == "SUCCESS" else ""
        proxy_url = f"{self._api.url}/v1/videos/{task.id}/content"
        return replies.View(task=task, snapshot=snapshot, url=url, proxy_url=proxy_url)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1626777600, "owned_by": "custom"}


def _json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers, dumps=compact)


async def _sign(request: web.Request, response: web.StreamResponse) -> None:
    """Put new-api's log id on every answer."""
    response.headers["X-Oneapi-Request-Id"] = _request_id(request)


def _request_id(request: web.Request) -> str:
    """The time to the microsecond and eight random characters, as new-api writes it; one per request."""
    if _REQUEST_ID not in request:
        stamp = time.strftime("%Y%m%d%H%M%S") + f"{time.time_ns() // 1000 % 1_000_000:06d}"
        request[_REQUEST_ID] = stamp + "".join(random.choices(string.ascii_letters + string.digits, k=8))
    return request[_REQUEST_ID]
