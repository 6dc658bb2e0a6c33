"""The video service of a campaign: what it makes of an order is known by the order's prompt, however late it comes."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.media import ffmpeg
from bot.sandbox.video_api import VideoApiSandbox
from bot.sandbox.video_api.families import Family
from bot.sandbox.video_api.tasks import Plan as Accepted
from bot.sandbox.video_api.tasks import Task
from tests.crash.plan import Film

_CARD = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=12:duration=1")
_GRAIN = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24:duration=8,noise=alls=40:allf=t:all_seed=1")
_X264 = ("-c:v", "libx264", "-preset", "ultrafast")
_MADE = {
    "plain.mp4": (*_CARD, *_X264, "-pix_fmt", "yuv420p", "-movflags", "+faststart"),
    "late.mp4": (*_CARD, *_X264, "-pix_fmt", "yuv420p"),
    "odd.mp4": (*_GRAIN, *_X264, "-pix_fmt", "yuv444p", "-crf", "30"),
}


def shoot(folder: Path) -> Mapping[Film, Mapping[str, Any]]:
    """Make the three films of a campaign; returns what becomes of an order, by the film it asks for.

    One plays as it is, one has its index at the end and is repacked, and one takes a second or two to be re-encoded.
    """
    for name, options in _MADE.items():
        subprocess.run([ffmpeg(), "-v", "error", "-y", *options, str(folder / name)], check=True, timeout=60)
    plain = {"video": folder / "plain.mp4"}
    return {
        "plain": plain,
        "late": {"video": folder / "late.mp4"},
        "odd": {"video": folder / "odd.mp4"},
        "content": plain | {"url": "content"},
        "failing": {"fail": "Your request was blocked by our moderation system."},
        "stuck": {"stuck": True},
    }


class Service(VideoApiSandbox):
    """The stand-in, which hands out films by prompt."""

    def __init__(self, films: Mapping[Film, Mapping[str, Any]], **options: Any) -> None:
        super().__init__(quality="tiny", **options)
        self.films = films
        self.wanted: dict[str, Film] = {}  #: by prompt

    def create(
        self, family: Family, model: str, request: dict[str, Any], plan: Accepted, remixed_from: str = ""
    ) -> Task:
        """Enter a task into the ledger; its outcome is that of its prompt."""
        self.next(**self.films[self.wanted[request["prompt"]]])
        return super().create(family, model, request, plan, remixed_from)

    def tasks_of(self, prompt: str) -> list[Task]:
        """All that was bought with a prompt."""
        return [task for task in self.tasks.values() if task.request.get("prompt") == prompt]
