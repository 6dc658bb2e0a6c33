"""Files that are not what they seem: told by their bytes, fetched again from zero, and by the other route."""

from __future__ import annotations

import asyncio
import gzip
import math
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bot.api.client import VideoApi
from bot.api.download import Downloader
from bot.api.errors import BadFile, Busy
from bot.api.part import Room
from bot.api.transport import open_client

if TYPE_CHECKING:
    from tests.integration.api.conftest import Wire

VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 90
WEBM = b"\x1a\x45\xdf\xa3" + bytes(range(256))
CONTENT = "/v1/videos/x/content"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n"


def typed(kind: str) -> dict[str, str]:
    """A header that says what a file is."""
    return {"Content-Type": kind}


@pytest.mark.parametrize(
    "how",
    [
        {"body": b"\xef\xbb\xbf\r\n<!doctype html><title>New API</title>"},
        {"body": b'["a list that calls itself a video"]'},
        {"body": b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://127.0.0.1/secret\n"},
        {"body": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "headers": typed("")},
        {"body": b"\x89PNG\r\n\x1a\n", "headers": typed("image/png")},
        {"body": b"ID3\x04", "headers": typed("audio/mpeg")},
        {"body": b"nothing", "headers": typed("Text/Plain; charset=utf-8")},
        {"body": b"nothing", "headers": typed("application/problem+json")},
        {"body": b"nothing", "headers": typed("application/vnd.apple.mpegurl")},
        {"body": gzip.compress(VIDEO), "headers": {"Content-Encoding": "gzip"}},
        {"body": gzip.compress(VIDEO), "headers": {"Content-Encoding": "identity, GZIP"}},
        {"raw": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5000\r\n" + VIDEO[:0x5000], "close": True},
        {"raw": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5000\r\n" + VIDEO[:0x5000] + b"\r\n", "drop": True},
        {"raw": HEAD + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n" + VIDEO, "drop": True},
        {"raw": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"raw": HEAD + b"Content-Length: 99999\r\n\r\n" + VIDEO, "close": True},
        {"raw": HEAD + b"Content-Length: many\r\n\r\n" + VIDEO, "close": True},
        {"raw": HEAD + b"\r\n", "close": True},
    ],
)
async def test_what_is_no_whole_video_is_fetched_by_the_other_route(
    how: dict[str, Any], api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """From its first byte, within the same call."""
    cdn.will(**how)
    cdn.will(**how)
    wire.will(200, VIDEO)
    assert await api.download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4") == len(VIDEO)
    assert (tmp_path / "a.mp4").read_bytes() == VIDEO
    assert [(seen.path, "range" in seen.headers) for seen in wire.requests] == [(CONTENT, False)]


async def test_what_is_left_of_a_broken_file_is_removed_beside_the_event_loop(
    api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A disk takes a tenth of a second to let go of half a gigabyte: no card and no heartbeat waits for that."""
    removed: list[tuple[str, bool]] = []
    unlink = Path.unlink

    def seen(path: Path, missing_ok: bool = False) -> None:
        removed.append((path.name, threading.current_thread() is threading.main_thread()))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", seen)
    cdn.will(raw=HEAD + b"Content-Length: 99999\r\n\r\n" + VIDEO, close=True)
    cdn.will(raw=HEAD + b"Content-Length: 99999\r\n\r\n" + VIDEO, close=True)
    wire.will(200, VIDEO)
    await api.download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4")
    assert set(removed) == {("a.mp4.part", False)}
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "image/gif", "binary/octet-stream", ""])
@pytest.mark.parametrize("video", [VIDEO, WEBM])
async def test_a_video_under_a_false_name_is_still_a_video(
    kind: str, video: bytes, api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """It is paid for, and storage is often careless with the type."""
    cdn.will(200, video, headers=typed(kind))
    assert await api.download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4") == len(video)
    assert wire.requests == []


@pytest.mark.parametrize("came", [1000, 300_000])
async def test_a_byte_now_and_then_is_not_waited_for(came: int, wire: Wire, tmp_path: Path):
    """It is never silent and would take days: each piece has as long as a silence may last, the first and all others."""
    wire.will(200, bytes(came), length=2**20, trickle=True)
    client = open_client({}, public_only=False)
    downloader = Downloader(
        base_url=httpx.URL(wire.url),
        home=client,
        world=client,
        private=True,
        timeout=httpx.Timeout(30),
        patience=math.inf,
        pace=0.5,
        room=Room(),
    )
    with pytest.raises(BadFile):
        await asyncio.wait_for(downloader.fetch(f"{wire.url}/a.mp4", tmp_path / "a.mp4", now=0), 30)
    await client.aclose()
    assert list(tmp_path.iterdir()) == []


async def test_a_trickle_at_the_link_is_left_for_the_other_route(
    hasty: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """Within the same call."""
    cdn.will(200, VIDEO, length=2**20, trickle=True)
    wire.will(200, VIDEO)
    assert await hasty.download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4") == len(VIDEO)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


async def test_headers_now_and_then_are_not_waited_for(hasty: VideoApi, wire: Wire, tmp_path: Path):
    """A host that never comes to its file is a busy one."""
    wire.will(raw=b"HTTP/1.1 200 OK\r\nX-Slow: ", trickle=True)
    with pytest.raises(Busy):
        await hasty.download("x", None, tmp_path / "a.mp4")


async def test_a_file_that_only_a_probe_finds_short_is_had_from_the_other_route(
    api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """Without a length a cut looks like an end. Told to leave the link out, the content route alone is asked."""
    cdn.will(raw=HEAD + b"Connection: close\r\n\r\n" + VIDEO[:5000], close=True)
    assert await api.download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4") == 5000
    wire.will(200, VIDEO)
    assert await api.download("x", None, tmp_path / "a.mp4") == len(VIDEO)
    assert (tmp_path / "a.mp4").read_bytes() == VIDEO
    assert (len(cdn.requests), [seen.path for seen in wire.requests]) == (1, [CONTENT])


@pytest.mark.parametrize("link", [None, "http://localhost:3000/v1/videos/x/content"])
async def test_where_there_is_one_route_both_tries_take_it(link: str | None, api: VideoApi, wire: Wire, tmp_path: Path):
    """A service that gives no link, or only its own content route as one."""
    for url in (link, None, link):
        wire.will(200, VIDEO)
        assert await api.download("x", url, tmp_path / "a.mp4") == len(VIDEO)
    assert [seen.path for seen in wire.requests] == [CONTENT] * 3


async def test_a_refusal_of_megabytes_is_not_read_whole(api: VideoApi, wire: Wire, tmp_path: Path):
    """A gateway's own words are short; this might as well be a whole video with a wrong status."""
    wire.will(404, {"error": {"message": "x" * 2**21, "type": "invalid_request_error"}})
    with pytest.raises(Busy):
        await api.download("x", None, tmp_path / "a.mp4")
