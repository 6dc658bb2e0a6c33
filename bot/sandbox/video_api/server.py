"""The stand-in itself: its ledger of tasks, its switches, starting and stopping."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

from aiohttp import web

from bot.sandbox.faults import Faults
from bot.sandbox.video_api import replies, routes
from bot.sandbox.video_api.calls import Call
from bot.sandbox.video_api.families import ALL_MODELS, Family
from bot.sandbox.video_api.marks import marked
from bot.sandbox.video_api.render import Quality, Renderer, Scene, pad
from bot.sandbox.video_api.tasks import Outcome, Plan, Task

GRANTED = 500_000_000  # a thousand dollars at new-api's 500,000 units to the dollar


class VideoApiSandbox:
    """A video API on 127.0.0.1 that stands for both upstreams: OctopusX (a fork of new-api) and UniAll.

    Use it as an async context manager. `strict` is stock new-api (`seconds` as a number, `input_reference` as an array
    and a form's text part `images` are refused); without it the stand-in is as tolerant as OctopusX documents itself.
    `seconds_to_done` and all times of a task are in seconds of `clock`. `quality="tiny"` renders small and short.
    `models` is what the key may use; names unknown here may be added.
    """

    def __init__(
        self,
        *,
        seconds_to_done: float = 0.5,
        strict: bool = False,
        quality: Quality = "full",
        models: Iterable[str] = ALL_MODELS,
        key: str = "sk-sandbox",
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.seconds_to_done = seconds_to_done
        self.strict = strict
        self.models = list(models)
        self.key = key
        self.key_exhausted = False  #: every call with the key is then a 401, of running tasks too
        self.granted = GRANTED
        self.clock = clock
        self.faults = Faults()
        self.log: list[Call] = []
        self.tasks: dict[str, Task] = {}
        self.url = ""
        self.files_url = ""  #: the same server under another host name, where files are to be had without a bearer
        self.address = ("127.0.0.1", port)
        self._seat: socket.socket | None = None
        self._quality: Quality = quality
        self.upcoming: deque[Outcome] = deque()  #: what becomes of the next tasks, see `next`
        self._renders: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="video-api-")
        self._renderer = Renderer(Path(self._folder.name), self._quality)
        self._runner = web.AppRunner(routes.application(self), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self.address).start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        self.files_url = f"http://localhost:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
        if self._seat is not None:
            self._seat.close()
        await self._renderer.aclose()
        await asyncio.gather(*self._renders, return_exceptions=True)
        self._folder.cleanup()

    @property
    def posts(self) -> list[Call]:
        """Every POST to a route that creates tasks; `created` says whether one came of it."""
        return [call for call in self.log if call.method == "POST" and routes.creates(call.path)]

    @property
    def leaked_bearers(self) -> list[Call]:
        """Downloads of direct links that carried the key, which third-party hosts must never see."""
        return [call for call in self.log if call.path.startswith("/files/") and "Authorization" in call.headers]

    @property
    def balance(self) -> int:
        """Units left: what was granted, less what was charged and not refunded."""
        return self.granted - self.used

    @balance.setter
    def balance(self, units: int) -> None:
        self.granted = units + self.used

    @property
    def used(self) -> int:
        """Units spent."""
        return sum(task.charged - task.refunded for task in self.tasks.values())

    def next(self, *, times: int = 1, **what: Any) -> Outcome:
        """Say what becomes of the next `times` tasks, in the fields of `Outcome`; it beats the marks in their prompts.

        Gives what was put into `upcoming`.

        Raises:
            TypeError: a field that `Outcome` does not have.
            ValueError: a reply shape that does not exist.
        """
        outcome = Outcome(**what)
        for name in outcome.shapes:
            if name not in replies.SUBMIT | replies.RETRIEVE | replies.WRAPPER:
                raise ValueError(f"no reply shape {name!r}")
        self.upcoming.extend([outcome] * times)
        return outcome

    async def unplug(self) -> None:
        """Go out of reach: connections are cut, and new ones refused until `plug`."""
        if self._seat is not None:
            return
        for site in list(self._runner.sites):
            await site.stop()
        self._seat = socket.socket()
        self._seat.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._seat.bind(("127.0.0.1", urlsplit(self.url).port))  # kept from others, and not listened at
        assert isinstance(self._runner.server, web.Server)
        for connection in self._runner.server.connections:
            connection.force_close()

    async def plug(self) -> None:
        """Listen again, at the same address."""
        if self._seat is not None:
            seat, self._seat = self._seat, None
            await web.SockSite(self._runner, seat).start()

    async def wait_for(self, predicate: Callable[[], Any], timeout: float = 30.0) -> Any:
        """Wait until `predicate()` is true, and return what it gave.

        Raises:
            TimeoutError: it did not become true in time.
        """
        async with asyncio.timeout(timeout):
            while not (value := predicate()):  # noqa: ASYNC110 - a predicate may hang on the clock, which tells nobody
                await asyncio.sleep(0.01)
            return value

    def create(self, family: Family, model: str, request: dict[str, Any], plan: Plan, remixed_from: str = "") -> Task:
        """Enter a task into the ledger, charge for it and start its render."""
        prompt = str(request.get("prompt", ""))
        outcome = self.upcoming.popleft() if self.upcoming else marked(prompt, self.seconds_to_done)
        usual = self.seconds_to_done if outcome.seconds_to_done is None else outcome.seconds_to_done
        task = Task(
            id=family.new_id(),
            model=model,
            family=family.name,
            request=request,
            created_at=self.clock(),
            plan=plan,
            outcome=outcome,
            clock=self.clock,
            seconds_to_done=usual,
            remixed_from=remixed_from,
            refusals_left=outcome.content_refuses,
            truncations_left=outcome.truncate_times if outcome.truncate is not None else 0,
            key=uuid4().hex,
        )
        self.tasks[task.id] = task
        render = asyncio.create_task(self._render(task, prompt))
        self._renders.add(render)
        render.add_done_callback(self._renders.discard)
        return task

    async def _render(self, task: Task, prompt: str) -> None:
        if task.outcome.fail is not None or task.outcome.insert_failed:
            return
        given = task.outcome.video
        if isinstance(given, Path):
            task.video = given
        elif given is not None:
            file = Path(self._folder.name, f"{task.key}.mp4")
            await asyncio.to_thread(file.write_bytes, given)
            task.video = file
        else:
            task.video = await self._renderer.render(_scene(task, prompt))
        if task.outcome.padded is not None:
            size, padded = int(task.outcome.padded * 1_000_000), Path(self._folder.name, f"{task.key}.padded.mp4")
            await asyncio.to_thread(pad, task.video, padded, size)
            task.video = padded
        task.ready_at = self.clock()


def _scene(task: Task, prompt: str) -> Scene:
    return Scene(
        width=task.plan.width,
        height=task.plan.height,
        seconds=task.plan.seconds,
        audio=task.plan.audio and not task.outcome.silent,
        prompt=prompt,
        model=task.model,
        pictures=task.plan.pictures,
        megabytes=task.outcome.big,
        coding=task.outcome.coding,
    )
