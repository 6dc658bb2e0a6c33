"""What the tests of the store make their rows of, and the clock they are read by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.jobs.job import Job
from bot.requests.base import Image, InputFile, Submission


class Hands:
    """A clock whose hands a test moves."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now


def with_files(job: Job) -> Job:
    """The job with two pictures, a link, notes, and fields of every kind."""
    picture = Image(name="a.png", content_type="image/png", width=1, height=1, data=b"\x89PNG\x00\xff")
    files = (InputFile.of("image[]", picture), InputFile.of("image[]", picture.model_copy(update={"name": "b.png"})))
    fields: dict[str, Any] = {"prompt": "ünïcödé 🎬", "nested": {"deep": [1, 2.5, None, True]}, "image": "https://x/a"}
    submission = Submission(
        upstream="uniall",
        submit_path="/v1/x",
        encoding="multipart",
        fields=fields,
        files=files,
        links=("image",),
        patient=True,
    )
    return replace(job, submission=submission, notes=("Told, not refused.",))
