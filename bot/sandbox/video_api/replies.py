"""Every shape in which gateways answer.

`SUBMIT`, `RETRIEVE` and `WRAPPER` at the end give each a name: `kling`, `jimeng`, `hailuo`, and numbers from E1 to E15
that mean nothing by themselves; the docstring of each function says whose shape it is.

Sources: new-api's converters for each vendor channel, OctopusX's documented objects, and new-api's own documents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.video_api.tasks import Snapshot, Task

_STOCK_WORDS = {
    "NOT_START": "unknown",
    "QUEUED": "queued",
    "IN_PROGRESS": "in_progress",
    "SUCCESS": "completed",
    "FAILURE": "failed",
}
_OCTOPUSX_WORDS = _STOCK_WORDS | {"NOT_START": "queued", "IN_PROGRESS": "processing"}
_REALTIME_WORDS = _OCTOPUSX_WORDS | {"SUCCESS": "succeeded"}
_FLAT_WORDS = _STOCK_WORDS | {"NOT_START": "queued"}
_QUERY_WORDS = _OCTOPUSX_WORDS | {"NOT_START": "pending", "QUEUED": "pending"}
_VIDU_STATES = {
    "NOT_START": "created",
    "QUEUED": "queueing",
    "IN_PROGRESS": "processing",
    "SUCCESS": "success",
    "FAILURE": "failed",
}
_DAY = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What a reply is made from: the task, where it is, the link to its file ("" for none), the proxy's link."""

    task: Task
    snapshot: Snapshot
    url: str
    proxy_url: str

    @property
    def done(self) -> bool:
        """Whether the video is there."""
        return self.snapshot.status == "SUCCESS"

    @property
    def reason(self) -> str:
        """Why it failed, "" when it did not."""
        return (self.task.outcome.fail or "") if self.snapshot.status == "FAILURE" else ""

    @property
    def created(self) -> int:
        """Creation in Unix seconds."""
        return int(self.task.created_at)

    @property
    def seen(self) -> int:
        """The last look in Unix seconds."""
        return int(self.snapshot.seen_at)


Shape = Callable[[View], dict[str, Any]]


def stock_submit(view: View) -> dict[str, Any]:
    """E1: new-api's vendor channels."""
    return {
        "id": view.task.id,
        "task_id": view.task.id,
        "object": "video",
        "model": view.task.model,
        "status": "queued",
        "progress": 0,
        "created_at": view.created,
    }


def octopusx_submit(view: View) -> dict[str, Any]:
    """E2: a channel that passes the upstream's own answer on."""
    body = {
        "id": view.task.id,
        "object": "video",
        "model": view.task.model,
        "status": "queued",
        "progress": 0,
        "created_at": view.created,
        "seconds": str(view.task.plan.seconds),
        "size": view.task.plan.size,
    }
    return body | _remixed(view)


def bare_submit(view: View) -> dict[str, Any]:
    """E3: nothing but the id."""
    return {"task_id": view.task.id}


def dated_submit(view: View) -> dict[str, Any]:
    """E4: the time is a string, and the status is no longer queued."""
    created = datetime.fromtimestamp(view.task.created_at, UTC).isoformat()
    return {"created_at": created, "status": "processing", "task_id": view.task.id}


def stock_video(view: View) -> dict[str, Any]:
    """E5 and E8 (Vidu): no model, `completed_at` always set, the link under metadata."""
    body = _stock(view) | {"completed_at": view.seen}
    if view.reason:
        return body | {"error": {"message": view.reason, "code": view.reason}}
    return body | ({"metadata": {"url": view.url}} if view.done and view.url else {})


def kling_video(view: View) -> dict[str, Any]:
    """Kling's: times in milliseconds, `seconds` as measured ("5.1"), an error without a code."""
    body = _stock(view) | {"created_at": view.created * 1000}
    if view.snapshot.running:
        return body
    body["completed_at"] = view.seen * 1000
    if view.reason:
        return body | {"error": {"message": view.reason, "code": ""}}
    return body | {"seconds": f"{view.task.plan.seconds}.1"} | ({"metadata": {"url": view.url}} if view.url else {})


def google_video(view: View) -> dict[str, Any]:
    """E9: never a link and never a reason; half done until done."""
    body = _stock(view) | {"model": "veo-3.1-generate-preview"}
    if view.snapshot.running:
        return body | {"progress": 50}
    return body | {"completed_at": view.seen}


def jimeng_video(view: View) -> dict[str, Any]:
    """Jimeng's, Doubao's and Ali's: the link is present and empty while it is not there."""
    body = stock_video(view) | {"metadata": {"url": view.url}}
    return body | {"error": {"message": view.reason, "code": "50411"}} if view.reason else body


def hailuo_video(view: View) -> dict[str, Any]:
    """Hailuo's: after a failure the reason stands where the link should be."""
    return _stock(view) | {"completed_at": view.seen, "metadata": {"url": view.url or view.reason}}


def octopusx_video(view: View) -> dict[str, Any]:
    """E6, E7 and E10 (OctopusX's Veo and Sora): an `error` object even on success."""
    body = {
        "id": view.task.id,
        "object": "video",
        "model": view.task.model,
        "status": _OCTOPUSX_WORDS[view.snapshot.status],
        "progress": 0 if view.reason else view.snapshot.progress,
        "created_at": view.created,
    }
    if view.reason:
        return body | {"error": {"message": view.reason, "code": view.task.outcome.fail_code}}
    return body | {
        "completed_at": view.seen if view.done else 0,
        "expires_at": view.created + _DAY,
        "seconds": str(view.task.plan.seconds),
        "size": view.task.plan.size,
        "remixed_from_video_id": view.task.remixed_from,
        "error": {"message": "", "code": ""},
        "video_url": view.url,
    }


def broken_video(view: View) -> dict[str, Any]:
    """E11: what a Sora channel shows after a bad poll of its upstream: no status at all."""
    error = {"message": "internal error", "type": "server_error", "param": None, "code": None}
    return {"error": error, "id": view.task.id}


def flat_video(view: View) -> dict[str, Any]:
    """E14: new-api's documents, flat; the error's code is a number."""
    plan = view.task.plan
    size = {"duration": plan.seconds, "fps": 24, "width": plan.width, "height": plan.height, "seed": 20231234}
    return {
        "task_id": view.task.id,
        "status": _FLAT_WORDS[view.snapshot.status],
        "url": view.url,
        "format": "mp4",
        "metadata": size if view.done else None,
        "error": {"code": 1 if view.reason else 0, "message": view.reason},
    }


def query_video(view: View) -> dict[str, Any]:
    """E15: `pending`, progress as a string, times in milliseconds."""
    body: dict[str, Any] = {
        "id": view.task.id,
        "object": "video",
        "model": view.task.model,
        "status": _QUERY_WORDS[view.snapshot.status],
        "progress": str(view.snapshot.progress),
        "created_at": view.created,
        "size": "large",
        "status_update_time": int(view.snapshot.seen_at * 1000),
        "detail": {"input": {"prompt": view.task.request.get("prompt", "")}},
    }
    if view.reason:
        return body | {"error": {"message": view.reason, "code": view.task.outcome.fail_code}}
    return body | ({"video_url": view.url} if view.url else {})


def wrapped_video(view: View) -> dict[str, Any]:
    """E12: new-api's TaskDto; after a failure `result_url` holds the reason."""
    task, snapshot = view.task, view.snapshot
    properties = {"input": "", "upstream_model_name": task.model, "origin_model_name": task.model}
    data: dict[str, Any] = {
        "id": 4711,
        "created_at": view.created,
        "updated_at": view.seen,
        "task_id": task.id,
        "platform": "52",
        "user_id": 12,
        "group": "default",
        "channel_id": 3,
        "quota": task.charged,
        "action": "generate" if task.plan.pictures else "textGenerate",
        "status": snapshot.status,
        "fail_reason": view.reason,
        "submit_time": view.created,
        "start_time": view.created if snapshot.status not in ("NOT_START", "QUEUED") else 0,
        "finish_time": 0 if snapshot.running else view.seen,
        "progress": f"{snapshot.progress}%",
        "properties": properties,
        "data": _upstream_row(view),
    }
    if not snapshot.running:
        data["result_url"] = view.proxy_url if view.done else view.reason
    return {"code": "success", "message": "", "data": data}


def realtime_video(view: View) -> dict[str, Any]:
    """E13: the Gemini and Vertex wrapper; its `error` is always null, and on failure `url` is the reason."""
    data = {
        "task_id": view.task.id,
        "status": _REALTIME_WORDS[view.snapshot.status],
        "url": view.proxy_url if view.done else view.reason,
        "format": "mp4",
        "metadata": None,
        "error": None,
    }
    return {"code": "success", "message": "", "data": data}


def _upstream_row(view: View) -> dict[str, Any]:
    """The upstream's raw JSON inside the wrapper; a failure of the gateway's own shows the upstream still at work."""
    if view.task.family == "vidu":
        creations = [{"id": "1", "url": view.url, "cover_url": ""}] if view.url else []
        state = _VIDU_STATES[view.snapshot.status]
        return {"state": state, "err_code": view.reason, "credits": 0, "payload": "", "creations": creations}
    if view.task.family == "kling" and view.done:
        videos = [{"id": "1", "url": view.url, "duration": f"{view.task.plan.seconds}.1"}]
        return {"code": 0, "data": {"task_status": "succeed", "task_result": {"videos": videos}}}
    if view.done:
        return {"status": "completed", "video_url": view.url}
    return {"id": "video_up", "status": "in_progress", "progress": 40}


def _stock(view: View) -> dict[str, Any]:
    return {
        "id": view.task.id,
        "object": "video",
        "model": "",
        "status": _STOCK_WORDS[view.snapshot.status],
        "progress": view.snapshot.progress,
        "created_at": view.created,
    }


def _remixed(view: View) -> dict[str, Any]:
    return {"remixed_from_video_id": view.task.remixed_from} if view.task.remixed_from else {}


SUBMIT: dict[str, Shape] = {"E1": stock_submit, "E2": octopusx_submit, "E3": bare_submit, "E4": dated_submit}
RETRIEVE: dict[str, Shape] = {
    "E5": stock_video,
    "E6": octopusx_video,
    "E7": octopusx_video,
    "E8": stock_video,
    "E9": google_video,
    "E10": octopusx_video,
    "E11": broken_video,
    "E14": flat_video,
    "E15": query_video,
    "kling": kling_video,
    "jimeng": jimeng_video,
    "hailuo": hailuo_video,
}
WRAPPER: dict[str, Shape] = {"E12": wrapped_video, "E13": realtime_video}


def choose(shapes: dict[str, Shape], wanted: tuple[str, ...], usual: str) -> Shape:
    """The first wanted shape of this kind of reply, else the family's usual one."""
    return next((shapes[name] for name in wanted if name in shapes), shapes[usual])
