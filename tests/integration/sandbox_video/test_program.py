"""The stand-in as a program of its own, steered over its control routes."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

VEO: dict[str, object] = {"model": "veo_3_1", "prompt": "x", "seconds": "8"}


@dataclass
class Program:
    """A running stand-in."""

    process: asyncio.subprocess.Process
    url: str
    session: aiohttp.ClientSession

    async def post(self, path: str, body: dict[str, object]) -> tuple[int, object]:
        """POST JSON; status and answer."""
        async with self.session.post(self.url + path, json=body) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> list[dict[str, object]]:
        """The list at a control route."""
        async with self.session.get(self.url + path) as answer:
            return await answer.json()


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    """Started on a port of the system's choice; it says where on its first line, and ends on SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox.video_api", "--port", "0", "--quality", "tiny"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = json.loads(await process.stdout.readline())
    assert line == {"url": line["url"], "key": "sk-sandbox"}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {line['key']}"}) as session:
        yield Program(process, line["url"], session)
    process.terminate()
    assert await process.wait() == 0


async def test_the_program_is_steered_and_read_over_its_control_routes(program: Program):
    """Outcomes and faults go in, the log and the ledger come out, and the key is in neither."""
    assert await program.post("/sandbox/next", {"fail": "why", "seconds_to_done": 0}) == (200, {"ok": True})
    assert await program.post("/sandbox/faults", {"path": "/v1/videos$", "method": "POST", "status": 429}) == (
        200,
        {"ok": True},
    )
    refused = await program.session.post(f"{program.url}/v1/videos", json=VEO)
    _, created = await program.post("/v1/videos", VEO)
    calls, (task,) = await program.get("/sandbox/log"), await program.get("/sandbox/tasks")

    assert isinstance(created, dict)
    assert refused.status == 429
    assert [(call["path"], call["status"], call["created"], call["json"], call["bearer"]) for call in calls] == [
        ("/v1/videos", 429, False, VEO, True),
        ("/v1/videos", 200, True, VEO, True),
    ]
    assert "sk-sandbox" not in json.dumps(calls)
    assert (task["id"], task["status"], task["charged"], task["refunded"]) == (
        created["id"],
        "FAILURE",
        400_000,
        400_000,
    )


async def test_a_file_stands_for_the_video_that_is_made(program: Program, tmp_path: Path):
    """`video` is a path: its bytes are what the finished task serves."""
    film = tmp_path / "film.mp4"
    film.write_bytes(b"a film")
    assert await program.post("/sandbox/next", {"video": str(film), "seconds_to_done": 0}) == (200, {"ok": True})
    _, created = await program.post("/v1/videos", VEO)
    assert isinstance(created, dict)
    async with program.session.get(f"{program.url}/v1/videos/{created['id']}/content") as answer:
        assert (answer.status, await answer.read()) == (200, b"a film")


async def test_a_wrong_control_is_refused_by_name(program: Program):
    """A typing error does not pass in silence."""
    wrong: list[tuple[str, dict[str, object], str]] = [
        ("/sandbox/next", {"fial": "x"}, "Outcome.__init__() got an unexpected keyword argument 'fial'"),
        ("/sandbox/next", {"shape": "E99"}, "no reply shape 'E99'"),
        ("/sandbox/faults", {"path": "/", "drpo": True}, "Fault.__init__() got an unexpected keyword argument 'drpo'"),
    ]
    for path, body, error in wrong:
        assert await program.post(path, body) == (400, {"error": error})
