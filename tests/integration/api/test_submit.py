"""Submitting over real sockets: what leaves, and that money is never spent twice whatever comes back."""

from __future__ import annotations

import base64
import json
import re
import socket
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import __version__
from bot.api.client import Timeouts, VideoApi
from bot.api.errors import Ambiguous, Rejected, Unreachable
from bot.api.replies import Reply, State
from bot.requests.base import InputFile, Submission
from tests.integration.api.conftest import NGINX, Wire

CREATED = {"id": "task_x", "task_id": "task_x", "object": "video", "status": "queued", "progress": 0}


def picture(field: str, data: bytes = b"\x89PNG picture") -> InputFile:
    """A file on its way."""
    return InputFile(field=field, name='ca"t.png', content_type="image/png", data=data)


def veo(**changes: Any) -> Submission:
    """A request for a video, as JSON."""
    fields = {"model": "veo_3_1", "prompt": "a cat, 猫", "seconds": "8", "duration": 8}
    return Submission(**{"upstream": "octopusx", "submit_path": "/v1/videos", "fields": fields} | changes)


def vidu(**changes: Any) -> Submission:
    """A request for a video, as a form."""
    fields = {"model": "viduq3-pro", "prompt": "a cat, 猫", "audio": True, "duration": 5}
    return veo(encoding="multipart", fields=fields, **changes)


async def test_a_json_request_leaves_exactly_as_rendered(api: VideoApi, wire: Wire):
    """Path, headers and the whole body are what the document wants, sent once, on a connection with a length."""
    wire.will(200, CREATED, headers={"X-Oneapi-Request-Id": "2026ABC"})
    with capture_logs() as logs:
        reply = await api.submit(veo(files=(picture("input_reference"),)))
    assert reply == Reply(video_id="task_x", state=State.RUNNING, word="queued", progress=0, request_id="2026ABC")
    assert [(line["action"], line["request_id"]) for line in logs] == [("api_submit", "2026ABC")]
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
    api = open_api(timeouts=Timeouts(connect=1, submit=0.05))
    with pytest.raises(Ambiguous):
        await api.submit(veo(files=(picture("image", bytes(24_000_000)),)))


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
