"""A real database, a real video API on loopback, and workers on them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from pydantic import SecretStr

from bot.api.client import VideoApi
from bot.jobs.disk import Disk
from bot.jobs.job import Destination, Job, Status, id_from
from bot.jobs.presence import new_owner
from bot.jobs.schedule import Pace
from bot.jobs.steps import Tools
from bot.jobs.store import Store
from bot.jobs.upstreams import Upstreams
from bot.jobs.videos import Retention, Videos
from bot.jobs.worker import Worker
from bot.links import Links
from bot.media import ffmpeg
from bot.requests.base import Submission
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.jobs.place import Place
from tests.integration.jobs.rows import Hands
from tests.postgres import new_postgres, postgres_server


def _video() -> bytes:
    """A whole video, as small as they come."""
    source = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=8:duration=0.5"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "v.mp4"
        command = [ffmpeg(), "-v", "error", *source, "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(path)]
        subprocess.run(command, check=True)
        return path.read_bytes()


VIDEO = _video()
PACE = {"poll_interval": 0.02, "job_timeout": 3600.0, "off_peak_timeout": 7200.0}
LINKS = Links(base_url="https://bot.example", key=bytes(32))


class Clock:
    """The time, which a test may set ahead."""

    ahead = 0.0

    def __call__(self) -> float:
        """Unix seconds."""
        return time.time() + self.ahead


class Bench:
    """One database file, one video API, one place, and as many workers as a test wants."""

    def __init__(self, store: Store, api: VideoApiSandbox, place: Place, clock: Clock, data_dir: Path) -> None:
        self.store, self.api, self.place, self.clock, self.data_dir = store, api, place, clock, data_dir
        self.workers: list[Worker] = []

    @property
    def spool(self) -> Path:
        """Where videos wait for their place."""
        return self.data_dir / "spool"

    def files(self) -> list[str]:
        """All that DATA_DIR holds of videos and stills."""
        folders = [self.data_dir / name for name in ("spool", "originals", "posters")]
        return sorted(
            f"{folder.name}/{path.name}" for folder in folders if folder.exists() for path in folder.iterdir()
        )

    @property
    def database(self) -> Path:
        """The file."""
        return self.data_dir / "reelcord.db"

    @asynccontextmanager
    async def working(
        self, *, url: str | None = None, names: Sequence[str] = ("octopusx",), **options: Any
    ) -> AsyncIterator[Worker]:
        """A worker at work on the bench's database."""
        limits = {"max_bytes": options.pop("max_bytes")} if "max_bytes" in options else {}
        apis = {name: VideoApi(name, url or self.api.url, SecretStr(self.api.key), **limits) for name in names}
        pace = PACE | {name: options.pop(name) for name in PACE if name in options}
        given = {"links": None, "retention": Retention(), "owner": new_owner(), "clock": self.clock} | options
        store = await Store.open(f"sqlite:///{self.database}", clock=given["clock"])
        worker = Worker(store, apis, self.place, pace=Pace(**pace), data_dir=self.data_dir, **given)
        running = asyncio.create_task(worker.run())
        self.workers.append(worker)
        try:
            yield worker
        finally:
            self.workers.remove(worker)
            worker.stop()
            try:
                await running
            finally:
                for each in apis.values():
                    await each.aclose()
                await store.close()

    async def add(self, job: Job, **outcome: Any) -> Job:
        """A row for the workers, and what is to become of its video at the service."""
        what: dict[str, Any] = {"video": VIDEO} | outcome
        self.api.next(**what)
        await self.store.add(job)
        self.wake()
        return job

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self.clock.ahead += seconds
        self.wake()

    def wake(self) -> None:
        """Have every worker look at once."""
        for worker in self.workers:
            worker.wake()

    async def until(self, job: Job, test: Status | Callable[[Job], bool], seconds: float = 30.0) -> Job:
        """The job, once it is as wanted."""
        seen = None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    seen = await self.store.get(job.id)
                    assert seen is not None
                    if seen.status is test if isinstance(test, Status) else test(seen):
                        return seen
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"still {seen}") from None

    async def idle(self) -> None:
        """Return once no step is at work: what the service answered is saved, and what is left alone is known."""
        async with asyncio.timeout(30):
            while await self.store.leased():  # noqa: ASYNC110 - a row tells nobody
                await asyncio.sleep(0.01)

    async def settled(self, job: Job) -> Job:
        """The job, once nothing is left to do."""
        return await self.until(job, lambda seen: seen.due_at is None)

    async def rushed(self, job: Job, test: Callable[[Job], bool] = lambda seen: seen.due_at is None) -> Job:
        """The job, once nothing is left to do or it is as wanted, its waits cut short."""
        async with asyncio.timeout(60):
            while True:
                seen = await self.store.get(job.id)
                assert seen is not None
                if test(seen):
                    return seen
                assert seen.due_at is not None
                # A job that is due may still wait, for its service to be probed: time goes on for it, too.
                self.advance(max(0.1, seen.due_at - self.clock()))
                await asyncio.sleep(0.005)

    async def process(self) -> Process:
        """A worker as a process of its own, to be killed."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("run_worker.py")),
            f"sqlite:///{self.database}",
            self.api.url,
            str(self.data_dir),
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        )


MakeJob: TypeAlias = Callable[..., Job]


def _job(**changes: Any) -> Job:
    fields: dict[str, Any] = {
        "model": "veo_3_1-fast",
        "prompt": "a lighthouse at dawn",
        "size": "1280x720",
        "seconds": "8",
    }
    given = {
        "id": id_from(token_hex()),
        "command": "veo",
        "prompt": "a lighthouse at dawn",
        "recipe": {"model": "veo_3_1-fast", "size": "1280x720"},
        "destination": Destination(user_id=2**63 - 5, channel_id=7, guild_id=2**62, card_id=9, token="aW50ZXJhY3Rpb24"),
        "submission": Submission(upstream="octopusx", submit_path="/v1/videos", fields=fields),
        "created_at": time.time(),
        "due_at": 0.0,
    }
    return Job(**(given | changes))


@pytest.fixture
def make_job() -> MakeJob:
    """Makes a queued job that is due, with changes."""
    return _job


@pytest.fixture
def clock() -> Clock:
    """The engine's clock."""
    return Clock()


@pytest.fixture
async def bench(tmp_path: Path, clock: Clock) -> AsyncIterator[Bench]:
    """Everything but the worker."""
    store = await Store.open(f"sqlite:///{tmp_path}/reelcord.db", clock=clock)
    async with VideoApiSandbox(seconds_to_done=0.05, quality="tiny") as api:
        yield Bench(store, api, Place(tmp_path / "place"), clock, tmp_path)
    await store.close()


@pytest.fixture
async def tools(bench: Bench, hands: Hands) -> AsyncIterator[Tools]:
    """What a step works with where no worker runs it: the bench's service and place, a standing clock, and no luck."""
    api = VideoApi("octopusx", bench.api.url, SecretStr(bench.api.key), clock=hands)
    videos = Videos(bench.data_dir)
    videos.make_folders()
    yield Tools(
        upstreams=Upstreams({"octopusx": api}, hands),
        delivery=bench.place,
        videos=videos,
        retention=Retention(),
        disk=Disk(),
        links=None,
        pace=Pace(poll_interval=15.0, job_timeout=7200.0, off_peak_timeout=172_800.0),
        clock=hands,
        roll=lambda: 0.0,
    )
    await api.aclose()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The socket folder of a real PostgreSQL."""
    with postgres_server(tmp_path_factory.mktemp("run")) as host:
        yield host


NewDatabase: TypeAlias = Callable[[], Awaitable[str]]


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> NewDatabase:
    """Makes an empty database of each kind; returns its URL."""
    if request.param == "sqlite":

        async def sqlite() -> str:
            return f"sqlite:///{tmp_path}/{uuid4().hex}.db"

        return sqlite
    host: str = request.getfixturevalue("postgres")

    return lambda: new_postgres(host)


@pytest.fixture
def hands() -> Hands:
    """The clock of `store` and of `tools`."""
    return Hands()


@pytest.fixture
async def store(new_database: NewDatabase, hands: Hands) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    store = await Store.open(await new_database(), clock=hands)
    yield store
    await store.close()
