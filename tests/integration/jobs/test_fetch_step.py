"""The fetch that precedes each post, alone: by which route it goes, and the job it makes of each failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.api.client import VideoApi
from bot.api.errors import NoRoom, Unauthorized
from bot.jobs.breaker import Scope
from bot.jobs.delivery import Original
from bot.jobs.job import Job, Status
from bot.jobs.steps import Tools
from bot.jobs.steps.base import OUTAGE
from bot.jobs.steps.fetch import FETCH_TRIES, fetch, public_link, wait_for_room
from bot.jobs.upstreams import Upstreams
from bot.media import Video, megabytes
from tests.integration.jobs.conftest import VIDEO
from tests.integration.jobs.rows import Hands

MakeJob: TypeAlias = Callable[..., Job]
NOW = Hands.now
ROUTE = "/v1/videos/task_7/content"
WHOLE = {"status": 200, "body": VIDEO, "headers": {"Content-Type": "video/mp4"}}
BROKEN = WHOLE | {"body": b"no video"}
PAGE = {"status": 200, "body": "<html>Please sign in</html>"}
REFUSED = {"status": 401, "body": {"error": {"message": "Invalid token", "type": "x", "code": ""}}}
NOT_READY = {"status": 404, "body": {"error": {"message": "not found", "type": "x", "code": ""}}}
NOT_KNOWN = {"status": 400, "body": {"code": "task_not_exist", "message": "task_not_exist", "data": None}}
AWAY = {"status": 503, "body": b""}
NOT_FETCHED = (
    "The video was made but could not be fetched from the service. It has been charged: ask the bot's operator."
)


@pytest.fixture
def link(bench: Any) -> str:
    """The service's own link to the video, on another host."""
    return f"{bench.api.files_url}/files/v.mp4"


@pytest.fixture
def job(make_job: MakeJob) -> Job:
    """A job whose video is made, and was tried to be fetched twice; only the service's content route has it."""
    return make_job(
        status=Status.DELIVERING, video_id="task_7", attempts=2, due_at=NOW - 1, reason="Old.", deadline_at=NOW + 1
    )


def _serves(bench: Any, path: str, what: dict[str, Any]) -> None:
    bench.api.faults.add(path, method="GET", times=-1, **what)


def _asked(bench: Any) -> list[str]:
    return [call.path for call in bench.api.log]


async def test_a_video_that_is_here_is_asked_for_nowhere(bench: Any, job: Job, tools: Tools):
    """It was fetched for an earlier try."""
    tools.videos.spooled(job.id).write_bytes(VIDEO)

    video = await fetch(job, tools)

    assert isinstance(video, Video)
    assert (video.path, video.size) == (tools.videos.spooled(job.id), len(VIDEO))
    assert _asked(bench) == []


@pytest.mark.parametrize("here", [None, b"no video"], ids=["none", "a broken one"])
async def test_a_video_that_is_not_here_is_fetched(bench: Any, job: Job, tools: Tools, here: bytes | None):
    """Another process may have died while it was written, under an older release; that one is dropped."""
    if here is not None:
        tools.videos.spooled(job.id).write_bytes(here)
    _serves(bench, ROUTE, WHOLE)

    video = await fetch(job, tools)

    assert isinstance(video, Video)
    assert video.path.read_bytes() == VIDEO
    assert _asked(bench) == [ROUTE]


async def test_a_video_that_fits_on_the_disk_is_a_sign_that_it_has_room(bench: Any, job: Job, tools: Tools):
    """The operator is told that what was said of it is over, once."""
    _serves(bench, ROUTE, WHOLE)
    tools.disk.refused(NoRoom("Full."))
    with capture_logs() as logs:
        for _ in range(2):
            await fetch(job, tools)
            tools.videos.forget(job.id)
    assert [line["action"] for line in logs if line["action"].startswith("disk_")] == ["disk_has_room"]


@pytest.mark.parametrize(
    ("by_link", "by_route", "asked"),
    [
        (WHOLE, BROKEN, ["/files/v.mp4"]),
        (BROKEN, WHOLE, ["/files/v.mp4", ROUTE]),
        (NOT_READY, WHOLE, ["/files/v.mp4", ROUTE]),
    ],
    ids=["whole", "broken", "gone"],
)
async def test_the_link_goes_first_and_the_route_is_the_other_way(
    bench: Any, job: Job, tools: Tools, link: str, by_link: dict[str, Any], by_route: dict[str, Any], asked: list[str]
):
    """What comes broken by the one may be whole by the other, at once."""
    _serves(bench, "/files/v.mp4", by_link)
    _serves(bench, ROUTE, by_route)

    video = await fetch(job.evolve(video_url=link), tools)

    assert isinstance(video, Video)
    assert video.path.read_bytes() == VIDEO
    assert _asked(bench) == asked


async def test_a_link_to_the_route_itself_is_no_other_way(bench: Any, job: Job, tools: Tools):
    """It is asked once in each try."""
    _serves(bench, ROUTE, BROKEN)

    again = await fetch(job.evolve(video_url=f"http://localhost:3000{ROUTE}"), tools)

    assert isinstance(again, Job)
    assert (again.attempts, again.due_at, again.reason) == (3, NOW + 40, None)
    assert _asked(bench) == [ROUTE]
    assert not tools.videos.spooled(job.id).exists()


async def test_a_service_without_a_key_is_waited_for(bench: Any, job: Job, tools: Tools):
    """For as long as it takes, and no try is counted."""
    keyless = replace(tools, upstreams=Upstreams({}, tools.clock))

    assert await fetch(job, keyless) == job.evolve(due_at=NOW + 60)
    assert _asked(bench) == []


async def test_a_refused_key_costs_no_try(bench: Any, job: Job, tools: Tools):
    """The card says so; the whole service is left alone."""
    _serves(bench, ROUTE, REFUSED)

    waiting = await fetch(job, tools)

    assert waiting == job.evolve(due_at=NOW + 60, reason=tools.upstreams.why(job))
    assert tools.upstreams.is_down("octopusx")


async def test_a_refused_key_is_known_of_by_a_link_too(bench: Any, job: Job, tools: Tools, link: str):
    """Behind a link that leads nowhere the route is asked, with the key."""
    _serves(bench, "/files/v.mp4", NOT_READY)
    _serves(bench, ROUTE, REFUSED)
    linked = job.evolve(video_url=link)

    waiting = await fetch(linked, tools)

    assert isinstance(waiting, Job)
    assert waiting == linked.evolve(due_at=NOW + 60, reason=tools.upstreams.why(linked))
    assert "key" in str(waiting.reason)


async def test_a_service_in_trouble_is_left_alone(bench: Any, job: Job, tools: Tools):
    """The card says why; no try is counted."""
    tools.upstreams.refused(Scope(upstream="octopusx"), Unauthorized("Refused.", status=401))

    assert await fetch(job, tools) == job.evolve(due_at=NOW + 60, reason=tools.upstreams.why(job))
    assert _asked(bench) == []


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
async def test_a_video_that_is_too_large_is_over(bench: Any, job: Job, tools: Tools, link: str, told: bool):
    """With its size where that is known, and the service's own link where it needs no key."""
    untold = {"headers": {"Content-Type": "video/mp4", "Content-Length": ""}, "cut": len(VIDEO)}
    _serves(bench, "/files/v.mp4", WHOLE if told else WHOLE | untold)
    api = VideoApi("octopusx", bench.api.url, SecretStr(bench.api.key), max_bytes=len(VIDEO) - 1)
    small = replace(tools, upstreams=Upstreams({"octopusx": api}, tools.clock))

    ended = await fetch(job.evolve(video_url=link), small)
    await api.aclose()

    assert isinstance(ended, Job)
    assert (ended.status, ended.due_at, ended.finished_at) == (Status.FAILED, NOW, NOW)
    assert (ended.original_url, ended.original_until) == (link, None)
    assert str(ended.reason).endswith(f"It has {megabytes(len(VIDEO))}.") is told


@pytest.mark.parametrize("what", [NOT_READY, NOT_KNOWN, BROKEN, PAGE], ids=["not ready", "not known", "broken", "page"])
@pytest.mark.parametrize(
    ("attempts", "after", "wait"), [(0, 1, 10), (1, 2, 20), (FETCH_TRIES - 2, FETCH_TRIES - 1, 300)]
)
async def test_a_video_that_is_not_to_be_had_is_fetched_again(
    bench: Any, job: Job, tools: Tools, what: dict[str, Any], attempts: int, after: int, wait: float
):
    """With waits that double from 10 s to 5 minutes; the card says nothing of it."""
    _serves(bench, ROUTE, what)
    tried = job.evolve(attempts=attempts)

    assert await fetch(tried, tools) == tried.evolve(attempts=after, due_at=NOW + wait, reason=None)


@pytest.mark.parametrize("what", [NOT_READY, BROKEN], ids=["not ready", "broken"])
async def test_a_video_that_is_never_to_be_had_is_over(bench: Any, job: Job, tools: Tools, what: dict[str, Any]):
    """It was charged, and that is said; no link is offered, not even the one of a job that was held before."""
    _serves(bench, ROUTE, what)
    _serves(bench, "/files/", what)
    link = {"original_url": "https://bot/v", "original_until": NOW + 9}
    last = job.evolve(attempts=FETCH_TRIES - 1, video_url=f"{bench.api.files_url}/files/v.mp4", **link)

    ended = await fetch(last, tools)

    over = last.evolve(status=Status.FAILED, reason=NOT_FETCHED, due_at=NOW, finished_at=NOW)
    assert ended == over.evolve(original_url=None, original_until=None)


@pytest.mark.parametrize("attempts", [FETCH_TRIES, FETCH_TRIES + 7])
async def test_tries_of_the_place_are_none_of_the_file(bench: Any, job: Job, tools: Tools, attempts: int):
    """More than a file may have were spent on its place: they begin anew."""
    _serves(bench, ROUTE, NOT_READY)
    spent = job.evolve(attempts=attempts)

    assert await fetch(spent, tools) == spent.evolve(attempts=1, due_at=NOW + 10, reason=None)


@pytest.mark.parametrize(
    ("attempts", "after", "headers", "wait"),
    [
        (0, 1, {}, 10),
        (FETCH_TRIES // 2 - 1, FETCH_TRIES // 2, {}, 160),
        (FETCH_TRIES - 1, FETCH_TRIES // 2, {}, 160),
        (0, 1, {"Retry-After": "90"}, 90),
    ],
)
async def test_silence_says_nothing_about_the_video(
    bench: Any, job: Job, tools: Tools, attempts: int, after: int, headers: dict[str, str], wait: float
):
    """It costs half the tries at most, until hours past the deadline; a service may ask for a longer wait."""
    _serves(bench, ROUTE, AWAY | {"headers": headers})
    tried = job.evolve(attempts=attempts, deadline_at=NOW - OUTAGE + 1)

    assert await fetch(tried, tools) == tried.evolve(attempts=after, due_at=NOW + wait, reason=None)


@pytest.mark.parametrize("deadline", [NOW - OUTAGE, None])
async def test_silence_ends_a_job_hours_past_its_deadline(bench: Any, job: Job, tools: Tools, deadline: float | None):
    """A job without one was never submitted by this release, and has no more patience."""
    _serves(bench, ROUTE, AWAY)

    ended = await fetch(job.evolve(attempts=FETCH_TRIES - 1, deadline_at=deadline), tools)

    assert isinstance(ended, Job)
    assert (ended.status, ended.reason) == (Status.FAILED, NOT_FETCHED)


@pytest.mark.parametrize(
    ("attempts", "deadline", "after", "wait"),
    [
        (0, NOW - OUTAGE + 1, 1, 10),
        (FETCH_TRIES, NOW - OUTAGE + 1, FETCH_TRIES // 2, 160),
        (FETCH_TRIES - 2, NOW - OUTAGE, FETCH_TRIES - 1, 300),
        (FETCH_TRIES - 1, NOW - OUTAGE, None, None),
    ],
)
def test_a_full_disk_is_waited_for_as_silence_is(
    job: Job, tools: Tools, attempts: int, deadline: float, after: int | None, wait: float | None
):
    """The card says why; None once it lasted for hours past the deadline."""
    job = job.evolve(attempts=attempts, deadline_at=deadline)
    reason = "The bot's disk is full; this goes on by itself once there is room."

    expected = None if after is None or wait is None else job.evolve(attempts=after, due_at=NOW + wait, reason=reason)
    assert wait_for_room(job, tools) == expected


def test_only_a_link_that_needs_no_key_is_offered(bench: Any, job: Job, tools: Tools, link: str):
    """Whether it does is known of a service that has a key alone."""
    linked = job.evolve(video_url=link)

    assert public_link(linked, tools) == Original(url=link, until=None)
    assert public_link(job, tools) is None
    assert public_link(job.evolve(video_url=bench.api.url + ROUTE), tools) is None
    assert public_link(linked, replace(tools, upstreams=Upstreams({}, tools.clock))) is None


async def test_another_trouble_with_the_disk_is_whoever_runs_the_steps_to_judge(bench: Any, job: Job, tools: Tools):
    """A folder in the video's place is no full disk."""
    _serves(bench, ROUTE, WHOLE)
    tools.videos.spooled(job.id).with_suffix(".mp4.part").mkdir()

    with pytest.raises(OSError, match="Is a directory"):
        await fetch(job, tools)
