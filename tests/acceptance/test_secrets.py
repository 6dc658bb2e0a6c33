"""No token, key or password is written anywhere, at DEBUG either, whatever goes wrong."""

from __future__ import annotations

import io
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.sandbox.discord_api import DiscordSandbox, Upload
from bot.sandbox.video_api import VideoApiSandbox
from tests.acceptance.stage import Stage
from tests.ports import free_port

pytestmark = pytest.mark.unmeasured

TOKEN, KEY, PASSWORD = "MTIzNDU2.hidden.discord-token", "sk-hidden-key-of-the-operator", "hidden-password"
PROMPT = "A secret birthday party of whales"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose secrets can be told from any other word."""
    async with (
        DiscordSandbox(token=TOKEN) as discord,
        VideoApiSandbox(quality="tiny", key=KEY, clock=lambda: time.time() + built.ahead) as api,
    ):
        built = Stage(discord, api, tmp_path)
        built.settings |= {"LOG_LEVEL": "DEBUG", "DATABASE_URL": f"sqlite:///{tmp_path}/reelcord.db"}
        built.settings["UNIALL_BASE_URL"] = api.url.replace("http:", "https:")  # it speaks no TLS
        yield built
        for bot in built.bots:
            if bot.returncode is None:
                await built.kill(bot)


@pytest.mark.parametrize("style", ["json", "console"])
async def test_a_day_of_troubles_writes_no_secret(style: str, stage: Stage):
    """Videos, refusals, rate limits, lost answers, no TLS, a refused key, a database that breaks: all is searched."""
    port = free_port()
    bot = await stage.start_bot(LOG_FORMAT=style, HTTP_PORT=str(port), PUBLIC_URL=f"http://127.0.0.1:{port}")
    command_line = Path(f"/proc/{bot.pid}/cmdline").read_bytes()
    limits = Path(f"/proc/{bot.pid}/limits").read_text()
    cards = await _troubles(stage)
    metrics = await _page(port, "/metrics")
    running = stage.rows()
    await _breakdown(stage, cards["veo"])
    assert await stage.stop(bot) == 0

    tokens = {call.token for call in stage.discord._core.calls._by_id.values()}
    assert len(tokens) > 5
    log = (stage.folder / "bot.log").read_text()
    assert "Traceback" in log
    told = {"log": log, "metrics": metrics, "command line": command_line.decode()}
    everybody = [str(user.id) for user in stage.discord.world.users.values() if not user.bot]
    assert _found(told, {TOKEN, KEY, *tokens, "signature=", PROMPT}) == []
    assert _found({"metrics": metrics}, {*everybody, *(row["id"] for row in running)}) == []
    assert _found(_files(stage.folder), {TOKEN, KEY}) == []
    kept = [row for row in stage.rows() if any(token in str(row) for token in tokens)]
    assert [row["status"] for row in kept if row["due_at"] is None] == []  # a job that has ended forgets its token
    assert _promises(stage.folder) == []  # they hold tokens, too
    assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")] == [["0", "0"]]


async def _troubles(stage: Stage) -> dict[str, Any]:
    """Orders of every kind, each with something that goes wrong on its way; gives their cards."""
    discord, api = stage.discord, stage.api
    api.faults.add("^/v1/videos$", method="POST", status=429, headers={"Retry-After": "0"})
    api.faults.add("^/v1/videos/", method="GET", status=500, body={"error": {"message": "no"}})
    slow = {"Retry-After": "0.1", "Via": "1.1 google"}
    limited = {"message": "You are being rate limited.", "retry_after": 0.1, "global": False}
    for path in (r"/messages$", "@original"):
        discord.faults.add(path, status=429, headers=slow, body=limited)
    cards = {"veo": await stage.type("veo", {"prompt": PROMPT, "image": _picture()})}
    await stage.until(lambda: "Done" in cards["veo"].text())
    discord.faults.add("@original", method="PATCH", drop=True)
    cards["private"] = await stage.type("sora", {"prompt": PROMPT, "private": True})
    await stage.until(lambda: [row["status"] for row in stage.rows()] == ["completed", "completed"])
    api.faults.add("^/v1/videos$", method="POST", after=True, drop=True)
    cards["lost"] = await stage.type("sora", {"prompt": PROMPT})
    await stage.until(lambda: "Unconfirmed" in cards["lost"].text())
    cards["tls"] = await stage.type("veo31 image", {"prompt": PROMPT, "image": _picture()})
    await stage.until(lambda: any(row["reason"] for row in stage.rows() if row["upstream"] == "uniall"))
    refused = api.faults.add("^/v1/", status=401, body={"error": {"message": f"Invalid token {KEY}"}}, times=-1)
    cards["refused"] = await stage.type("sora", {"prompt": PROMPT})
    await refused.reached.wait()
    await stage.until(lambda: "upstream_paused" in (stage.folder / "bot.log").read_text())
    return cards


async def _breakdown(stage: Stage, card: Any) -> None:
    """The WebSocket is cut, and then the table of jobs is gone while people go on pressing and typing."""
    await stage.discord.drop_socket(4000)
    await stage.discord.connected()
    with _without_jobs(stage.folder):
        call = await stage.discord.command("member", "general", "jobs show", {"job": "abcdefghjkmn"})
        await call.answered(30)
        call = await stage.discord.command("member", "general", "jobs list")
        await call.answered(30)
    assert "Done" in card.text()


async def test_no_start_that_fails_writes_a_secret(stage: Stage):
    """A refused token, a database that is not there: one line each; and `check`, with nothing right, says no more."""
    hidden = {"DISCORD_TOKEN": "hidden.other.token", "OCTOPUSX_API_KEY": "sk-hidden-other-key"}
    database = {"DATABASE_URL": f"postgresql://bot:{PASSWORD}@127.0.0.1:1/x"}
    starts = [("run", hidden, 2), ("run", database, 2), ("check", hidden | database, 1)]
    bots = [await stage.start_bot(ready=False, command=command, **settings) for command, settings, _ in starts]
    assert [await bot.wait() for bot in bots] == [code for *_, code in starts]
    told = _files(stage.folder)
    assert "Traceback" not in told["bot.log"]
    assert _found(told, {TOKEN, KEY, PASSWORD, *hidden.values()}) == []


@contextmanager
def _without_jobs(folder: Path) -> Iterator[None]:
    with closing(sqlite3.connect(folder / "reelcord.db", isolation_level=None)) as database:
        database.execute("ALTER TABLE jobs RENAME TO gone")
        yield
        database.execute("ALTER TABLE gone RENAME TO jobs")


def _promises(folder: Path) -> list[Any]:
    with closing(sqlite3.connect(folder / "reelcord.db")) as database:
        return database.execute("SELECT * FROM promises").fetchall()


def _found(told: dict[str, str], secrets: set[str]) -> list[tuple[str, str]]:
    """Where which secret stands."""
    return [(place, secret) for place, text in told.items() for secret in secrets if secret in text]


def _files(folder: Path) -> dict[str, str]:
    """All that was written, by the path in the folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes().decode("latin-1") for path in found}


def _picture() -> Upload:
    stream = io.BytesIO()
    Image.new("RGB", (320, 200), "orange").save(stream, "PNG")
    return Upload(filename="fox.png", data=stream.getvalue())


async def _page(port: int, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return await answer.text()
