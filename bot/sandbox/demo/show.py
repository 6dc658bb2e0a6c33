"""What the demo prints: a live table while jobs run, then a transcript a newcomer can read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bot.sandbox.demo.scene import Scene
from bot.sandbox.demo.words import message_text, request_text

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
        if not self._live.console.is_terminal:
            self._live.console.print()  # Rich leaves the last line of a pipe open

    def _table(self) -> Table:
        table = Table("command", "by", "card says", "progress", box=None, pad_edge=False)
        for scene in self._scenes:
            word = scene.word() or ("Not ordered" if scene.card and scene.ended() else "…")
            percent = re.search(r"(\d+)\s?%", scene.card.text()) if scene.card else None
            done = 100 if word == "Done" else int(percent[1]) if percent and word == "Generating" else 0
            bar = "█" * (done // 10) + "░" * (10 - done // 10) if word in ("Generating", "Posting", "Done") else ""
            style = STYLE.get(word, "yellow")
            table.add_row(f"/{scene.line.command}", scene.line.who, f"[{style}]{word}[/]", bar)
        return table


def print_transcript(console: Console, scenes: Sequence[Scene]) -> None:
    """Tell, command by command, what was typed, sent, shown and posted."""
    for scene in scenes:
        console.print()
        _tell(console, "", f"{scene.line.typed()}  (typed by {scene.line.who})", style="bold")
        calls = scene.calls()
        for call in calls:
            _tell(console, "sent", request_text(call))
        if not calls:
            _tell(console, "sent", "nothing: no money was spent")
        _tell(console, "card", " → ".join(scene.words) or "Not ordered")
        names = {user.id: user.username for user in scene.discord.world.users.values()}
        if scene.line.outcome != "video" and scene.card:
            _tell(console, "says", message_text(scene.card.text(), names))
        for result in scene.posted():
            _tell(console, "posted", message_text(result.text(), names))
        if video := scene.video:
            size = (
                f"{video.width}x{video.height}, {video.seconds:.1f} s, {video.size / 1000:,.0f} kB, {video.video_codec}"
            )
            _tell(console, "saved", f"{video.path}  {size}")


def print_end(
    console: Console, scenes: Sequence[Scene], tasks: int, problems: Sequence[str], folder: Path, seconds: float
) -> None:
    """Say what it all came to, and what to look at next."""
    posted = sum(len(scene.posted()) for scene in scenes)
    failed = sum(scene.word() == "Failed" for scene in scenes)
    refused = sum(scene.card is not None and not scene.calls() for scene in scenes)
    came_to = (
        f"{len(scenes)} commands, {tasks} paid tasks, {posted} videos posted, {failed} explained as failed, "
        f"{refused} refused before any money was spent: {seconds:.0f} s in all."
    )
    console.print()
    _tell(console, "", came_to)
    for problem in problems:
        _tell(console, "", f"PROBLEM {problem}", style="bold red")
    _tell(console, "", f"{len(problems)} to mend." if problems else "All went as it must.", style="bold")
    _tell(console, "", f"The videos are in {folder}/videos, the bot's own log is {folder}/bot.log.")
    if not problems:
        _tell(console, "", "Next: make play, to use it in your browser; README.md, Setup, with a key of your own.")


def _tell(console: Console, label: str, text: str, style: str = "") -> None:
    """A line that is wrapped between words, under its own beginning; through a pipe it stays one line."""
    lead = f"  {label:<8}" if label else ""
    if console.is_terminal:
        indent = " " * (len(lead) or 2)
        text = textwrap.fill(text, max(40, console.width - len(lead) - 1), break_on_hyphens=False)
        text = text.replace("\n", f"\n{indent}")
    console.print(Text(lead + text, style), soft_wrap=True)
