"""A service that answers every question with megabytes does not fill the bot's memory."""

from __future__ import annotations

import asyncio
import sys

import pytest
from aiohttp import web

LARGE = 50_000_000
SMALL = b'{"id": "x", "status": "processing"}'
BODIES = {
    "one long text": b'{"id": "x", "status": "processing", "x": "' + b"x" * LARGE + b'"}',
    "millions of lists": b'{"id": "x", "status": "processing", "x": [' + b"[]," * (LARGE // 3) + b"0]}",
}
#: How many of the ten are read as a reply.
TOLD = {"one long text": 10, "millions of lists": 0}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", BODIES)
async def test_ten_answers_of_50_mb_at_once_take_the_memory_of_one(kind: str):
    """Each may carry a whole video, so it is read; but one at a time, and only where it is no heap of small things."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = memoryview(BODIES[kind] if "large" in request.path else SMALL)
        response = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
        await response.prepare(request)
        for start in range(0, len(body), 2**18):
            await response.write(body[start : start + 2**18])
        return response

    app = web.Application()
    app.router.add_get("/v1/videos/{id}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        asking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.api.ask_alone", f"http://{host}:{port}", "10"),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await asking.communicate()
    finally:
        await runner.cleanup()
    told, grown = map(int, said.decode().split()[-2:])
    assert told == TOLD[kind]
    assert grown < 6 * LARGE // 1024, grown
