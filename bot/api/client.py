"""The HTTP client of one video service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import httpx
import structlog
from pydantic import SecretStr

from bot import __version__
from bot.api.bodies import dig, parse
from bot.api.download import ContentRefused, Downloader, read_whole
from bot.api.errors import (
    Ambiguous,
    ApiError,
    BadFile,
    Busy,
    NoRoom,
    NotReady,
    Rejected,
    TooLarge,
    Unauthorized,
    Unreachable,
)
from bot.api.part import MAX_BYTES, RESERVE, Room
from bot.api.replies import Reply, is_content_route, read
from bot.api.retry import BUSY, LOST, UNREACHABLE, Answer, ask_error, content_error, submit_error
from bot.api.transport import is_home, open_client
from bot.requests.base import Submission

VIDEO_PATH = "/v1/videos/{id}"
"""Where OpenAI's video object is asked for."""
WRAPPER_PATH = "/v1/video/generations/{id}"
"""Where new-api shows its own record of the task, in a wrapper."""

_CONTENT = "/v1/videos/{id}/content"

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeouts:
    """Read time-outs in seconds; a whole call may take twice as long, 256 KiB of a file as long, the whole of it 30 times."""

    connect: float = 10
    #: new-api itself waits for the service behind it without a limit, and answers when that has answered.
    submit: float = 120
    ask: float = 30
    file: float = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """What the key has left, in the service's units (500,000 to the US dollar by new-api's default)."""

    name: str
    available: int
    used: int
    unlimited: bool


class VideoApi:
    """One video service: its base URL, its key, its connection pool.

    A video may have `max_bytes`, and `reserve` bytes of the disk stay free whatever is fetched.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        key: SecretStr,
        *,
        timeouts: Timeouts = Timeouts(),
        max_bytes: int = MAX_BYTES,
        reserve: int = RESERVE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/").removesuffix("/v1")  # a base for OpenAI's SDK ends so; our paths begin so
        #: Whether it is known not to answer: a probe that fails then is no news.
        self.down = False
        self._timeouts = timeouts
        self._clock = clock
        base = httpx.URL(self.base_url)
        private = is_home(base.host)
        agent = {"User-Agent": f"Reelcord/{__version__}"}
        # Without Accept-Language new-api words its errors in Chinese.
        known = agent | {"Authorization": f"Bearer {key.get_secret_value()}", "Accept-Language": "en"}
        # A POST has a connection of its own: a kept one may be closing just then, which looks like a lost answer.
        self._posting = open_client(known, public_only=False, keep_alive=False)
        self._home = open_client(known, public_only=False)
        self._world = open_client(agent, public_only=not private)
        # An answer of megabytes takes several times its size while it is read. A lost answer to a POST costs money, so
        # none of those waits for an answer to a question.
        self._turns = {self._posting: asyncio.Lock(), self._home: asyncio.Lock()}
        self._downloader = Downloader(
            base_url=base,
            home=self._home,
            world=self._world,
            private=private,
            timeout=httpx.Timeout(timeouts.file, connect=timeouts.connect),
            patience=30 * timeouts.file,
            pace=timeouts.file,
            room=Room(max_bytes=max_bytes, reserve=reserve),
        )

    def __repr__(self) -> str:
        return f"VideoApi({self.name!r}, {self.base_url!r})"

    async def submit(self, submission: Submission) -> Reply:
        """POST the submission once.

        Raises:
            Rejected: the service refused the request.
            Busy: it may be repeated later; as Unreachable, the connection was never made.
            Unauthorized: the key or its account is refused.
            Ambiguous: whatever else went wrong from the first byte on; something may have been created.
        """
        content, silence = _content(submission), self._timeouts.submit
        try:
            answer = await self._send(self._posting, "POST", submission.submit_path, silence, **content)
        except httpx.ConnectError as error:
            raise self._logged("submit", Unreachable(UNREACHABLE)) from error
        except (httpx.RequestError, TimeoutError) as error:
            raise self._logged("submit", Ambiguous(LOST)) from error
        reply = read(answer.body, request_id=answer.request_id)
        if 200 <= answer.status < 300 and reply.video_id:
            context = {"upstream": self.name, "video_id": reply.video_id, "request_id": reply.request_id}
            _log.debug("The video service took a request", action="api_submit", word=reply.word, **context)
            return reply
        model = submission.fields.get("model")
        error = submit_error(answer, now=self._clock(), model=model if isinstance(model, str) else "")
        raise self._logged("submit", error)

    async def retrieve(self, video_id: str, poll_path: str = VIDEO_PATH) -> Reply:
        """Ask how a video is getting on.

        Where the service cannot tell it on this route (new-api answers 501 `not_implemented` for a channel without
        OpenAI's video object), its own /v1/video/generations/{id} is asked.

        Raises:
            Busy: also for 5xx, time-outs and what cannot be read: a GET is always repeatable.
            Unreachable: the connection was never made.
            Unauthorized: the key is refused; running jobs of an exhausted key are refused so too.
            NotKnown: the service does not know the id.
        """
        try:
            answer = await self._ask(_filled(poll_path, video_id))
        except Busy as error:
            if error.code != "not_implemented" or poll_path == WRAPPER_PATH:
                raise
            answer = await self._ask(_filled(WRAPPER_PATH, video_id))
        reply = read(answer.body, request_id=answer.request_id)
        context = {"upstream": self.name, "video_id": video_id, "request_id": reply.request_id}
        _log.debug("The video service was asked", action="api_retrieve", word=reply.word, **context)
        return reply

    async def download(self, video_id: str, video_url: str | None, target: Path) -> int:
        """Stream the video to `target` (written beside it first, then renamed); returns its bytes.

        `video_url` is tried first, without the key unless it is the service's own; then the service's content route.
        While nobody answers at the link, the route's word that it has no file proves nothing: it asks the same host.
        What looks whole here may still be broken inside; pass `video_url=None` to try the content route alone, which
        is the other route where there is a link, and the same one where there is none.

        Raises:
            NotReady: the content route does not have it (yet).
            BadFile: what came is not the whole of a video; as TooLarge, it is larger than `max_bytes`.
            NoRoom: our own disk is full.
            Busy: it may be had later; as Unreachable, the connection was never made.
            Unauthorized: the key is refused.
            NotKnown: the service does not know the id.
        """
        silent: Busy | None = None
        if video_url and not is_content_route(video_url):
            try:
                return await self._fetch(video_url, target)
            except ApiError as error:
                self._logged("download_link", error)
                if isinstance(error, TooLarge | NoRoom):
                    raise  # the other route has the same file, and the same disk
                silent = error if isinstance(error, Busy) else None
        try:
            return await self._fetch(self.base_url + _filled(_CONTENT, video_id), target)
        except ApiError as error:
            if silent and isinstance(error, NotReady | BadFile) and not isinstance(error, TooLarge):
                raise silent from error
            raise self._logged("download", error) from error.__cause__

    def is_public(self, video_url: str) -> bool:
        """Whether this link may be shown to people: another host than the service's own gives the video without a key.

        Only https to a public host, unless the service itself is at home; never with a name, password or key in it.
        """
        return self._downloader.is_public(video_url)

    async def models(self) -> list[str]:
        """The ids of the models this key may use.

        Raises:
            Busy, Unreachable, Unauthorized, NotKnown: as `retrieve`.
        """
        found = dig(parse((await self._ask("/v1/models")).body), "data")
        models = cast("list[Any]", found) if isinstance(found, list) else []
        return [name for model in models if isinstance(name := dig(model, "id"), str)]

    async def balance(self) -> Balance:
        """What the key has left, by new-api's GET /api/usage/token/.

        Raises:
            Rejected: the service does not say.
            Busy, Unreachable, Unauthorized, NotKnown: as `retrieve`.
        """
        data = dig(parse((await self._ask("/api/usage/token/")).body), "data")
        available, used = dig(data, "total_available"), dig(data, "total_used")
        if not isinstance(available, int | float) or not isinstance(used, int | float):
            raise Rejected("The video service does not say what the key has left.")
        unlimited = dig(data, "unlimited_quota") is True
        return Balance(name=str(dig(data, "name") or ""), available=int(available), used=int(used), unlimited=unlimited)

    async def aclose(self) -> None:
        """Close the connection pools."""
        await self._posting.aclose()
        await self._home.aclose()
        await self._world.aclose()

    async def _send(self, client: httpx.AsyncClient, method: str, path: str, silence: float, **content: Any) -> Answer:
        """One exchange, whole. The outer time-out sees what no read time-out does: a server that stalls as it reads."""
        timeout = httpx.Timeout(silence, connect=self._timeouts.connect)
        request = client.build_request(method, self.base_url + path, timeout=timeout, **content)
        async with asyncio.timeout(2 * silence):
            response = await client.send(request, stream=True)
            try:
                body = await read_whole(response, turn=self._turns[client])
            finally:
                await response.aclose()
        return Answer(status=response.status_code, headers=response.headers, body=body)

    async def _ask(self, path: str) -> Answer:
        """GET a JSON object."""
        try:
            answer = await self._send(self._home, "GET", path, self._timeouts.ask)
        except httpx.ConnectError as error:
            raise self._logged("ask", Unreachable(UNREACHABLE)) from error
        except (httpx.RequestError, TimeoutError) as error:
            raise self._logged("ask", Busy(BUSY)) from error
        if answer.status == 200 and parse(answer.body) is not None:
            return answer
        raise self._logged("ask", ask_error(answer, now=self._clock()))

    async def _fetch(self, link: str, target: Path) -> int:
        try:
            return await self._downloader.fetch(link, target, now=self._clock())
        except ContentRefused as refused:
            raise content_error(refused.answer, now=self._clock()) from None

    def _logged(self, action: str, error: ApiError) -> ApiError:
        # A refused key, or an outage, fails every call alike: the engine says it once, when it leaves the service alone.
        say = _log.debug if self.down or isinstance(error, Unauthorized) else _log.warning
        say(
            "A call of the video service failed",
            action=f"api_{action}_failed",
            upstream=self.name,
            error=type(error).__name__,
            http_status=error.status,
            code=error.code,
            request_id=error.request_id,
        )
        return error


def _filled(path: str, video_id: str) -> str:
    """A path with the id in its place: ids are opaque and may hold ":" or "/"."""
    return path.replace("{id}", quote(video_id, safe=""))


def _content(submission: Submission) -> dict[str, Any]:
    """The body for httpx. Text parts are given as files without a name, so that a form without pictures stays multipart."""
    if submission.encoding == "json":
        return {"json": submission.json_body()}
    parts: list[tuple[str, Any]] = [(name, (None, text)) for name, text in submission.text_parts().items()]
    parts += [(file.field, (file.name, file.data, file.content_type)) for file in submission.files]
    return {"files": parts}
