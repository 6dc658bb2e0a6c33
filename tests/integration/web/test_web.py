"""The web server over real sockets, on a real database: health, metrics, pictures."""

import asyncio
import logging
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from bot import web
from bot.errors import SettingsError
from bot.jobs.job import Status
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.web import WebServer, application
from tests.integration.web.conftest import LINKS, NOW, PNG, VIDEO, Client, Discord, job
from tests.ports import free_port


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


async def test_readyz_sees_a_database_that_cannot_be_written(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """Another program keeps it to itself: no command could be taken, though all could be read."""
    monkeypatch.setattr(web, "_DATABASE_SECONDS", 0.05)
    with closing(sqlite3.connect(folder / "reelcord.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        answer = await client.get("/readyz")

    assert (answer.status, await answer.json()) == (503, {"discord": True, "database": False})


async def test_readyz_takes_one_turn_to_write_however_many_ask(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """An order waits behind one try, not behind all those of a port that strangers reach, or of minutes of trouble."""
    monkeypatch.setattr(web, "_DATABASE_SECONDS", 0.05)
    with closing(sqlite3.connect(folder / "reelcord.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert (await client.get("/readyz")).status == 503
        waiting = len(asyncio.all_tasks())

        assert [(await client.get("/readyz")).status for _ in range(5)] == [503] * 5

        assert len(asyncio.all_tasks()) <= waiting
    monkeypatch.setattr(web, "_DATABASE_SECONDS", 30.0)
    assert [(await client.get("/readyz")).status for _ in range(2)] == [200] * 2


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
    await client.get(LINKS.sign("/videos/abc234.mp4", int(NOW) + 1))
    await client.head(LINKS.sign("/videos/abc234.mp4", int(NOW) + 1))
    await client.get(LINKS.sign("/videos/def567.mp4", int(NOW) + 1))

    answer = await client.get("/metrics")
    text = await answer.text()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    requests = {
        (sample.labels["kind"], sample.labels["outcome"]): sample.value
        for sample in families["reelcord_link_requests"].samples
        if sample.name.endswith("_total")
    }

    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert families["process_resident_memory_bytes"].samples[0].value > 1e6
    assert requests == {
        ("input", "served"): 1,
        ("input", "refused"): 2,
        ("video", "served"): 2,
        ("video", "refused"): 1,
    }


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


@pytest.mark.parametrize("path", ["/inputs/abc234/0", "/videos/abc234.mp4"])
async def test_without_links_nothing_is_offered(store: Store, videos: Videos, discord: Discord, path: str):
    """An operator who sets no PUBLIC_URL offers nothing, not even to a genuine signature."""
    async with TestClient(TestServer(application(store, None, videos, ready=discord.is_ready))) as client:
        answer = await client.get(LINKS.sign(path, 2**40))

        assert (answer.status, await answer.text()) == (404, "404: Not Found")


async def test_the_server_listens_from_start_to_stop(store: Store, videos: Videos, discord: Discord):
    """It answers on the address it was given, and gives it back."""
    port = free_port()
    async with ClientSession() as session:
        for _ in range(2):
            server = WebServer(store, LINKS, videos, ready=discord.is_ready, host="127.0.0.1", port=port)
            await server.start()
            async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                assert answer.status == 200
            await server.stop()


async def test_no_link_is_written_to_the_log(
    store: Store, videos: Videos, discord: Discord, caplog: pytest.LogCaptureFixture
):
    """A signed link in a log would be open to all who read it, so there is no access log on any level."""
    caplog.set_level(logging.DEBUG)
    port = free_port()
    server = WebServer(store, LINKS, videos, ready=discord.is_ready, host="127.0.0.1", port=port)
    await server.start()
    path = LINKS.sign("/videos/abc234.mp4", 2**40)
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        assert (answer.status, await answer.read()) == (200, VIDEO)
    await server.stop()

    assert "signature" not in caplog.text
    assert "/videos/" not in caplog.text


@pytest.mark.parametrize(
    "broken",
    ["GET {link}\x01 HTTP/1.1", "GET {link} HTTP/9.9.9", f"GET {{link}}{'0' * 9000} HTTP/1.1"],
    ids=["control", "version", "long"],
)
async def test_no_broken_request_is_written_to_the_log(
    broken: str, store: Store, videos: Videos, discord: Discord, caplog: pytest.LogCaptureFixture
):
    """A stranger could fill the disk with tracebacks, and each would quote the link."""
    port = free_port()
    server = WebServer(store, LINKS, videos, ready=discord.is_ready, host="127.0.0.1", port=port)
    await server.start()
    link = LINKS.sign("/videos/abc234.mp4", 2**40).removeprefix(LINKS.base_url)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(broken.format(link=link).encode() + b"\r\nHost: bot.example\r\n\r\n")
    async with asyncio.timeout(30):
        assert b" 400 Bad Request" in await reader.readline()
    writer.close()
    await server.stop()

    assert [record for record in caplog.records if record.name == "aiohttp.server"] == []


async def test_port_0_switches_the_server_off(store: Store, videos: Videos, discord: Discord):
    """Nothing listens; a host that cannot exist shows that nothing tried to."""
    server = WebServer(store, LINKS, videos, ready=discord.is_ready, host="no such host", port=0)
    await server.start()
    await server.stop()


async def test_a_port_that_is_taken_is_said(store: Store, videos: Videos, discord: Discord):
    """One line that names the setting, the address and the ways out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError) as caught:
            await WebServer(store, LINKS, videos, ready=discord.is_ready, host="127.0.0.1", port=port).start()

    assert str(caught.value).startswith(f"HTTP_PORT: cannot listen on 127.0.0.1:{port} (")
    assert str(caught.value).endswith("); choose another port, or 0 for none")


async def jobs_by_status(client: Client) -> dict[str, float]:
    """The gauge of jobs as Prometheus reads it."""
    text = await (await client.get("/metrics")).text()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    return {sample.labels["status"]: sample.value for sample in families["reelcord_jobs"].samples}
