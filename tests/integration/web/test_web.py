"""The web server over real sockets, on a real database."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from bot.errors import SettingsError
from bot.jobs.job import Destination, Job, Status
from bot.jobs.store import Store
from bot.links import Links
from bot.requests.base import InputFile, Submission
from bot.web import WebServer, application

Client = TestClient[web.Request, web.Application]
NOW = 1_000_000.0
LINKS = Links(base_url="", key=bytes(32))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def job(job_id: str, *files: InputFile, status: Status = Status.QUEUED) -> Job:
    """A job with input files."""
    submission = Submission(upstream="uniall", submit_path="/v1/video/generations", fields={}, files=files)
    return Job(
        id=job_id,
        command="veo31 image",
        prompt="a fox",
        recipe={},
        destination=Destination(user_id=1, channel_id=2),
        submission=submission,
        status=status,
        due_at=NOW,
        created_at=NOW,
    )


def picture(content_type: str, data: bytes) -> InputFile:
    """An input file of a job."""
    return InputFile(field="image", name="fox", content_type=content_type, data=data)


class Discord:
    """Whether Discord is connected, as a test wants it."""

    connected = True

    def is_ready(self) -> bool:
        """As discord.py's client says it."""
        return self.connected


@pytest.fixture
def discord() -> Discord:
    """A connection that a test can break."""
    return Discord()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the database lies."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
async def store(folder: Path) -> AsyncIterator[Store]:
    """A database with two jobs, one of them with two pictures."""
    store = await Store.open(f"sqlite+aiosqlite:///{folder}/reelcord.db", clock=lambda: NOW)
    await store.add(job("abc234", picture("image/png", PNG), picture("image/webp", b"RIFF")))
    await store.add(job("def567", status=Status.COMPLETED))
    yield store
    await store.close()


@pytest.fixture
async def client(store: Store, discord: Discord) -> AsyncIterator[Client]:
    """A client of the running server."""
    app = application(store, LINKS, ready=discord.is_ready, clock=lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_healthz_says_that_the_process_lives(client: Client, discord: Discord):
    """Alive even while Discord is away: a restart would not bring it back."""
    discord.connected = False

    answer = await client.get("/healthz")

    assert (answer.status, await answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(("connected", "status"), [(True, 200), (False, 503)])
async def test_readyz_names_what_is_missing(client: Client, discord: Discord, connected: bool, status: int):
    """Ready only when Discord is connected too."""
    discord.connected = connected

    answer = await client.get("/readyz")

    assert (answer.status, await answer.json()) == (status, {"discord": connected, "database": True})


async def test_readyz_sees_a_database_that_is_gone(client: Client, store: Store, folder: Path):
    """A volume that was taken away is found out, and the process still answers."""
    await store.close()
    await asyncio.to_thread(folder.rename, folder.with_name("elsewhere"))

    answer = await client.get("/readyz")

    assert (answer.status, await answer.json()) == (503, {"discord": True, "database": False})


async def test_metrics_count_the_jobs_as_they_stand(client: Client, store: Store):
    """Prometheus' own parser reads one gauge a status, zeros included, and follows the database."""
    expected = dict.fromkeys([status.value for status in Status], 0.0) | {"queued": 1.0, "completed": 1.0}
    assert await jobs_by_status(client) == expected

    await store.add(job("ghj789"))

    assert await jobs_by_status(client) == expected | {"queued": 2.0}


async def test_metrics_tell_of_the_process_and_the_links(client: Client):
    """Memory of the process, and how many links were honoured and how many were not."""
    await client.get(LINKS.sign("/inputs/abc234/0", int(NOW) + 1))
    await client.get("/inputs/abc234/0")
    await client.get("/inputs/abc234/1")

    answer = await client.get("/metrics")
    text = await answer.text()

    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert "process_resident_memory_bytes" in text
    assert 'reelcord_input_requests_total{outcome="served"} 1.0' in text
    assert 'reelcord_input_requests_total{outcome="refused"} 2.0' in text


@pytest.mark.parametrize(("n", "content_type", "data"), [(0, "image/png", PNG), (1, "image/webp", b"RIFF")])
async def test_a_good_link_brings_the_picture(client: Client, n: int, content_type: str, data: bytes):
    """The bytes as they were given, under their own type, for this asker only and not to be guessed at."""
    answer = await client.get(LINKS.sign(f"/inputs/abc234/{n}", int(NOW) + 1))

    assert (answer.status, await answer.read()) == (200, data)
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Cache-Control"] == "private"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Server"] == "reelcord"


async def test_head_tells_type_and_length(client: Client):
    """Some services ask before they fetch."""
    answer = await client.head(LINKS.sign("/inputs/abc234/0", int(NOW) + 1))

    assert (answer.status, await answer.read()) == (200, b"")
    assert (answer.headers["Content-Type"], answer.headers["Content-Length"]) == ("image/png", str(len(PNG)))


def moved(url: str) -> str:
    """A link with another picture's signature."""
    return url.replace("/abc234/0", "/abc234/1")


@pytest.mark.parametrize(
    "url",
    [
        "/inputs/abc234/0",
        "/inputs/abc234/0?expires=9999999999&signature=" + "0" * 64,
        "/inputs/abc234/0?expires=%FF&signature=%FF",
        LINKS.sign("/inputs/abc234/0", int(NOW)),
        moved(LINKS.sign("/inputs/abc234/0", int(NOW) + 1)),
        LINKS.sign("/inputs/abc234/2", int(NOW) + 1),
        LINKS.sign("/inputs/zzz999/0", int(NOW) + 1),
        "/inputs/abc234",
        "/inputs/",
        "/",
    ],
    ids=["unsigned", "forged", "rubbish", "expired", "moved", "no such picture", "no such job", "list", "all", "root"],
)
async def test_every_other_link_gets_the_same_answer(client: Client, url: str):
    """Nothing tells a stranger whether a job is there."""
    answer = await client.get(url)

    assert (answer.status, await answer.text()) == (404, "404: Not Found")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_without_links_there_are_no_inputs(store: Store, discord: Discord):
    """An operator who sets no PUBLIC_URL offers nothing, not even to a genuine signature."""
    async with TestClient(TestServer(application(store, None, ready=discord.is_ready))) as client:
        answer = await client.get(LINKS.sign("/inputs/abc234/0", 2**40))

    assert answer.status == 404


async def test_the_server_listens_from_start_to_stop(store: Store, discord: Discord):
    """It answers on the address it was given, and gives it back."""
    port = free_port()
    async with ClientSession() as session:
        for _ in range(2):
            server = WebServer(store, LINKS, ready=discord.is_ready, host="127.0.0.1", port=port)
            await server.start()
            async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                assert answer.status == 200
            await server.stop()


async def test_port_0_switches_the_server_off(store: Store, discord: Discord):
    """Nothing listens; a host that cannot exist shows that nothing tried to."""
    server = WebServer(store, LINKS, ready=discord.is_ready, host="no such host", port=0)
    await server.start()
    await server.stop()


async def test_a_port_that_is_taken_is_said(store: Store, discord: Discord):
    """One line that names the setting, the address and the ways out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError) as caught:
            await WebServer(store, LINKS, ready=discord.is_ready, host="127.0.0.1", port=port).start()

    assert str(caught.value).startswith(f"HTTP_PORT: cannot listen on 127.0.0.1:{port} (")
    assert str(caught.value).endswith("); choose another port, or 0 for none")


async def jobs_by_status(client: Client) -> dict[str, float]:
    """The gauge of jobs as Prometheus reads it."""
    text = await (await client.get("/metrics")).text()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    return {sample.labels["status"]: sample.value for sample in families["reelcord_jobs"].samples}


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
