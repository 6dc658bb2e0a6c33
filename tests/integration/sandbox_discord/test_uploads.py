"""Large files go through the stand-in by way of the disk."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.discord_api import DiscordSandbox

MIB = 1024 * 1024
TOO_LARGE = {"message": "Request entity too large", "code": 40005}


def form(file: io.IOBase) -> aiohttp.FormData:
    """A post with one file."""
    body = aiohttp.FormData({"payload_json": "{}"})
    body.add_field("files[0]", file, filename="long.mp4", content_type="video/mp4")
    return body


def posts(discord: DiscordSandbox, name: str) -> str:
    """The path that messages of a channel are posted to."""
    return f"channels/{discord.world.channel(name).id}/messages"


async def test_a_large_file_is_kept_on_disk_and_served_in_ranges(discord: DiscordSandbox, rest: aiohttp.ClientSession):
    """Every byte comes back, whole or in part, and a HEAD tells the length."""
    data = bytes(range(256)) * (3 * MIB // 256) + b"the end"
    async with rest.post(posts(discord, "general"), data=form(io.BytesIO(data))) as response:
        (attachment,) = (await response.json())["attachments"]
    (kept,) = discord.messages("general")[0].attachments
    assert (kept.file.blob.on_disk, attachment["size"], kept.data == data) == (True, len(data), True)
    async with aiohttp.ClientSession() as web:
        async with web.get(attachment["url"]) as response:
            assert (response.status, await response.read() == data) == (200, True)
        async with web.get(attachment["url"], headers={"Range": f"bytes={MIB - 3}-{2 * MIB}"}) as response:
            assert response.headers["Content-Range"] == f"bytes {MIB - 3}-{2 * MIB}/{len(data)}"
            assert (response.status, await response.read() == data[MIB - 3 : 2 * MIB + 1]) == (206, True)
        async with web.get(attachment["url"], headers={"Range": "bytes=-7"}) as response:
            assert (response.status, await response.read()) == (206, b"the end")
        async with web.head(attachment["url"]) as response:
            assert (response.status, response.content_length) == (200, len(data))


async def test_many_uploads_at_once_take_little_memory(
    discord: DiscordSandbox, rest: aiohttp.ClientSession, tmp_path: Path
):
    """Eight uploads of 24 MiB at once cost less than one of them, with the client's share."""
    path = tmp_path / "long.mp4"
    with path.open("wb") as file:
        file.truncate(24 * MIB)

    async def post() -> int:
        with path.open("rb") as file:
            async with rest.post(posts(discord, "screening"), data=form(file)) as response:
                return response.status

    tracemalloc.start()
    try:
        statuses = await asyncio.gather(*(post() for _ in range(8)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert statuses == [200] * 8
    assert [each.attachments[0].size for each in discord.messages("screening")] == [24 * MIB] * 8
    assert peak < 24 * MIB


@pytest.mark.parametrize("told", [True, False])
async def test_a_request_above_the_whole_limit_is_refused(
    discord: DiscordSandbox, rest: aiohttp.ClientSession, told: bool
):
    """413 with code 40005, whether or not the request says its length; nothing is posted."""
    discord.world.largest_request = MIB

    body = form(io.BytesIO(bytes(MIB)))
    headers = {} if told else {"Content-Type": "multipart/form-data; boundary=x"}
    async with rest.post(posts(discord, "general"), data=body if told else _undeclared(), headers=headers) as response:
        assert (response.status, await response.json()) == (413, TOO_LARGE)
    assert discord.messages("general") == []


async def _undeclared() -> AsyncIterator[bytes]:
    yield b'--x\r\nContent-Disposition: form-data; name="files[0]"; filename="a.mp4"\r\n\r\n'
    for _ in range(17):
        yield bytes(MIB // 16)
    yield b"\r\n--x--\r\n"


async def test_what_was_on_disk_ends_with_the_stand_in():
    """The files have no name, and are given back when the stand-in is closed; small ones can still be looked at."""
    async with DiscordSandbox() as discord:
        headers = {"Authorization": f"Bot {discord.token}"}
        async with aiohttp.ClientSession(f"{discord.api_url}/", headers=headers) as rest:
            for data in (bytes(2 * MIB), b"small"):
                async with rest.post(posts(discord, "general"), data=form(io.BytesIO(data))) as response:
                    assert response.status == 200
        large, small = (message.attachments[0] for message in discord.messages("general"))
        assert (large.file.blob.on_disk, small.file.blob.on_disk) == (True, False)
    assert small.data == b"small"
    with pytest.raises(ValueError, match="closed file"):
        large.file.blob.read()
