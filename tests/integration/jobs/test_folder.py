"""Delivery into a folder: three files for each job, each whole or not there."""

import json
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.jobs.delivery import DeliveryDelayed, Posted, Result
from bot.jobs.folder import FolderDelivery
from bot.jobs.job import Job, Status
from bot.links import Links
from bot.media import Video

MakeJob = Callable[..., Job]
LINKS = Links(base_url="https://bot.example", key=b"k" * 32)
FILM, STILL = b"film" * 5000, b"still" * 1000


@pytest.fixture
def result(tmp_path: Path) -> Result:
    """A video that few clients play, and a still of it."""
    film, still = tmp_path / "spooled.mp4", tmp_path / "still.jpg"
    film.write_bytes(FILM)
    still.write_bytes(STILL)
    video = Video(
        path=film,
        size=len(FILM),
        seconds=8,
        width=1920,
        height=1080,
        video_codec="hevc",
        pixel_format="yuv420p10le",
        audio_codec=None,
        faststart=False,
    )
    return Result(video=video, poster=still, original=None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where results go; not there yet."""
    return tmp_path / "out" / "videos"


def contents(folder: Path) -> dict[str, bytes]:
    """What lies in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_a_result_is_copied_as_it_is(folder: Path, result: Result, make_job: MakeJob):
    """The service's own video, byte for byte, with its still; where it is, is said as a URL."""
    job = make_job()

    posted = await FolderDelivery(folder, None).post(job, result)

    assert posted == Posted(message_id=None, url=(folder / f"{job.id}.mp4").as_uri(), offers_original=False)
    assert contents(folder) == {f"{job.id}.mp4": FILM, f"{job.id}.jpg": STILL}
    assert result.video.path.read_bytes() == FILM


async def test_a_result_without_a_still_is_a_video_all_the_same(folder: Path, result: Result, make_job: MakeJob):
    """None could be taken."""
    job = make_job()

    await FolderDelivery(folder, None).post(job, Result(video=result.video, poster=None, original=None))

    assert contents(folder) == {f"{job.id}.mp4": FILM}


async def test_a_result_is_found_only_once_its_video_is_there(folder: Path, result: Result, make_job: MakeJob):
    """A still alone is what a crash between the two leaves."""
    job, delivery = make_job(), FolderDelivery(folder, None)
    assert await delivery.find(job) is None
    folder.mkdir(parents=True)
    (folder / f"{job.id}.jpg").write_bytes(STILL)
    (folder / f"{job.id}.mp4.part").write_bytes(FILM[:7])
    assert await delivery.find(job) is None

    posted = await delivery.post(job, result)

    assert await delivery.find(job) == posted
    assert contents(folder) == {f"{job.id}.mp4": FILM, f"{job.id}.jpg": STILL}


async def test_the_json_of_a_finished_job_says_how_it_was_made(folder: Path, result: Result, make_job: MakeJob):
    """All that a person wants to know later: what was asked, what was made of it, when, and which files belong to it."""
    delivery = FolderDelivery(folder, None)
    job = make_job(
        command="veo31 text",
        prompt="ein Fuchs im Schnee ❄",
        recipe={"model": "veo3.1-video-4k", "seed": "7"},
        notes=("The size was changed to 1280x720.",),
        status=Status.COMPLETED,
        progress=100,
        video_id="task_1",
        created_at=1_700_000_000.0,
        submitted_at=1_700_000_001.25,
        finished_at=1_700_000_090.75,
    )
    await delivery.post(job, result)

    await delivery.show(job)

    text = (folder / f"{job.id}.json").read_text(encoding="utf-8")
    assert json.loads(text) == {
        "id": job.id,
        "command": "veo31 text",
        "prompt": "ein Fuchs im Schnee ❄",
        "recipe": {"model": "veo3.1-video-4k", "seed": "7"},
        "notes": ["The size was changed to 1280x720."],
        "status": "completed",
        "progress": 100,
        "reason": None,
        "video_id": "task_1",
        "created_at": "2023-11-14T22:13:20+00:00",
        "submitted_at": "2023-11-14T22:13:21+00:00",
        "finished_at": "2023-11-14T22:14:50+00:00",
        "video": f"{job.id}.mp4",
        "poster": f"{job.id}.jpg",
    }
    assert "ein Fuchs im Schnee ❄" in text
    assert "token" not in text


async def test_the_json_of_a_job_under_way_names_no_file_that_is_not_there(folder: Path, make_job: MakeJob):
    """It is written from the first news on, and anew with each."""
    delivery, job = FolderDelivery(folder, None), make_job(status=Status.IN_PROGRESS)
    for progress in (10, 60):
        await delivery.show(job.evolve(progress=progress))

    said = json.loads((folder / f"{job.id}.json").read_text())
    assert (said["status"], said["progress"]) == ("in_progress", 60)
    assert [said[name] for name in ("submitted_at", "finished_at", "video", "poster")] == [None] * 4
    assert list(contents(folder)) == [f"{job.id}.json"]


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes, as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


async def test_a_disk_that_is_full_leaves_no_half_a_video(folder: Path, result: Result, make_job: MakeJob):
    """The still fits, the video does not: it is put off, nothing half stands there, and later it is whole."""
    job, delivery = make_job(), FolderDelivery(folder, None)

    with small_disk(len(STILL) + 1), pytest.raises(DeliveryDelayed, match=r"\.mp4 cannot be written: File too large"):
        await delivery.post(job, result)

    assert contents(folder) == {f"{job.id}.jpg": STILL}
    assert await delivery.find(job) is None
    await delivery.post(job, result)
    assert contents(folder) == {f"{job.id}.mp4": FILM, f"{job.id}.jpg": STILL}


async def test_our_own_links_are_signed_anew_and_no_others(folder: Path):
    """A picture that waited for its turn is still there for the service to fetch."""
    ours, theirs = LINKS.sign("/inputs/abc/0", 1_000), "https://cdn.example/attachments/1/2/fox.png?ex=1"
    delivery = FolderDelivery(folder, LINKS, clock=lambda: 5_000.0)

    assert await delivery.renew([ours, theirs]) == {
        ours: LINKS.sign("/inputs/abc/0", 5_000 + 24 * 3600),
        theirs: theirs,
    }
    assert await FolderDelivery(folder, None).renew([ours]) == {ours: ours}
