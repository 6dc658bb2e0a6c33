"""Downloads over real sockets: the whole video or none, and the key never leaves home."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bot.api.client import VideoApi
from bot.api.download import Downloader
from bot.api.errors import ApiError, BadFile, Busy, NotKnown, NotReady, Unauthorized
from bot.api.part import Room
from bot.api.transport import open_client

if TYPE_CHECKING:
    from tests.integration.api.conftest import Wire

VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 9000
CONTENT = "/v1/videos/sora-2%3Atask_x/content"


def openai(message: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    """new-api's error of its content route."""
    return {"error": {"message": message, "type": kind}}


def names_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return [file.name for file in folder.iterdir()]


async def test_a_link_is_fetched_without_the_key(api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path):
    """Another host's link goes out exactly as it was signed, and the service is not bothered."""
    cdn.will(200, VIDEO)
    path = "/a%2Fb:c%3A/~%7E.mp4?sig=a%2Fb%3D%2B+%20&t=%3A&x='"
    size = await api.download("sora-2:task_x", cdn.url + path, tmp_path / "spool" / "a.mp4")
    assert size == len(VIDEO)
    assert (tmp_path / "spool" / "a.mp4").read_bytes() == VIDEO
    assert names_in(tmp_path / "spool") == ["a.mp4"]
    (seen,) = cdn.requests
    assert seen.path.replace("%27", "'") == path
    assert "authorization" not in seen.headers
    assert seen.headers["accept-encoding"] == "identity"
    assert wire.requests == []


@pytest.mark.parametrize(
    "link", [None, "http://localhost:3000/v1/videos/other/content", "https://cdn.example/v1/videos/x/content?a=b"]
)
async def test_the_content_route_is_asked_with_the_key(link: str | None, api: VideoApi, wire: Wire, tmp_path: Path):
    """No link, or a gateway's own on whatever host: the route is built on our base URL, with our id."""
    wire.will(200, VIDEO)
    assert await api.download("sora-2:task_x", link, tmp_path / "a.mp4") == len(VIDEO)
    assert (tmp_path / "a.mp4").read_bytes() == VIDEO
    (seen,) = wire.requests
    assert (seen.path, seen.headers["authorization"]) == (CONTENT, "Bearer sk-secret0key0of0the0operator")


async def test_a_link_of_the_service_itself_is_fetched_with_the_key(api: VideoApi, wire: Wire, tmp_path: Path):
    """Same scheme, host and port: the key may be needed, and goes where it went before."""
    wire.will(200, VIDEO)
    await api.download("sora-2:task_x", wire.url + "/files/a.mp4", tmp_path / "a.mp4")
    (seen,) = wire.requests
    assert (seen.path, seen.headers["authorization"]) == ("/files/a.mp4", "Bearer sk-secret0key0of0the0operator")


@pytest.mark.parametrize(
    "how",
    [
        {"status": 403, "body": "<Error>expired</Error>"},
        {"status": 404, "body": b""},
        {"status": 503, "body": b""},
        {"status": 206, "body": VIDEO},
        {"body": VIDEO, "length": len(VIDEO) + 1, "close": True},
        {"body": VIDEO, "length": len(VIDEO) + 1, "drop": True},
        {"body": b""},
        {"body": "<html>please log in</html>"},
        {"body": b"  <html>a page that calls itself a video</html>"},
        {"body": b'{"error": "a message that calls itself a video"}'},
        {"body": {"error": "expired"}},
        {"raw": b"", "drop": True},
        {"status": 302, "body": b"", "headers": {"Location": "ftp://127.0.0.1/a.mp4"}},
        {"status": 302, "body": b"", "headers": {"Location": "http://[oops/a.mp4"}},
        {"status": 302, "body": b""},
    ],
)
async def test_where_a_link_fails_the_content_route_is_asked(
    how: dict[str, Any], api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """An expired, broken, short or false file at the link costs nothing: the service has its own copy."""
    cdn.will(**how)
    cdn.will(**how)
    wire.will(200, VIDEO)
    assert await api.download("sora-2:task_x", cdn.url + "/a.mp4", tmp_path / "a.mp4") == len(VIDEO)
    assert (tmp_path / "a.mp4").read_bytes() == VIDEO
    assert [seen.path for seen in wire.requests] == [CONTENT]


async def test_a_link_to_nowhere_costs_nothing(api: VideoApi, wire: Wire, tmp_path: Path):
    """Neither a dead host nor a link that is none keeps the video away."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        for link in (
            f"http://127.0.0.1:{taken.getsockname()[1]}/a.mp4",
            "http://",
            "nonsense",
            "data:;base64,%",
            "data:,",
            "data:video/mp4;base64,AAAAA",
            "http://[oops/a.mp4",
            "http://x:port/a.mp4",
            "http://x:99999/a.mp4",
            f"http://{'x' * 70}.invalid/a.mp4",
        ):
            wire.will(200, VIDEO)
            assert await api.download("x", link, tmp_path / "a.mp4") == len(VIDEO)


async def test_a_video_inside_the_link_is_unpacked(api: VideoApi, wire: Wire, tmp_path: Path):
    """Vertex answers with a data: URI."""
    link = "data:video/mp4;base64," + base64.b64encode(VIDEO).decode()
    assert await api.download("x", link, tmp_path / "a.mp4") == len(VIDEO)
    assert (tmp_path / "a.mp4").read_bytes() == VIDEO
    assert await api.download("x", "data:video/mp4,%00%01a", tmp_path / "b.mp4") == 3
    assert (tmp_path / "b.mp4").read_bytes() == b"\x00\x01a"
    assert wire.requests == []


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"status": 400, "body": openai("Task is not completed yet, current status: IN_PROGRESS")}, NotReady),
        ({"status": 404, "body": openai("Task not found")}, NotReady),
        ({"status": 400, "body": {"code": "task_not_exist", "message": "task_not_exist", "data": None}}, NotKnown),
        ({"status": 401, "body": openai("Invalid token", "new_api_error")}, Unauthorized),
        ({"status": 403, "body": openai("request blocked: private ip", "server_error")}, BadFile),
        ({"status": 403, "body": openai("User banned", "new_api_error")}, Unauthorized),
        ({"status": 500, "body": openai("Failed to query task", "server_error")}, NotReady),
        ({"status": 502, "body": openai("Upstream service returned status 404", "server_error")}, NotReady),
        ({"status": 429, "body": b""}, Busy),
        ({"status": 502, "body": "<html>nginx</html>"}, Busy),
        ({"body": VIDEO, "length": len(VIDEO) + 1, "close": True}, BadFile),
        ({"body": VIDEO, "length": len(VIDEO) + 1, "drop": True}, BadFile),
        ({"body": "<html>the dashboard</html>"}, BadFile),
        ({"body": b""}, BadFile),
        ({"raw": b"", "close": True}, Busy),
        (
            {"raw": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", "close": True},
            BadFile,
        ),
    ],
)
async def test_each_answer_of_the_content_route_has_its_meaning(
    how: dict[str, Any], error: type[ApiError], api: VideoApi, wire: Wire, tmp_path: Path
):
    """A cut file (new-api cuts at 60 s, with status 200) or an error is never taken for a video; nothing is left."""
    wire.will(**how)
    wire.will(**how)
    with pytest.raises(ApiError) as raised:
        await api.download("sora-2:task_x", None, tmp_path / "a.mp4")
    assert type(raised.value) is error
    assert names_in(tmp_path) == []


async def test_each_try_starts_from_the_first_byte(api: VideoApi, wire: Wire, tmp_path: Path):
    """new-api ignores Range, so none is asked for and nothing of a cut file is kept."""
    wire.will(200, VIDEO[:1000], length=len(VIDEO), close=True)
    with pytest.raises(BadFile):
        await api.download("x", None, tmp_path / "a.mp4")
    wire.will(200, VIDEO)
    assert await api.download("x", None, tmp_path / "a.mp4") == len(VIDEO)
    assert (tmp_path / "a.mp4").read_bytes() == VIDEO
    assert all("range" not in seen.headers for seen in wire.requests)


async def test_a_file_of_unknown_length_is_taken(api: VideoApi, wire: Wire, tmp_path: Path):
    """Chunked bodies have no Content-Length: their end is their proof."""
    wire.will(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n")
    assert await api.download("x", None, tmp_path / "a.mp4") == 5


@pytest.mark.parametrize("told", [True, False])
async def test_a_file_beyond_the_limit_is_refused(
    told: bool, open_api: Callable[..., VideoApi], wire: Wire, tmp_path: Path
):
    """Whether the length is told before or shows on the way."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n6\r\nfghijk\r\n0\r\n\r\n"
    wire.will(200, b"abcdefghijk", raw=None if told else chunked)
    with pytest.raises(BadFile):
        await open_api(max_bytes=10).download("x", None, tmp_path / "a.mp4")
    assert names_in(tmp_path) == []


async def test_a_silent_host_does_not_hold_the_job(hasty: VideoApi, wire: Wire, tmp_path: Path):
    """Silence before the file is a busy host, silence within it a broken file."""
    wire.will(hold=True)
    with pytest.raises(Busy):
        await hasty.download("x", None, tmp_path / "a.mp4")
    wire.will(200, VIDEO[:2_000_000], length=len(VIDEO))
    with pytest.raises(BadFile):
        await hasty.download("x", None, tmp_path / "a.mp4")


async def test_a_redirect_takes_the_key_nowhere(api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path):
    """From the service to another host the key stays behind; on the way back it is there again."""
    wire.will(302, b"", headers={"Location": f"{cdn.url}/step?x=1"})
    cdn.will(307, b"", headers={"Location": f"{wire.url}/files/b"})
    wire.will(301, b"", headers={"Location": "/files/c"})
    wire.will(308, b"", headers={"Location": f"{cdn.url}/a.mp4"})
    cdn.will(200, VIDEO)
    assert await api.download("sora-2:task_x", None, tmp_path / "a.mp4") == len(VIDEO)
    assert [(seen.path, "authorization" in seen.headers) for seen in wire.requests] == [
        (CONTENT, True),
        ("/files/b", True),
        ("/files/c", True),
    ]
    assert [(seen.path, "authorization" in seen.headers) for seen in cdn.requests] == [
        ("/step?x=1", False),
        ("/a.mp4", False),
    ]


async def test_a_redirect_without_end_is_left(api: VideoApi, wire: Wire, tmp_path: Path):
    """Five hops, then no more."""
    for _ in range(10):
        wire.will(302, b"", headers={"Location": "/again"})
    with pytest.raises(BadFile):
        await api.download("x", None, tmp_path / "a.mp4")
    assert len(wire.requests) == 6


async def test_a_file_that_takes_too_long_is_left(wire: Wire, tmp_path: Path):
    """A trickle is never silent, so a whole file has a time of its own."""
    wire.will(200, VIDEO[:10], length=len(VIDEO))
    client = open_client({}, public_only=False)
    downloader = Downloader(
        base_url=httpx.URL(wire.url),
        home=client,
        world=client,
        private=True,
        timeout=httpx.Timeout(30),
        patience=0.05,
        pace=30,
        room=Room(),
    )
    with pytest.raises(BadFile):
        await downloader.fetch(f"{wire.url}/a.mp4", tmp_path / "a.mp4", now=0)
    await client.aclose()
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("status", [400, 502])
async def test_a_link_that_nobody_answers_at_is_no_end(
    status: int, api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """The gateway fetches from the same host for its own route: while that is down its no says nothing about the video."""
    cdn.will(503, b"")
    wire.will(status, openai("Upstream service returned status 503", "server_error"))
    with pytest.raises(Busy):
        await api.download("sora-2:task_x", cdn.url + "/a.mp4", tmp_path / "a.mp4")
    cdn.will(404, b"")
    wire.will(status, openai("Upstream service returned status 404", "server_error"))
    with pytest.raises(NotReady):
        await api.download("sora-2:task_x", cdn.url + "/a.mp4", tmp_path / "a.mp4")
