"""A running web server on a real database, and the files its links lead to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.jobs.job import Destination, Job, Status
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.links import Links
from bot.requests.base import InputFile, Submission
from bot.web import application

Client = TestClient[web.Request, web.Application]
NOW = 1_000_000.0
LINKS = Links(base_url="", key=bytes(32))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
VIDEO = bytes(range(256)) * 40


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
    """A database with two jobs, one of them with two pictures and a video."""
    store = await Store.open(f"sqlite+aiosqlite:///{folder}/reelcord.db", clock=lambda: NOW)
    await store.add(job("abc234", picture("image/png", PNG), picture("image/webp", b"RIFF")))
    await store.add(job("def567", status=Status.COMPLETED))
    yield store
    await store.close()


@pytest.fixture
def videos(folder: Path) -> Videos:
    """The files of the jobs: the first has an original that is kept."""
    videos = Videos(folder)
    videos.make_folders()
    videos.spooled("abc234").write_bytes(VIDEO)
    videos.keep("abc234")
    return videos


@pytest.fixture
async def client(store: Store, videos: Videos, discord: Discord) -> AsyncIterator[Client]:
    """A client of the running server."""
    app = application(store, LINKS, videos, ready=discord.is_ready, clock=lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        yield client
