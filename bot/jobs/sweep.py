"""Which files of DATA_DIR go: those whose time is over, those beyond the cap, and what a crash has left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from bot.jobs.job import Standing
from bot.jobs.store import Store
from bot.jobs.videos import DAY, Found, Kind, Retention, Videos

FRESH = 3600.0
"""Seconds for which a file is left alone whatever is known of it: another process may be at work on it."""
LEFTOVER = DAY
"""Seconds after which a file that nothing accounts for is what a crash has left."""

_log = structlog.stdlib.get_logger(__name__)


async def sweep(store: Store, videos: Videos, retention: Retention, now: float) -> None:
    """Take away what nobody needs any more; what the disk refuses is tried again the next time."""
    found = await asyncio.to_thread(videos.found)
    jobs = await store.upkeep.standings({file.job_id for file in found if file.job_id})
    gone = doomed(found, jobs, retention, now)
    if not gone:
        return
    # The rows first: after a crash in between, the file is a leftover like any other.
    await store.upkeep.forget_originals({file.job_id for file in gone if file.kind is Kind.VIDEO})
    freed = await asyncio.to_thread(_remove, videos, gone)
    _log.info("Files that nobody needs were taken away", action="files_swept", files=len(gone), freed=freed)


def doomed(files: Sequence[Found], jobs: Mapping[str, Standing], retention: Retention, now: float) -> list[Found]:
    """The files to take away; `jobs` are those that the store knows of the files' jobs, by id.

    Never one of a job that wants a step, and never a fresh one. A held video counts for the cap but never goes to make
    room: it is in no place yet.
    """
    old = [file for file in files if now - file.written_at >= FRESH and not _at_work(jobs.get(file.job_id))]
    over = {file.path for file in old if now >= _until(file, jobs.get(file.job_id), retention)}
    originals = [
        (file, job)
        for file in files
        if file.kind is Kind.VIDEO and file.path not in over and (job := jobs.get(file.job_id)) and job.is_kept
    ]
    may_go = {file.path for file in old}
    excess = sum(file.size for file, _ in originals) - retention.originals_most
    for file, job in sorted(originals, key=lambda each: (each[1].ended_at, each[0].path)):
        if excess > 0 and file.path in may_go and not job.held:
            over.add(file.path)
            excess -= file.size
    return [file for file in files if file.path in over]


def _at_work(job: Standing | None) -> bool:
    return job is not None and job.at_work


def _until(file: Found, job: Standing | None, retention: Retention) -> float:
    """When a file's time is over, in Unix seconds."""
    if file.kind is Kind.POSTER:
        return file.written_at + retention.posters_for
    if file.kind is Kind.VIDEO and job is not None:
        if job.held:
            return job.ended_at + retention.held_for
        if job.original_until is not None:
            return job.original_until
    return file.written_at + LEFTOVER


def _remove(videos: Videos, gone: Sequence[Found]) -> int:
    """Remove files; returns how many bytes that freed."""
    freed = 0
    for file in gone:
        try:
            videos.remove(file)
        except OSError as error:
            _log.warning("A file could not be taken away", action="file_left", file=file.path.name, error=str(error))
        else:
            freed += file.size
    return freed
