"""The stand-in as a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp


async def test_it_runs_on_its_own():
    """It prints one JSON line with its addresses and token, and serves them."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox.discord_api", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = json.loads(await process.stdout.readline())
        assert set(line) == {"api_url", "gateway_url", "token"}
        async with aiohttp.ClientSession() as web:
            headers = {"Authorization": f"Bot {line['token']}"}
            async with web.get(f"{line['api_url']}/users/@me", headers=headers) as response:
                assert response.headers["Content-Type"] == "application/json"
                assert response.headers["Via"] == "1.1 sandbox"
                assert (await response.json())["bot"] is True
            async with web.get(f"{line['api_url']}/nowhere", headers=headers) as response:
                assert (response.status, await response.json()) == (404, {"message": "404: Not Found", "code": 0})
            async with web.ws_connect(line["gateway_url"]) as socket:
                assert (await socket.receive_json())["op"] == 10
    finally:
        process.terminate()
        await process.wait()
