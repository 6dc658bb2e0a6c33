"""Downloads that go wrong on the wire, each as a client of HTTP sees it."""

import asyncio

import aiohttp
import pytest

from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.sandbox_video.conftest import Client

BODY = bytes(range(256)) * 40


async def fetched(client: Client, **fault: object) -> tuple[dict[str, str], bytes, bool]:
    """The headers of a download that a fault strikes, what came of its body, and whether that was its end."""
    client.api.faults.add("/files/", status=200, body=BODY, **fault)
    came = bytearray()
    async with client.session.get(f"{client.api.files_url}/files/x.mp4") as answer:
        headers = {name: answer.headers.get(name, "") for name in ("Content-Type", "Content-Length")}
        try:
            async for piece in answer.content.iter_any():
                came += piece
        except aiohttp.ClientPayloadError:
            return headers, bytes(came), False
    return headers, bytes(came), True


async def test_a_cut_answer_had_promised_its_full_length(client: Client):
    """As new-api does after 60 s, with status 200."""
    headers, came, whole = await fetched(client, cut=1000)
    assert headers == {"Content-Type": "application/octet-stream", "Content-Length": str(len(BODY))}
    assert (came, whole) == (BODY[:1000], False)


async def test_a_chunked_answer_can_be_cut(client: Client):
    """The chunk that says the end never comes."""
    headers, came, whole = await fetched(client, cut=1000, headers={"Transfer-Encoding": "chunked"})
    assert (headers["Content-Length"], came, whole) == ("", BODY[:1000], False)


@pytest.mark.parametrize("length", ["", "1000"])
async def test_a_cut_can_be_hidden(client: Client, length: str):
    """No length, or the length of what is sent: nothing on the wire tells that more was there."""
    headers, came, whole = await fetched(client, cut=1000, headers={"Content-Length": length})
    assert (headers["Content-Length"], came, whole) == (length, BODY[:1000], True)


async def test_a_length_can_be_wrong(client: Client):
    """More is promised than there is."""
    lie = {"Content-Length": "99999", "Content-Type": "audio/mpeg"}
    headers, came, whole = await fetched(client, cut=len(BODY), headers=lie)
    assert (headers, came, whole) == ({"Content-Type": "audio/mpeg", "Content-Length": "99999"}, BODY, False)


@pytest.mark.parametrize("body", ["<html>please log in</html>", {"error": "expired"}])
async def test_a_page_or_json_can_be_cut_too(client: Client, body: object):
    """Any body of a fault."""
    client.api.faults.add("/files/", status=502, body=body, cut=5, headers={"Content-Length": ""})
    async with client.session.get(f"{client.api.files_url}/files/x.mp4") as answer:
        assert (answer.status, await answer.text()) == (502, "<html" if isinstance(body, str) else '{"err')


async def test_a_trickle_comes_a_byte_at_a_time(client: Client):
    """A thousand a second here; the file is not waited for, and the line is left without a trace."""
    client.api.faults.add("/files/", status=200, body=BODY, trickle=1000)
    async with client.session.get(f"{client.api.files_url}/files/x.mp4") as answer:
        first = await answer.content.readany()
    assert 0 < len(first) < len(BODY)
    assert BODY.startswith(first)


async def test_a_trickle_ends_with_its_body(client: Client):
    """It can be waited for where it is short."""
    client.api.faults.add("/files/", status=200, body=BODY[:9], trickle=1000)
    async with client.session.get(f"{client.api.files_url}/files/x.mp4") as answer:
        assert await answer.read() == BODY[:9]


async def test_a_padded_video_is_as_large_as_asked_and_takes_no_disk(client: Client):
    """Streamed in whole, with its length."""
    client.api.next(padded=20)
    task = await client.made(model="veo_3_1", prompt="x", seconds="8")
    await client.api.wait_for(lambda: task.status == "SUCCESS")
    assert task.video is not None
    assert task.video.stat().st_blocks * 512 < 2_000_000
    async with client.session.get(f"{client.api.url}/v1/videos/{task.id}/content") as answer:
        assert answer.headers["Content-Length"] == "20000000"
        assert await answer.read() == task.video.read_bytes()


async def test_a_silent_video_is_silent_whatever_was_asked(api: VideoApiSandbox, client: Client):
    """For the players and for the ladder."""
    task = await client.made(model="veo_3_1", prompt="[silent]", seconds="8")
    await asyncio.wait_for(api.wait_for(lambda: task.video), 30)
    assert task.plan.audio
    assert task.video is not None
    assert b"soun" not in task.video.read_bytes()
