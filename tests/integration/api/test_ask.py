"""Asking over real sockets: status, models and balance, where every failure may be asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.api.client import Balance, VideoApi
from bot.api.errors import ApiError, Busy, NotKnown, Rejected, Unauthorized, Unreachable
from bot.api.replies import Reply, State
from tests.integration.api.conftest import NGINX, Wire, openai, task

RUNNING = {"id": "task_x", "object": "video", "status": "processing", "progress": 50}


async def test_a_status_is_asked_with_the_key_and_read(api: VideoApi, wire: Wire):
    """One GET, in English, and the reply with the service's own request id."""
    wire.will(200, RUNNING, headers={"X-Oneapi-Request-Id": "2026ABC"})
    reply = await api.retrieve("task_x")
    assert reply == Reply(video_id="task_x", state=State.RUNNING, word="processing", progress=50, request_id="2026ABC")
    (seen,) = wire.requests
    assert (seen.method, seen.path, seen.body) == ("GET", "/v1/videos/task_x", b"")
    assert seen.headers["authorization"] == "Bearer sk-secret0key0of0the0operator"
    assert seen.headers["accept-language"] == "en"


@pytest.mark.parametrize(
    ("video_id", "path"),
    [
        ("sora-2:task_01k", "/v1/video/generations/sora-2%3Atask_01k"),
        ("a/b?c#d", "/v1/video/generations/a%2Fb%3Fc%23d"),
        ("50% 猫", "/v1/video/generations/50%25%20%E7%8C%AB"),
    ],
)
async def test_ids_are_opaque(video_id: str, path: str, api: VideoApi, wire: Wire):
    """Whatever an id holds, it is one piece of the path, on the wire too."""
    wire.will(200, RUNNING)
    await api.retrieve(video_id, "/v1/video/generations/{id}")
    assert wire.requests[0].path == path


async def test_a_path_before_the_routes_is_kept(open_api: Callable[..., VideoApi], wire: Wire):
    """A service behind a prefix is asked behind it."""
    wire.will(200, RUNNING)
    await open_api(wire.url + "/gate").retrieve("x")
    assert wire.requests[0].path == "/gate/v1/videos/x"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, task("task_not_exist", "task_not_exist"), NotKnown),
        (404, openai("Task not found", "invalid_request_error"), NotKnown),
        (404, NGINX, Busy),
        (404, task("fail_to_fetch_task", "x"), Busy),
        (400, task("invalid_request", "x"), Busy),
        (401, openai("Invalid token"), Unauthorized),
        (403, openai("This token has no access to model veo_3_1"), Unauthorized),
        (401, task("fail_to_fetch_task", "bad key"), Busy),
        (403, NGINX, Busy),
        (413, NGINX, Busy),
        (429, b"", Busy),
        (500, task("get_task_failed", "x"), Busy),
        (501, task("no_idea", "x"), Busy),
        (502, NGINX, Busy),
        (503, openai("overloaded"), Busy),
        (524, NGINX, Busy),
        (302, b"", Busy),
        (200, NGINX, Busy),
        (200, b"", Busy),
        (200, [1, 2], Busy),
    ],
)
async def test_each_answer_has_its_meaning(status: int, body: Any, error: type[ApiError], api: VideoApi, wire: Wire):
    """A bad answer to a question never looks like news about the video; a redirect is not followed."""
    wire.will(status, body, headers={"X-Oneapi-Request-Id": "2026ABC", "Location": f"{wire.url}/x", "Retry-After": "3"})
    with capture_logs() as logs, pytest.raises(ApiError) as raised:
        await api.retrieve("task_x")
    assert (type(raised.value), raised.value.status, raised.value.request_id) == (error, status, "2026ABC")
    assert {line["request_id"] for line in logs} == {"2026ABC"}, "the service's own log is found by it"
    assert raised.value.retry_after == 3
    assert len(wire.requests) == 1


async def test_where_one_route_cannot_tell_the_other_is_asked(api: VideoApi, wire: Wire):
    """new-api: 501 not_implemented on /v1/videos/{id}, for a channel without OpenAI's video object."""
    wire.will(501, task("not_implemented", "x"))
    wire.will(200, {"code": "success", "message": "", "data": {"task_id": "task_x", "status": "IN_PROGRESS"}})
    assert (await api.retrieve("task_x")).word == "IN_PROGRESS"
    assert [seen.path for seen in wire.requests] == ["/v1/videos/task_x", "/v1/video/generations/task_x"]


async def test_the_other_route_is_asked_once(api: VideoApi, wire: Wire):
    """Where neither can tell, the question may be asked again later."""
    for _ in range(3):
        wire.will(501, task("not_implemented", "x"))
    with pytest.raises(Busy):
        await api.retrieve("task_x", "/v1/video/generations/{id}")
    with pytest.raises(Busy):
        await api.retrieve("task_x")
    assert len(wire.requests) == 3


@pytest.mark.parametrize(
    "how",
    [
        {"raw": b"", "drop": True},
        {"raw": b"NOT HTTP AT ALL\r\n\r\n", "close": True},
        {"body": RUNNING, "length": 5000, "close": True},
        {"body": RUNNING, "headers": {"Content-Encoding": "gzip"}},
    ],
    ids=["reset", "no HTTP", "half a body", "not gzip"],
)
async def test_a_lost_answer_may_be_asked_for_again(how: dict[str, Any], api: VideoApi, wire: Wire):
    """A question costs nothing."""
    wire.will(**how)
    wire.will(**how)
    with pytest.raises(Busy) as raised:
        await api.retrieve("task_x")
    assert not isinstance(raised.value, Unreachable)


async def test_a_kept_connection_that_was_closed_is_replaced(api: VideoApi, wire: Wire):
    """Polls share connections; one that the service closed meanwhile costs no poll."""
    for _ in range(3):
        wire.will(200, RUNNING)
    await api.retrieve("task_x")
    await api.retrieve("task_x")
    assert wire.connections == 1
    wire.abort_all()
    assert (await api.retrieve("task_x")).state is State.RUNNING


async def test_a_silent_service_is_busy(hasty: VideoApi, wire: Wire):
    """No answer in time is no news."""
    wire.will(hold=True)
    with pytest.raises(Busy):
        await hasty.retrieve("task_x")


async def test_no_connection_is_unreachable(open_api: Callable[..., VideoApi]):
    """An unknown host."""
    with pytest.raises(Unreachable):
        await open_api("http://reelcord.invalid").retrieve("task_x")


async def test_an_endless_answer_is_cut_off(api: VideoApi, wire: Wire):
    """65 MB of JSON are not kept in memory."""
    wire.will(200, b"{" + b" " * 65 * 1024**2)
    with pytest.raises(Busy):
        await api.retrieve("task_x")


async def test_models_are_listed(api: VideoApi, wire: Wire):
    """The ids the key may use; what is not a model is passed over."""
    models = [{"id": "veo_3_1", "object": "model"}, {"id": "sora-2"}, {"id": 7}, "x", None]
    wire.will(200, {"success": True, "object": "list", "data": models})
    assert await api.models() == ["veo_3_1", "sora-2"]
    assert wire.requests[0].path == "/v1/models"


async def test_no_list_of_models_is_an_empty_one(api: VideoApi, wire: Wire):
    """A service that answers with something else has no models to offer."""
    wire.will(200, {"data": "none"})
    assert await api.models() == []


async def test_the_balance_is_told(api: VideoApi, wire: Wire):
    """new-api's own body, where `code` is a boolean."""
    data = {
        "object": "token_usage",
        "name": "default-token",
        "total_granted": 1_000_000,
        "total_used": 250_000,
        "total_available": 750_000,
        "unlimited_quota": False,
        "model_limits": {},
        "model_limits_enabled": False,
        "expires_at": 0,
    }
    wire.will(200, {"code": True, "message": "ok", "data": data})
    assert await api.balance() == Balance(name="default-token", available=750_000, used=250_000, unlimited=False)
    assert wire.requests[0].path == "/api/usage/token/"


async def test_a_balance_that_is_not_told_is_no_zero(api: VideoApi, wire: Wire):
    """A service without this route must not look like an empty account."""
    wire.will(200, {"code": False, "message": "no"})
    with pytest.raises(Rejected, match="does not say"):
        await api.balance()
