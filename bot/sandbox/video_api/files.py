"""How a finished video is handed out: links of every kind, and downloads that may be cut short."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.video_api.tasks import Task, UrlKind

if TYPE_CHECKING:
    from bot.sandbox.video_api.server import VideoApiSandbox

_CHUNK = 256 * 1024
_FORGOTTEN_ADDRESS = "http://localhost:3000"  # new-api's ServerAddress where the operator never set one


def link(api: VideoApiSandbox, task: Task, usual: UrlKind) -> str:
    """The link a finished task's reply shows; "" where the file is only to be had at /content."""
    kind = task.outcome.url or usual
    if kind == "direct":
        return f"{api.files_url}/files/{task.key}.mp4"
    if kind == "redirect":
        return f"{api.url}/moved/{task.key}.mp4"
    if kind == "proxy":
        return f"{_FORGOTTEN_ADDRESS}/v1/videos/{task.id}/content"
    if kind == "data" and task.video is not None:
        return f"data:video/mp4;base64,{base64.b64encode(task.video.read_bytes()).decode('ascii')}"
    return ""


async def send(request: web.Request, task: Task, now: float, headers: Mapping[str, str]) -> web.StreamResponse:
    """Stream the file; while truncations are left, cut the line after so many bytes of the promised length."""
    assert task.video is not None
    task.downloads.append(now)
    size = task.video.stat().st_size
    end = size
    if task.truncations_left:
        task.truncations_left -= 1
        end = min(size, task.outcome.truncate or 0)
    answer = web.StreamResponse(headers={"Content-Type": "video/mp4", "Content-Length": str(size), **headers})
    await answer.prepare(request)
    with task.video.open("rb") as file:
        while data := file.read(min(_CHUNK, end - file.tell())):
            await answer.write(data)
    if end < size and request.transport is not None:
        answer.force_close()
        request.transport.close()
    return answer
