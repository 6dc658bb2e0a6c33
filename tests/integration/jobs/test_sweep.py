"""The sweep: files on a real disk and rows in a real database, told apart."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.jobs.job import Job, Status
from bot.jobs.sweep import sweep
from bot.jobs.videos import DAY, Retention, Videos

MakeJob = Callable[..., Job]
ENDS = {"due_at": None, "video_id": "v", "video_url": "https://cdn/v.mp4"}


def _put(folder: Path, name: str, *, age: float, size: int = 4) -> None:
    """A file that was last written to so many seconds ago; a name that ends in / is a folder."""
    folder.mkdir(exist_ok=True)
    path = folder / name.rstrip("/")
    if name.endswith("/"):
        path.mkdir()
        (path / "passes-0.log").write_bytes(b"x")
    else:
        path.write_bytes(b"x" * size)
    then = time.time() - age
    os.utime(path, (then, then))


@pytest.fixture
def videos(tmp_path: Path) -> Videos:
    """The files of the bench's DATA_DIR."""
    videos = Videos(tmp_path)
    videos.make_folders()
    return videos


async def _leave_all_kinds(bench: Any, make_job: MakeJob, now: float) -> None:
    """Files of jobs in every state and of none, each as old as its kind can be."""
    kept = {"original_url": "https://bot/a", "original_until": now + DAY, "finished_at": now - DAY}
    for job in (
        make_job(id="active", status=Status.DELIVERING),
        make_job(id="kept", status=Status.COMPLETED, **ENDS | kept),
        make_job(id="lapsed", status=Status.COMPLETED, **ENDS | kept | {"original_until": now - 1}),
        make_job(id="held", status=Status.HELD, finished_at=now - 13 * DAY, **ENDS),
        make_job(id="stale", status=Status.HELD, finished_at=now - 15 * DAY, **ENDS),
        make_job(id="done", status=Status.COMPLETED, finished_at=now - 2 * DAY, **ENDS),
    ):
        await bench.store.add(job)
    spool, originals, posters = (bench.data_dir / name for name in ("spool", "originals", "posters"))
    for name in ("active.mp4", "active.fit.mp4", "held.mp4", "held.fit.mp4", "stale.mp4", "done.mp4", "nobody.mp4"):
        _put(spool, name, age=40 * DAY)
    for name in ("kept.mp4", "nobody.mp4.part", ".fit-abc/", "lost+found/"):
        _put(spool, name, age=2 * DAY)
    for name in ("young.mp4", "young.mp4.part", ".fit-def/"):
        _put(spool, name, age=0.9 * DAY)
    _put(originals, "lapsed.mp4", age=2 * DAY)
    _put(originals, "kept.mp4", age=2 * DAY)
    for name in ("active.jpg", "done.jpg", "nobody.jpg"):
        _put(posters, name, age=31 * DAY)
    _put(posters, "kept.jpg", age=29 * DAY)
    _put(posters, ".done.part.jpg", age=2 * DAY)


async def test_the_sweep_takes_what_nobody_needs_and_nothing_else(bench: Any, videos: Videos, make_job: MakeJob):
    """Leftovers of crashes, what has had its time, and stills of a month ago."""
    now = time.time()
    await _leave_all_kinds(bench, make_job, now)
    with capture_logs() as logs:
        await sweep(bench.store, videos, Retention(), now)

    assert bench.files() == [
        "originals/kept.mp4",
        "posters/active.jpg",
        "posters/kept.jpg",
        "spool/.fit-def",
        "spool/active.fit.mp4",
        "spool/active.mp4",
        "spool/held.mp4",
        "spool/kept.mp4",
        "spool/lost+found",
        "spool/young.mp4",
        "spool/young.mp4.part",
    ]
    assert [line["files"] for line in logs if line.get("action") == "files_swept"] == [10]
    assert (await bench.store.get("lapsed")).original_url is None
    assert (await bench.store.get("kept")).original_url == "https://bot/a"


async def test_a_row_offers_no_original_that_the_cap_has_taken(bench: Any, videos: Videos, make_job: MakeJob):
    """The oldest go first; a link of the service's own, which leads elsewhere, stays in its row."""
    now = time.time()
    for age, name in enumerate(("new", "old", "oldest")):
        link = {"original_url": f"https://bot/{name}", "original_until": now + DAY}
        ends = ENDS | link | {"finished_at": now - age * 100}
        await bench.store.add(make_job(id=name, status=Status.COMPLETED, **ends))
        _put(bench.data_dir / "originals", f"{name}.mp4", age=2 * DAY, size=1000)
    elsewhere = make_job(id="elsewhere", status=Status.COMPLETED, original_url="https://cdn/v.mp4", **ENDS)
    await bench.store.add(elsewhere)
    _put(bench.spool, "elsewhere.mp4", age=2 * DAY)

    await sweep(bench.store, videos, Retention(originals_most=1500), now)

    assert bench.files() == ["originals/new.mp4"]
    rows = {name: await bench.store.get(name) for name in ("new", "old", "oldest", "elsewhere")}
    assert {name: (row.original_url, row.original_until, row.revision) for name, row in rows.items()} == {
        "new": ("https://bot/new", now + DAY, 0),
        "old": (None, None, 0),
        "oldest": (None, None, 0),
        "elsewhere": ("https://cdn/v.mp4", None, 0),
    }


async def test_a_disk_that_refuses_keeps_only_that_file(bench: Any, videos: Videos, monkeypatch: pytest.MonkeyPatch):
    """It is tried again the next time; the others go."""
    for name in ("first.mp4", "second.mp4", "third.mp4"):
        _put(bench.spool, name, age=2 * DAY)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "second.mp4":
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(Path, "unlink", refuse)
        await sweep(bench.store, videos, Retention(), time.time())
    assert bench.files() == ["spool/second.mp4"]
    assert [line["file"] for line in logs if line.get("action") == "file_left"] == ["second.mp4"]
    await sweep(bench.store, videos, Retention(), time.time())
    assert bench.files() == []


async def test_a_folder_that_is_gone_stops_no_sweep(bench: Any, videos: Videos):
    """Somebody has tidied up, or a volume is not mounted."""
    (bench.data_dir / "posters").rmdir()
    _put(bench.spool, "nobody.mp4", age=2 * DAY)
    await sweep(bench.store, videos, Retention(), time.time())
    assert bench.files() == []


async def test_a_thousand_files_are_asked_about(bench: Any, videos: Videos, make_job: MakeJob):
    """More than one statement takes: each job is found all the same."""
    jobs = [make_job(status=Status.IN_PROGRESS) for _ in range(3)]
    for job in jobs:
        await bench.store.add(job)
        _put(bench.spool, f"{job.id}.mp4", age=2 * DAY)
    for number in range(1200):
        _put(bench.spool, f"{number}.mp4", age=2 * DAY)
    await sweep(bench.store, videos, Retention(), time.time())
    assert bench.files() == sorted(f"spool/{job.id}.mp4" for job in jobs)


async def test_a_worker_sweeps_when_it_starts(bench: Any, make_job: MakeJob):
    """By its own retention: a video held for longer than that is let go."""
    jobs = [make_job(status=Status.HELD, finished_at=time.time() - days * DAY, **ENDS) for days in (6, 8)]
    for job in jobs:
        await bench.store.add(job)
        _put(bench.spool, f"{job.id}.mp4", age=8 * DAY)
    async with bench.working(retention=Retention(originals_for=DAY, held_longer=6 * DAY)):
        await bench.api.wait_for(lambda: bench.files() == [f"spool/{jobs[0].id}.mp4"])
