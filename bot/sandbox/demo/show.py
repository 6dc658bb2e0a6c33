"""What the demo prints: a live table while jobs run, then a transcript a newcomer can read."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from bot.sandbox.demo.scene import Scene
from bot.sandbox.video_api import Call, VideoApiSandbox

DATA_URI = re.compile(r"data:([\w/+.-]+);base64,([A-Za-z0-9+/=]+)")
STYLE = {"Done": "green", "Failed": "red", "Generating": "cyan", "Posting": "cyan"}


class Progress:
    """The live table; on a terminal it moves, elsewhere its last state is printed once."""

    def __init__(self, console: Console, scenes: Sequence[Scene]) -> None:
        self._scenes = scenes
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=4)

    def __enter__(self) -> None:
        self._live.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def _table(self) -> Table:
        table = Table("command", "by", "card says", "progress", box=None, pad_edge=False)
        for scene in self._scenes:
            word = scene.word() or ("Refused" if scene.card and scene.ended() else "…")
            percent = re.search(r"(\d+)\s?%", scene.card.text()) if scene.card else None
            done = 100 if word == "Done" else int(percent[1]) if percent and word == "Generating" else 0
            bar = "█" * (done // 10) + "░" * (10 - done // 10) if word in ("Generating", "Posting", "Done") else ""
            style = STYLE.get(word, "yellow")
            table.add_row(f"/{scene.line.command}", scene.line.who, f"[{style}]{word}[/]", bar)
        return table


def print_transcript(console: Console, scenes: Sequence[Scene], api: VideoApiSandbox, problems: Sequence[str]) -> None:
    """Tell, command by command, what was typed, sent, shown and posted, and what it all came to."""
    for scene in scenes:
        console.print(f"\n[bold]{escape(scene.line.typed())}[/]  [dim]({scene.line.who})[/]", soft_wrap=True)
        for call in scene.calls():
            console.print(f"  sent    {escape(request_text(call))}", soft_wrap=True)
        if not scene.calls():
            console.print("  sent    nothing: no money was spent")
        console.print(f"  card    {' → '.join(scene.words) or 'Refused'}")
        if scene.line.outcome != "video" and scene.card:
            console.print(f"  says    {escape(_one_line(scene.card.text()))}", soft_wrap=True)
        if scene.result:
            console.print(f"  posted  {escape(_one_line(scene.result.text()))}", soft_wrap=True)
        if scene.video:
            video = scene.video
            console.print(
                f"  saved   {video.path}  {video.width}x{video.height}, {video.seconds:.1f} s, {video.size / 1000:,.0f} kB, {video.video_codec}"
            )
    videos = sum(scene.video is not None for scene in scenes)
    console.print(
        f"\n{len(scenes)} commands, {len(api.tasks)} paid tasks, {videos} videos posted once each, 1 failure explained, 1 bad input refused."
    )
    for problem in problems:
        console.print(f"[bold red]PROBLEM[/] {escape(problem)}", soft_wrap=True)
    console.print("All went as it must." if not problems else f"{len(problems)} problems.")


def request_text(call: Call) -> str:
    """A request as one line, pictures cut to their type and size."""
    body: Any = call.json
    if body is None:
        body = {
            part.name: f"<file {part.filename}, {part.content_type}, {len(part.data):,} bytes>"
            if part.filename
            else part.data.decode()
            for part in call.parts
        }
        return f"{call.method} {call.path} multipart {json.dumps(body, ensure_ascii=False)}"
    text = json.dumps(body, ensure_ascii=False)
    return f"{call.method} {call.path} {DATA_URI.sub(lambda m: f'<{m[1]}, {len(m[2]) * 3 // 4:,} bytes>', text)}"


def _one_line(text: str) -> str:
    return " · ".join(line.strip() for line in text.splitlines() if line.strip())
