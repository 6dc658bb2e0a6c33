"""Submitting over real sockets: what leaves, and that money is never spent twice whatever comes back."""

from __future__ import annotations

import base64
import json
import re
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from bot import __version__
from bot.api.client import Timeouts, VideoApi
from bot.api.errors import Ambiguous, ApiError, Busy, Rejected, Unauthorized, Unreachable
from bot.api.replies import Reply, State
from bot.requests.base import InputFile, Submission

if TYPE_CHECKING:
    from tests.integration.api.conftest import Wire

CREATED = {"id": "task_x", "task_id": "task_x", "object": "video", "status": "queued", "progress": 0}
NGINX = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"


def picture(field: str, data: bytes = b"\x89PNG picture") -> InputFile:
    """A file on its way."""
    return InputFile(field=field, name='ca"t.png', content_type="image/png", data=base64.b64encode(data))


def veo(**changes: Any) -> Submission:
    """A request for a video, as JSON."""
    fields = {"model": "veo_3_1", "prompt": "a cat, 猫", "seconds": "8", "duration": 8}
    return Submission(**{"upstream": "octopusx", "submit_path": "/v1/videos", "fields": fields} | changes)


def vidu(**changes: Any) -> Submission:
    """A request for a video, as a form."""
    fields = {"model": "viduq3-pro", "prompt": "a cat, 猫", "audio": True, "duration": 5}
    return veo(encoding="multipart", fields=fields, **changes)


def task(code: str, message: str = "") -> dict[str, Any]:
    """new-api's error about a task."""
    return {"code": code, "message": message, "data": None}


def openai(message: str, kind: str = "new_api_error", code: str = "") -> dict[str, Any]:
    """new-api's error of routing and auth, shaped like OpenAI's."""
    return {"error": {"message": message, "type": kind, "code": code}}


async def test_a_json_request_leaves_exactly_as_rendered(api: VideoApi, wire: Wire):
    """Path, headers and the whole body are what the document wants, sent once, on a connection with a length."""
    wire.will(200, CREATED, headers={"X-Oneapi-Request-Id": "2026ABC"})
    reply = await api.submit(veo(files=(picture("input_reference"),)))
    assert reply == Reply(video_id="task_x", state=State.RUNNING, word="queued", progress=0, request_id="2026ABC")
    (seen,) = wire.requests
    assert (seen.method, seen.path) == ("POST", "/v1/videos")
    assert json.loads(seen.body) == {
        "model": "veo_3_1",
        "prompt": "a cat, 猫",
        "seconds": "8",
        "duration": 8,
        "input_reference": "data:image/png;base64," + base64.b64encode(b"\x89PNG picture").decode(),
    }
    del seen.headers["accept-encoding"], seen.headers["connection"]
    assert seen.headers == {
        "host": f"127.0.0.1:{wire.port}",
        "accept": "*/*",
        "accept-language": "en",
        "authorization": "Bearer sk-secret0key0of0the0operator",
        "user-agent": f"Reelcord/{__version__}",
        "content-type": "application/json",
        "content-length": str(len(seen.body)),
    }


async def test_a_form_leaves_as_text_parts_and_file_parts(api: VideoApi, wire: Wire):
    """Each byte of the form: text parts in the order of the fields, then the file with its name and type."""
    wire.will(200, CREATED)
    await api.submit(vidu(files=(picture("images"),)))
    (seen,) = wire.requests
    match = re.fullmatch(r"multipart/form-data; boundary=(\w+)", seen.headers["content-type"])
    assert match
    assert seen.body.replace(match[1].encode(), b"B") == (
        b'--B\r\nContent-Disposition: form-data; name="model"\r\n\r\nviduq3-pro\r\n'
        b'--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na cat, \xe7\x8c\xab\r\n'
        b'--B\r\nContent-Disposition: form-data; name="audio"\r\n\r\ntrue\r\n'
        b'--B\r\nContent-Disposition: form-data; name="duration"\r\n\r\n5\r\n'
        b'--B\r\nContent-Disposition: form-data; name="images"; filename="ca%22t.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG picture\r\n"
        b"--B--\r\n"
    )


async def test_a_form_without_a_picture_is_still_multipart(api: VideoApi, wire: Wire):
    """The document of Vidu asks for multipart/form-data, not for a URL-encoded form."""
    wire.will(200, CREATED)
    await api.submit(vidu())
    (seen,) = wire.requests
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="prompt"\r\n\r\na cat, \xe7\x8c\xab\r\n' in seen.body


async def test_large_pictures_leave_whole(api: VideoApi, wire: Wire):
    """Megabytes go out in pieces, with their length, and without a word of warning from below."""
    data = bytes(range(256)) * 12_000
    for submission in (veo(files=(picture("image", data),)), vidu(files=(picture("images", data),))):
        wire.will(200, CREATED)
        await api.submit(submission)
    as_json, as_form = wire.requests
    assert base64.b64decode(json.loads(as_json.body)["image"].partition(",")[2]) == data
    assert data in as_form.body


@pytest.mark.parametrize("base", ["", "/", "/prefix", "/prefix/", "/v1", "/prefix/v1/"])
async def test_any_form_of_base_url_works(base: str, open_api: Callable[..., VideoApi], wire: Wire):
    """A path before /v1 is kept; a base that already ends in /v1, as OpenAI's SDK wants it, does not double it."""
    wire.will(200, CREATED)
    await open_api(wire.url + base).submit(veo())
    prefix = base.strip("/").removesuffix("v1").strip("/")
    assert wire.requests[0].path == (f"/{prefix}/v1/videos" if prefix else "/v1/videos")


@pytest.mark.parametrize(
    ("status", "body", "error", "sentence"),
    [
        (400, task("invalid_size", "sora-2 size is invalid"), Rejected, "sora-2 size is invalid."),
        (400, task("invalid_json", "json: cannot unmarshal number into Go struct field .seconds"), Rejected, "change"),
        (400, task("invalid_request", "prompt is required"), Rejected, "prompt is required."),
        (400, task("task_failed", "内容违规"), Rejected, "内容违规"),
        (400, task("task_not_exist", "task_origin_not_exist"), Rejected, "task_origin_not_exist."),
        (400, task("fail_to_fetch_task", json.dumps(openai("Use '4' or '8'."))), Rejected, "Use '4' or '8'."),
        (400, openai("Model name not specified, request id: 20260712"), Rejected, "Model name not specified"),
        (401, openai("Invalid token (request id: 2026)"), Unauthorized, "operator"),
        (401, task("fail_to_fetch_task", "Incorrect API key provided"), Busy, "busy"),
        (403, openai("User banned"), Unauthorized, "operator"),
        (403, openai("no access", code="access_denied"), Unauthorized, "operator"),
        (403, openai("This token has no access to model veo_3_1"), Rejected, "model"),
        (403, task("insufficient_user_quota", "用户额度不足, 剩余额度: 0.012000"), Unauthorized, "operator"),
        (403, task("pre_consume_token_quota_failed", "x"), Unauthorized, "operator"),
        (403, task("fail_to_fetch_task", "forbidden"), Busy, "busy"),
        (403, task("fail_to_fetch_task", json.dumps(openai("Blocked by our safety system."))), Rejected, "safety"),
        (404, task("fail_to_fetch_task", "no such deployment"), Busy, "busy"),
        (404, openai("Invalid URL (POST /v1/videos)", "invalid_request_error"), Rejected, "refused"),
        (413, task("read_request_body_failed", "too large"), Rejected, "picture is too large"),
        (413, NGINX, Rejected, "picture is too large"),
        (429, task("fail_to_fetch_task", "当前分组上游负载已饱和"), Busy, "busy"),
        (429, b"", Busy, "busy"),
        (429, NGINX, Busy, "busy"),
        (500, task("build_request_failed", "bad bgm"), Rejected, "bad bgm"),
        (500, task("do_request_failed", 'Post "https://***.com/v1/videos": deadline'), Ambiguous, "may be charged"),
        (500, task("read_response_body_failed"), Ambiguous, "may be charged"),
        (500, task("unmarshal_response_body_failed"), Ambiguous, "may be charged"),
        (500, task("unmarshal_response_failed"), Ambiguous, "may be charged"),
        (500, task("invalid_response"), Ambiguous, "may be charged"),
        (500, task("get_channel_failed"), Ambiguous, "may be charged"),
        (500, task("fail_to_fetch_task", "oops"), Ambiguous, "may be charged"),
        (500, openai("Panic detected", "new_api_panic"), Ambiguous, "may be charged"),
        (501, task("not_implemented", "no converter"), Rejected, "no converter"),
        (502, NGINX, Ambiguous, "may be charged"),
        (502, task("fail_to_fetch_task", "oops"), Ambiguous, "may be charged"),
        (503, openai("No available channel for model x under group y", code="model_not_found"), Rejected, "model"),
        (503, openai("System is overloaded"), Busy, "busy"),
        (503, NGINX, Ambiguous, "may be charged"),
        (503, {"message": "Service Unavailable"}, Ambiguous, "may be charged"),
        (504, NGINX, Ambiguous, "may be charged"),
        (522, NGINX, Ambiguous, "may be charged"),
        (408, task("fail_to_fetch_task", "timeout"), Ambiguous, "may be charged"),
        (400, NGINX, Ambiguous, "may be charged"),
        (401, b"", Ambiguous, "may be charged"),
        (302, b"", Ambiguous, "may be charged"),
        (308, b"", Rejected, "base URL"),
        (200, NGINX, Ambiguous, "may be charged"),
        (200, b"", Ambiguous, "may be charged"),
        (200, {"status": "queued"}, Ambiguous, "may be charged"),
        (200, openai("internal error"), Ambiguous, "may be charged"),
    ],
)
async def test_each_answer_has_its_meaning(
    status: int, body: Any, error: type[ApiError], sentence: str, api: VideoApi, wire: Wire
):
    """Only answers that prove that nothing was created may be repeated; and no answer makes the client POST again."""
    headers = {"X-Oneapi-Request-Id": "2026ABC", "Location": f"{wire.url}/elsewhere"}
    wire.will(status, body, headers=headers)
    with pytest.raises(ApiError) as raised:
        await api.submit(veo())
    assert (type(raised.value), raised.value.status) == (error, status)
    assert raised.value.request_id == "2026ABC"
    assert sentence in str(raised.value)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_an_answer_with_an_id_is_a_success_whatever_else_it_says(status: int, api: VideoApi, wire: Wire):
    """An id is a video in the making, even beside an error object and without a status."""
    wire.will(status, {"error": {"message": "internal error"}, "id": "task_x"})
    assert (await api.submit(veo())).video_id == "task_x"


async def test_retry_after_is_carried_and_capped(api: VideoApi, wire: Wire):
    """A proxy's Retry-After reaches the caller in seconds."""
    for value in ("7", "86400"):
        wire.will(429, b"", headers={"Retry-After": value})
    with pytest.raises(Busy) as short:
        await api.submit(veo())
    with pytest.raises(Busy) as long:
        await api.submit(veo())
    assert (short.value.retry_after, long.value.retry_after) == (7, 120)


@pytest.mark.parametrize(
    "how",
    [
        {"raw": b"", "drop": True},
        {"raw": b"", "close": True},
        {"raw": b"HTTP/1.1 200 OK\r\nContent-Le", "close": True},
        {"raw": b"NOT HTTP AT ALL\r\n\r\n", "close": True},
        {"body": CREATED, "length": 5000, "close": True},
        {"body": CREATED, "length": 5000, "drop": True},
        {"body": CREATED, "headers": {"Content-Encoding": "gzip"}},
    ],
    ids=["reset", "closed", "half a head", "no HTTP", "half a body", "half a body, reset", "not gzip"],
)
async def test_a_lost_answer_is_ambiguous_and_the_post_goes_out_once(how: dict[str, Any], api: VideoApi, wire: Wire):
    """The service read the request: whatever happens to its answer, it is never sent again."""
    wire.will(**how)
    wire.will(200, CREATED)
    with pytest.raises(Ambiguous) as raised:
        await api.submit(veo())
    assert (
        str(raised.value)
        == "The answer of the video service was lost, so a video may be in the making and may be charged."
    )
    assert len(wire.requests) == 1


async def test_a_silent_service_is_ambiguous(hasty: VideoApi, wire: Wire):
    """No answer in time says nothing about what was created."""
    wire.will(hold=True)
    with pytest.raises(Ambiguous):
        await hasty.submit(veo())
    assert len(wire.requests) == 1


async def test_a_service_that_stops_reading_does_not_hold_the_job_for_ever(
    open_api: Callable[..., VideoApi], wire: Wire
):
    """Nothing is read, so no read time-out runs; the whole call has its own."""
    wire.will(stall=True)
    api = open_api(timeouts=Timeouts(connect=1, submit=0.1))
    with pytest.raises(Ambiguous):
        await api.submit(veo(files=(picture("image", bytes(60_000_000)),)))


async def test_a_connection_that_is_reset_at_once_is_ambiguous(api: VideoApi, wire: Wire):
    """It was made, so the request may have arrived: nobody can tell from here."""
    wire.reset_at_once = True
    with pytest.raises(Ambiguous):
        await api.submit(veo())
    assert wire.connections == 1


async def test_a_refused_connection_may_be_repeated(open_api: Callable[..., VideoApi]):
    """Nothing listens, so nothing was created."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable):
            await open_api(f"http://127.0.0.1:{taken.getsockname()[1]}").submit(veo())


async def test_an_unknown_host_may_be_repeated(open_api: Callable[..., VideoApi]):
    """A name without an address: nothing was sent, and .invalid is reserved to have none."""
    with pytest.raises(Unreachable):
        await open_api("http://reelcord.invalid").submit(veo())


async def test_a_failed_tls_handshake_may_be_repeated(open_api: Callable[..., VideoApi], wire: Wire):
    """The request is only sent inside TLS, and there was none."""
    wire.reset_at_once = True
    with pytest.raises(Unreachable):
        await open_api(wire.url.replace("http", "https")).submit(veo())
    assert (wire.connections, wire.requests) == (1, [])


async def test_a_connection_that_never_comes_about_may_be_repeated(open_api: Callable[..., VideoApi]):
    """A full backlog: the connect times out before a byte of the request could leave."""
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        api = open_api(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeouts=Timeouts(connect=0.05, submit=1))
        with pytest.raises(Unreachable):
            await api.submit(veo())


async def test_a_kept_connection_that_dies_under_a_post_costs_nothing(api: VideoApi, wire: Wire):
    """The classic trap: the pool holds a connection that the service has just closed. A POST never uses a kept one."""
    for _ in range(2):
        wire.will(200, CREATED)
        assert (await api.submit(veo())).video_id == "task_x"
        wire.abort_all()  # and the client has had no chance to notice
    assert len(wire.requests) == 2


async def test_posts_share_no_connection(api: VideoApi, wire: Wire):
    """Two requests, two connections."""
    for _ in range(2):
        wire.will(200, CREATED)
        await api.submit(veo())
    assert (len(wire.requests), wire.connections) == (2, 2)


async def test_a_refusal_before_the_body_was_read_is_heard(api: VideoApi, wire: Wire):
    """A proxy answers 413 on the head alone; the sentence names the picture, not a broken pipe."""
    wire.will(413, NGINX, early=True)
    with pytest.raises(Rejected, match="picture is too large"):
        await api.submit(veo(files=(picture("image", bytes(3_000_000)),)))


async def test_no_error_and_no_repr_shows_the_key(api: VideoApi, wire: Wire):
    """What is printed, logged or raised holds no part of the key, even where the service repeats it."""
    wire.will(400, task("invalid_request", "bad key sk-secret0key0of0the0operator for this"))
    with pytest.raises(Rejected) as raised:
        await api.submit(veo())
    assert repr(api) == f"VideoApi('octopusx', '{wire.url}')"
    assert "secret" not in repr(api) + repr(raised.value) + str(vars(raised.value))
