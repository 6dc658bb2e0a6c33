"""The three shapes in which new-api says no."""

from __future__ import annotations

import json
from typing import Any


def compact(body: Any) -> str:
    """JSON as Go writes it: no spaces, and letters as they are."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a defect
    """A request that is answered with an error: `status` and the JSON `body`.

    Where a body holds `{request_id}` in its message the server fills it in, as new-api's auth and routing errors do.
    """

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def routing(status: int, message: str, code: str = "") -> Refused:
    """Auth and routing errors (new-api's middleware/utils.go)."""
    return Refused(
        status,
        {"error": {"message": f"{message} (request id: {{request_id}})", "type": "new_api_error", "code": code}},
    )


def task(status: int, code: str, message: str) -> Refused:
    """Errors of submit and status routes (new-api's dto/task.go)."""
    return Refused(status, {"code": code, "message": message, "data": None})


def upstream(message: str, param: str, code: str = "invalid_value") -> Refused:
    """What the service behind the gateway refused: its own JSON, nested as text in the message."""
    inner = {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}
    return task(400, "fail_to_fetch_task", compact(inner))


def content(status: int, message: str, kind: str = "invalid_request_error") -> Refused:
    """Errors of the /content route: OpenAI's shape without a code."""
    return Refused(status, {"error": {"message": message, "type": kind}})


def not_routed(method: str, path: str) -> Refused:
    """The answer under /v1 and /api where nothing is routed."""
    message = f"Invalid URL ({method} {path})"
    return Refused(404, {"error": {"message": message, "type": "invalid_request_error", "param": "", "code": ""}})
