"""Delivery into a folder: the headless worker's way, and the tests'."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.jobs.delivery import DeliveryDelayed, Posted, Result
from bot.jobs.job import Job
from bot.jobs.promise import Promise
from bot.links import Links


class FolderDelivery:
    """Three files for each job: `<id>.mp4` the video, `<id>.jpg` its poster, `<id>.json` what it was made from.

    The video is the service's own, byte for byte: a folder has no size limit, and what does not play everywhere, such
    as HEVC, is left for its owner to convert. Each file appears whole or not at all; the video comes after its poster,
    so that whoever waits for it finds both. The JSON is there from the first news of the job on.
    """

    def __init__(self, folder: Path, links: Links | None, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._links = links
        self._clock = clock

    async def find(self, job: Job) -> Posted | None:
        """What is in the folder already; a file there is whole."""
        target = self._place(job, "mp4")
        return _posted(target) if await asyncio.to_thread(target.exists) else None

    async def post(self, job: Job, result: Result) -> Posted:
        """Copy the video and its poster.

        Raises:
            DeliveryDelayed: the folder cannot be written now.
        """
        if result.poster:
            poster = result.poster
            await _put(self._place(job, "jpg"), lambda part: shutil.copyfile(poster, part))
        target = self._place(job, "mp4")
        await _put(target, lambda part: shutil.copyfile(result.video.path, part))
        return _posted(target)

    async def show(self, job: Job, poster: Path | None = None) -> None:  # noqa: ARG002 - it came with the video
        """Write what is known of the job beside its video.

        Raises:
            DeliveryDelayed: the folder cannot be written now.
        """
        await _put(self._place(job, "json"), lambda part: part.write_text(self._said_of(job), encoding="utf-8"))

    async def retract(self, promise: Promise) -> None:  # noqa: ARG002 - it is made and told elsewhere
        """Leave it to a process that can reach the person.

        Raises:
            DeliveryDelayed: always.
        """
        raise DeliveryDelayed("A folder has no cards.")

    async def renew(self, urls: Sequence[str]) -> Mapping[str, str]:
        """Our own links signed anew, and every other as it is: only Discord can renew those of its attachments."""
        return {url: self._links.renewed(url, self._clock()) if self._links else url for url in urls}

    def _place(self, job: Job, kind: str) -> Path:
        return self._folder / f"{job.id}.{kind}"

    def _said_of(self, job: Job) -> str:
        """The JSON: times as ISO 8601 in UTC, files by their names, so that the folder can be moved."""
        said: dict[str, Any] = {
            "id": job.id,
            "command": job.command,
            "prompt": job.prompt,
            "recipe": job.recipe,
            "notes": list(job.notes),
            "status": job.status.value,
            "progress": job.progress,
            "reason": job.reason,
            "video_id": job.video_id,
            "created_at": _time(job.created_at),
            "submitted_at": _time(job.submitted_at),
            "finished_at": _time(job.finished_at),
            "video": _name(self._place(job, "mp4")),
            "poster": _name(self._place(job, "jpg")),
        }
        return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _posted(target: Path) -> Posted:
    return Posted(message_id=None, url=target.absolute().as_uri())


def _time(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def _name(path: Path) -> str | None:
    return path.name if path.exists() else None


async def _put(target: Path, write: Callable[[Path], object]) -> None:
    try:
        await asyncio.to_thread(_put_whole, target, write)
    except OSError as error:
        raise DeliveryDelayed(f"{target} cannot be written: {error.strerror}") from error


def _put_whole(target: Path, write: Callable[[Path], object]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        write(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
