"""A stand-in with tiny videos, a client with its key, a clock to turn by hand, and a place that serves pictures."""

import base64
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from bot.sandbox.video_api import Task, VideoApiSandbox

START = 1_768_489_641.0


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: float = START

    def __call__(self) -> float:
        """The time in Unix seconds."""
        return self.now


def picture(width: int = 160, height: int = 90, kind: str = "PNG", colour: str = "red") -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def data_uri(data: bytes) -> str:
    """A picture as a data URI."""
    return "data:image/png;base64," + base64.b64encode(data).decode()


@dataclass
class Client:
    """A client of the stand-in that sends its key."""

    api: VideoApiSandbox
    session: aiohttp.ClientSession

    async def post(self, path: str, **body: object) -> tuple[int, str]:
        """POST a JSON body; the status and the answer's text."""
        async with self.session.post(self.api.url + path, json=body) as answer:
            return answer.status, await answer.text()

    async def get(self, path: str) -> tuple[int, str]:
        """GET a path; the status and the answer's text."""
        async with self.session.get(self.api.url + path) as answer:
            return answer.status, await answer.text()

    async def made(self, **body: object) -> Task:
        """The task a POST to /v1/videos creates."""
        status, text = await self.post("/v1/videos", **body)
        assert status == 200, text
        return list(self.api.tasks.values())[-1]


def refused(code: str, message: str) -> str:
    """The body of a refusal of the submit route."""
    return json.dumps({"code": code, "message": message, "data": None}, separators=(",", ":"))


def filled(template: str, task: Task, url: str = "") -> str:
    """A shape with what is free in it filled in, at one go: a random id may itself hold "URL"."""
    values = {"ID": task.id, "MODEL": task.model, "URL": url}
    return re.sub("|".join(values), lambda found: values[found[0]], template)


async def finished(client: Client, clock: Clock, **body: object) -> tuple[Task, str]:
    """A task whose time is up and whose file is there, and the link to its file."""
    task = await client.made(**body)
    await client.api.wait_for(lambda: task.ready_at is not None)
    clock.now = START + 149
    return task, f"{client.api.files_url}/files/{task.key}.mp4"


@pytest.fixture
def clock() -> Clock:
    """A clock at a fixed second."""
    return Clock()


@pytest.fixture
async def api() -> AsyncIterator[VideoApiSandbox]:
    """A stand-in on the real clock, with tiny videos and no waiting."""
    async with VideoApiSandbox(quality="tiny", seconds_to_done=0) as sandbox:
        yield sandbox


@pytest.fixture
async def still_api(clock: Clock) -> AsyncIterator[VideoApiSandbox]:
    """A stand-in on a clock that stands still; a video takes a hundred seconds."""
    async with VideoApiSandbox(quality="tiny", seconds_to_done=100, clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
async def session(api: VideoApiSandbox) -> AsyncIterator[aiohttp.ClientSession]:
    """A session that sends the key with everything."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as session:
        yield session


@pytest.fixture
def client(api: VideoApiSandbox, session: aiohttp.ClientSession) -> Client:
    """A client of the stand-in on the real clock."""
    return Client(api, session)


@pytest.fixture
def still_client(still_api: VideoApiSandbox, session: aiohttp.ClientSession) -> Client:
    """A client of the stand-in whose clock stands still."""
    return Client(still_api, session)


@pytest.fixture
async def shelf() -> AsyncIterator[str]:
    """The base URL of a place that serves /a.png, /b.png, /c.png and /text.png, which is none."""

    async def serve(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        colours = {"a.png": "red", "b.png": "green", "c.png": "blue"}
        if name == "text.png":
            return web.Response(text="not a picture")
        if name not in colours:
            return web.Response(status=404)
        return web.Response(body=picture(colour=colours[name]), content_type="image/png")

    app = web.Application()
    app.router.add_get("/{name}", serve)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")
