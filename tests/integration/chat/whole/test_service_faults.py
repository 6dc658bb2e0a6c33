"""Everything a video service can do wrong, and what a person then reads, pays for and gets: one row a fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.api.client import Timeouts
from bot.jobs.steps.poll import NOT_KNOWN_FOR
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.sandbox.discord_api import Call, DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.conftest import Join
from tests.integration.chat.whole.conftest import PROMPT, Scene

pytestmark = pytest.mark.unmeasured

POST = {"path": "^/v1/videos$", "method": "POST"}
GET = {"path": "^/v1/video(s|/generations)/[^/]+$", "method": "GET"}
FILE = {"path": "/content$", "method": "GET"}
ALWAYS = {"times": -1}
PAGE = "<html><body>nginx</body></html>"
PATIENT, HASTY = Timeouts(), Timeouts(connect=30, submit=0.5, ask=0.5, file=0.5)

DONE = "The video is posted."
REFUSED = "The video service refused the request: "
NO_MODEL = "This model is not available now: choose another one."
NO_ROUTE = "The video service is not at this address: the bot's operator has to look at its base URL."
TOO_LARGE = "The picture is too large for the video service: use a smaller one."
STAYED_BUSY = "The video service stayed busy, so this was given up: nothing was charged."
DOWN = "The video service does not answer at the moment; this goes on by itself once it does."
KEY = "The video service does not accept the bot's key at the moment; this goes on by itself once that is put right."
LOST = (
    "The answer of the video service was lost, so the video may or may not be in the making and charged; "
    "press Again to order it anew, which is charged too."
)
FORGOTTEN = "The service took this and now does not know it. It may have been charged: ask the bot's operator to check."
EXPIRED = "The service did not finish this in time, so the bot stopped waiting. It may have been charged."
NOT_FETCHED = (
    "The video was made but could not be fetched from the service. It has been charged: ask the bot's operator."
)


def task(code: str, message: str = "no") -> dict[str, Any]:
    """new-api's error about a task."""
    return {"code": code, "message": message, "data": None}


def openai(message: str, code: str = "") -> dict[str, Any]:
    """new-api's error of routing and auth."""
    return {"error": {"message": message, "type": "new_api_error", "code": code}}


def failed(reason: str) -> str:
    """What is read of a video that the service could not make."""
    return f"The service could not make this video: {reason}."


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fault, and its outcome."""

    #: Armed before the command.
    fault: dict[str, Any] | None = None
    #: What becomes of the task, in the fields of the stand-in's `Outcome`.
    task: dict[str, Any] = field(default_factory=dict[str, Any])
    #: Done to the service before the command.
    before: Callable[[VideoApiSandbox], None] = lambda _: None
    #: Seconds that pass once the service has the job.
    passing: float = 0.0
    #: Instead of the service's own address.
    url: str | None = None
    timeouts: Timeouts = PATIENT

    #: What its card comes to say.
    word: str
    sentence: str
    posts: int = 1
    tasks: int = 1
    videos: int = 0


def at(place: dict[str, Any], status: int, body: Any = b"", **how: Any) -> dict[str, Any]:
    """A fault that answers so."""
    return {**place, "status": status, "body": body, **how}


def exhausted(service: VideoApiSandbox) -> None:
    """The key has been used up."""
    service.key_exhausted = True


def unpaid(service: VideoApiSandbox) -> None:
    """The account is empty."""
    service.balance = 0


def lost(fault: dict[str, Any], *, tasks: int = 1, timeouts: Timeouts = PATIENT) -> Row:
    """Nobody can know, so the person is asked, and nothing is sent again."""
    return Row(fault=fault, word="Unconfirmed", sentence=LOST, tasks=tasks, timeouts=timeouts)


def refused(fault: dict[str, Any], sentence: str) -> Row:
    """Nothing was created, and nothing would change if it were sent again."""
    return Row(fault=fault, word="Failed", sentence=sentence, tasks=0)


def made(fault: dict[str, Any] | None = None, *, posts: int = 1, **how: Any) -> Row:
    """All comes right by itself: one video, paid once."""
    return Row(fault=fault, word="Done", sentence=DONE, posts=posts, videos=1, **how)


def no_way(url: str) -> Row:
    """Nothing was sent, so it waits."""
    return Row(url=url, word="Queued", sentence=DOWN, posts=0, tasks=0)


SUBMITTING: dict[str, Row] = {
    "400": refused(at(POST, 400, task("invalid_size", "sora-2 size is invalid")), f"{REFUSED}sora-2 size is invalid."),
    "400 from behind": refused(
        at(POST, 400, task("fail_to_fetch_task", json.dumps(openai("Use '4' or '8'.")))), f"{REFUSED}Use '4' or '8'."
    ),
    "401": Row(before=exhausted, word="Queued", sentence=KEY, tasks=0),
    "403, no funds": Row(before=unpaid, word="Queued", sentence=KEY, tasks=0),
    "403, no such model": refused(at(POST, 403, openai("This token has no access to model sora-2")), NO_MODEL),
    "404": refused(at(POST, 404, openai("Invalid URL (POST /v1/videos)")), NO_ROUTE),
    "413": refused(at(POST, 413, PAGE), TOO_LARGE),
    "429, Retry-After": made(at(POST, 429, task("x"), headers={"Retry-After": "40"}), posts=2),
    "429, no Retry-After": made(at(POST, 429, task("fail_to_fetch_task", "saturated")), posts=2),
    "429, empty": made(at(POST, 429), posts=2),
    "429 for half an hour": Row(fault=at(POST, 429, **ALWAYS), word="Failed", sentence=STAYED_BUSY, posts=21, tasks=0),
    "500, ambiguous": lost(at(POST, 500, task("do_request_failed"), after=True)),
    "500, panic": lost(at(POST, 500, openai("Panic detected")), tasks=0),
    "502, a page": lost(at(POST, 502, PAGE, after=True)),
    "502 from behind": lost(at(POST, 502, task("fail_to_fetch_task")), tasks=0),
    "503": made(at(POST, 503, openai("System is overloaded")), posts=2),
    "503, a page": lost(at(POST, 503, PAGE), tasks=0),
    "503, no such model": refused(at(POST, 503, openai("No available channel", "model_not_found")), NO_MODEL),
    "504": lost(at(POST, 504, PAGE, after=True)),
    "a page": lost(at(POST, 200, PAGE), tasks=0),
    "truncated JSON": lost(at(POST, 200, {"id": "video_123456789"}, after=True, cut=8)),
    "half a JSON": lost(at(POST, 200, b'{"id": "video_1', after=True)),
    "50 MB of JSON": lost(at(POST, 200, b'{"x": "' + b"x" * 50_000_000 + b'"}', after=True)),
    "a byte now and then": lost(at(POST, 200, b" " * 1000, trickle=20.0), tasks=0, timeouts=HASTY),
    "reset before": lost({**POST, "drop": True}, tasks=0),
    "answer lost": lost({**POST, "drop": True, "after": True}),
    "refused connection": no_way("http://127.0.0.1:1"),
    "no TLS": no_way("https://{address}"),
    "no such host": no_way("http://nowhere.invalid"),
}

ASKING: dict[str, Row] = {
    "400": made(at(GET, 400, task("invalid_request"), times=2)),
    "401": made(at(GET, 401, openai("Invalid token"), times=2)),
    "403": made(at(GET, 403, openai("User banned"), times=2)),
    "404": made(at(GET, 404, openai("Invalid URL"), times=2)),
    "413": made(at(GET, 413, PAGE, times=2)),
    "429, Retry-After": made(at(GET, 429, headers={"Retry-After": "90"}, times=2)),
    "429, empty": made(at(GET, 429, times=2)),
    "500": made(at(GET, 500, task("get_task_failed"), times=4)),
    "502": made(at(GET, 502, PAGE, times=4)),
    "503": made(at(GET, 503, openai("System is overloaded"), times=4)),
    "504": made(at(GET, 504, PAGE, times=4)),
    "a page": made(at(GET, 200, PAGE, times=4)),
    "truncated JSON": made(at(GET, 200, {"status": "failed"}, cut=8, times=2)),
    "50 MB of JSON": made(at(GET, 200, b'{"x": "' + b"x" * 50_000_000 + b'"}')),
    "a byte now and then": made(at(GET, 200, b" " * 1000, trickle=20.0), timeouts=Timeouts(ask=0.5)),
    "reset": made({**GET, "drop": True, "times": 4}),
    "unknown while young": made(at(GET, 400, task("task_not_exist"), times=3)),
    "unknown to a replica": made(
        at(GET, 400, task("task_not_exist"), times=6), passing=NOT_KNOWN_FOR, task={"seconds_to_done": 30.0}
    ),
    "unknown for ever": Row(task={"insert_failed": True}, passing=NOT_KNOWN_FOR, word="Failed", sentence=FORGOTTEN),
    "odd words": made(task={"odd_words": ("NOT_START", "weird", "", "PENDING_REVIEW"), "seconds_to_done": 0.4}),
    "falling progress": made(at(GET, 200, {"status": "queued", "progress": "0%"}, times=3)),
    "an error beside a success": made(at(GET, 200, {"status": "queued", "error": {"message": "", "code": ""}})),
    "stuck for ever": Row(task={"stuck": True}, passing=7200.0, word="Expired", sentence=EXPIRED),
    "silent for ever": Row(fault={**GET, "drop": True, **ALWAYS}, passing=60.0, word="Generating", sentence=DOWN),
    "key used up": Row(
        fault=at(GET, 401, openai("Invalid token"), **ALWAYS), passing=1.0, word="Generating", sentence=KEY
    ),
}

#: What a failed video's answer holds, and the reason that is read.
REASONS: dict[str, tuple[dict[str, Any], str]] = {
    "message": ({"error": {"message": "Blocked by moderation.", "code": "x"}}, "Blocked by moderation"),
    "code": ({"error": {"message": "", "code": "moderation_blocked"}}, r"moderation\_blocked"),
    "text": ({"error": "too dark"}, "too dark"),
    "fail_reason": ({"fail_reason": "too dark"}, "too dark"),
    "err_code": ({"err_code": "TooDark"}, "TooDark"),
    "nested": ({"error": {"message": json.dumps(openai("too dark"))}}, "too dark"),
    "internal": ({"error": {"message": "no channel in group vip"}}, "no reason was given"),
    "none": ({}, "no reason was given"),
    "a word that speaks": ({"status": "cancelled"}, "The video service says: cancelled"),
}
ASKING |= {
    f"failed, {name}": Row(
        fault=at(GET, 200, {"status": "failed"} | body, **ALWAYS), word="Failed", sentence=failed(reason)
    )
    for name, (body, reason) in REASONS.items()
}

ROUTE = {"url": "content"}
FETCHING: dict[str, Row] = {
    "refused once": made(task=ROUTE | {"content_refuses": 1}),
    "gone for ever": Row(task=ROUTE | {"gone": True}, word="Failed", sentence=NOT_FETCHED),
    **{
        f"{status}": made(at(FILE, status, body, times=2), task=ROUTE)
        for status, body in {
            400: openai("Task is not completed yet"),
            401: openai("Invalid token"),
            403: openai("User banned"),
            404: openai("Task not found"),
            413: PAGE,
            429: b"",
            500: openai("Failed to query task"),
            502: openai("Failed to fetch video content"),
            503: openai("System is overloaded"),
            504: PAGE,
        }.items()
    },
    "429, Retry-After": made(at(FILE, 429, headers={"Retry-After": "90"}), task=ROUTE),
    "a page": made(at(FILE, 200, PAGE, times=2), task=ROUTE),
    "cut off": made(task=ROUTE | {"truncate": 2048, "truncate_times": 2}),
    "reset": made({**FILE, "drop": True, "times": 2}, task=ROUTE),
    "a byte now and then": made(at(FILE, 200, b"x" * 1000, trickle=20.0), task=ROUTE, timeouts=Timeouts(file=0.5)),
}

Open = Callable[[Row], Any]


@pytest.fixture
def opened(join: Join, store: Store, discord_api: DiscordSandbox, tmp_path: Path, video: Path) -> Open:
    """The whole program at work, with the row's fault in store."""

    @asynccontextmanager
    async def start(row: Row) -> AsyncIterator[Scene]:
        clock = discord_api.clock
        async with VideoApiSandbox(quality="tiny", seconds_to_done=0.05, clock=clock) as service:
            url = row.url and row.url.format(address=service.url.removeprefix("http://"))
            async with join(service, clock, url=url, timeouts=row.timeouts) as worker:
                what: dict[str, Any] = {"video": video} | row.task
                service.next(**what)
                row.before(service)
                if row.fault:
                    service.faults.add(**row.fault)
                yield Scene(discord=discord_api, service=service, store=store, videos=Videos(tmp_path), worker=worker)

    return start


async def _reads(scene: Scene, call: Call, row: Row) -> None:
    """Let time pass as it has to until the card says what it should."""
    passing, member = row.passing, scene.discord.world.user("member").id
    said = ""
    try:
        async with asyncio.timeout(30):
            while not (f"· {row.word}" in said and row.sentence in said):
                jobs = await scene.store.of_user(member)
                if jobs and jobs[0].status == "in_progress" and passing:
                    scene.advance(passing)
                    passing = 0.0
                elif jobs and jobs[0].due_at is not None:
                    ahead = jobs[0].due_at - scene.discord.clock()
                    scene.advance(max(ahead, 30.0) if ahead > 0.5 or scene.worker.troubles() else 0.0)
                await asyncio.sleep(0.02)
                said = call.response.text() if call.response else ""
    except TimeoutError:
        raise AssertionError(f"the card still says {said!r}") from None


async def _shows(row: Row, opened: Open) -> None:
    async with opened(row) as scene:
        call = await scene.discord.command("member", "general", "sora", {"prompt": PROMPT})
        await _reads(scene, call, row)
        assert (len(scene.service.posts), len(scene.service.tasks), len(scene.seen("member"))) == (
            row.posts,
            row.tasks,
            row.videos,
        )


@pytest.mark.parametrize("row", SUBMITTING.values(), ids=SUBMITTING.keys())
async def test_a_fault_while_a_job_is_sent(row: Row, opened: Open):
    """It is sent again only where nothing can have been created; else the person is asked, or told why not."""
    await _shows(row, opened)


@pytest.mark.parametrize("row", ASKING.values(), ids=ASKING.keys())
async def test_a_fault_while_a_video_is_made(row: Row, opened: Open):
    """It is paid for: nothing but the service's own word, or the job's deadline, ends it."""
    await _shows(row, opened)


@pytest.mark.parametrize("row", FETCHING.values(), ids=FETCHING.keys())
async def test_a_fault_while_a_video_is_fetched(row: Row, opened: Open):
    """It is made: nothing but a clear end gives it up."""
    await _shows(row, opened)
