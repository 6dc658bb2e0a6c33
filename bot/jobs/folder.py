"""Delivery into a folder: the headless worker's way, and the tests'."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bot.jobs.delivery import DeliveryDelayed, Posted, Result
from bot.jobs.job import Job


class FolderDelivery:
    """Copies each video to `<folder>/<job id>.mp4` and keeps its recipe and status beside it as JSON."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def find(self, job: Job) -> Posted | None:
        """What is in the folder already; a file there is whole."""
        target = self._folder / f"{job.id}.mp4"
        return _posted(target) if await asyncio.to_thread(target.exists) else None

    async def post(self, job: Job, result: Result) -> Posted:
        """Copy the video and its poster; each file appears whole or not at all.

        Raises:
            DeliveryDelayed: the folder cannot be written now.
        """
        if result.poster:
            still = result.poster
            await _put(self._folder / f"{job.id}.jpg", lambda part: shutil.copyfile(still, part))
        target = self._folder / f"{job.id}.mp4"
        await _put(target, lambda part: shutil.copyfile(result.video.path, part))
        return _posted(target)

    async def show(self, job: Job, poster: Path | None = None) -> None:  # noqa: ARG002 - it came with the video
        """Write what is known of the job beside its video.

        Raises:
            DeliveryDelayed: the folder cannot be written now.
        """
        card = {
            "id": job.id,
            "command": job.command,
            "prompt": job.prompt,
            "recipe": job.recipe,
            "notes": list(job.notes),
            "status": job.status.value,
            "progress": job.progress,
            "reason": job.reason,
            "video_id": job.video_id,
            "video": job.message_url,
        }
        text = json.dumps(card, ensure_ascii=False, indent=2) + "\n"
        await _put(self._folder / f"{job.id}.json", lambda part: part.write_text(text, encoding="utf-8"))

    async def renew(self, urls: Sequence[str]) -> Mapping[str, str]:
        """Each link as it is: only Discord can renew its own."""
        return {url: url for url in urls}


def _posted(target: Path) -> Posted:
    return Posted(message_id=None, url=target.absolute().as_uri())


async def _put(target: Path, write: Callable[[Path], object]) -> None:
    try:
        await asyncio.to_thread(_put_whole, target, write)
    except OSError as error:
        raise DeliveryDelayed(f"{target} cannot be written: {error.strerror}") from error


def _put_whole(target: Path, write: Callable[[Path], object]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    write(part)
    part.replace(target)
