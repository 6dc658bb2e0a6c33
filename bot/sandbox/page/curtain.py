"""What lies behind the channel, for the page's side panel.

jobs      the bot's rows, newest first, all of them when one has changed
requests  those that are new or were answered: {n, service, method, path, at, status, sent, answer}
ledger    the video service's tasks, newest first, all of them when one has changed
log       new lines of the bot's log, as JSON objects
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.sandbox.discord_api import LogEntry
from bot.sandbox.page.playground import Playground
from bot.sandbox.page.rows import jobs
from bot.sandbox.video_api import Call

SHOWN = 100  #: rows of the ledger, requests and log lines sent to a page that opens
TEXT = 2000  #: characters of a body


class Curtain:
    """What one client was sent last."""

    def __init__(self, play: Playground) -> None:
        self._play = play
        self._sent: dict[str, Any] = {}
        self._requests: dict[tuple[str, int], int | None] = {}
        self._log_read = max(0, _size(play) - 64 * 1024)

    def changes(self) -> Iterator[tuple[str, Any]]:
        """What is to be sent now: names of events and their data."""
        tasks = list(self._play.api.tasks.values())[-SHOWN:]
        whole = {
            "jobs": jobs(self._play.database),
            "ledger": [each.as_json() | {"progress": each.snapshot(each.clock()).progress} for each in reversed(tasks)],
        }
        for name, now in whole.items():
            if self._sent.get(name) != now:
                self._sent[name] = now
                yield name, now
        if requests := list(self._new_requests()):
            yield "requests", requests
        if lines := list(self._new_lines()):
            yield "log", lines

    def _new_requests(self) -> Iterator[dict[str, Any]]:
        """In the order of time; a request comes again once it is answered."""
        calls = [(each.arrived, "video", n, each) for n, each in _last(self._play.api.log)]
        entries = [(each.time, "discord", n, each) for n, each in _last(self._play.discord.log)]
        for _, service, n, each in sorted([*calls, *entries], key=lambda entry: entry[0]):
            if self._requests.get((service, n), 0) != each.status:
                self._requests[service, n] = each.status
                body = _call_json(each) if isinstance(each, Call) else _entry_json(each)
                yield {"n": f"{service}-{n}", "service": service, **body}

    def _new_lines(self) -> Iterator[dict[str, Any]]:
        if not self._play.bot.log.exists():
            return
        with self._play.bot.log.open("rb") as log:
            log.seek(self._log_read)
            whole, newline, _ = log.read().rpartition(b"\n")
        self._log_read += len(whole) + len(newline)
        for line in whole.decode("utf-8", "replace").splitlines():
            yield _parsed(line)


def _last(entries: list[Any]) -> list[tuple[int, Any]]:
    """The latest of a list, each with its number in it."""
    start = max(0, len(entries) - SHOWN)
    return list(enumerate(entries[start:], start))


def _size(play: Playground) -> int:
    return play.bot.log.stat().st_size if play.bot.log.exists() else 0


def _call_json(call: Call) -> dict[str, Any]:
    body = call.as_json()
    sent = body["json"] if body["json"] is not None else body["parts"]
    words = {name: body[name] for name in ("method", "path", "status")}
    return words | {"at": call.arrived, "sent": _short(sent), "answer": (call.answer or "")[:TEXT]}


def _entry_json(entry: LogEntry) -> dict[str, Any]:
    words: dict[str, Any] = {"method": entry.method, "path": entry.path, "status": entry.status}
    return words | {"at": entry.time, "sent": _short(entry.body), "answer": ""}


def _short(body: Any) -> str:
    return "" if body in (None, []) else json.dumps(body, ensure_ascii=False)[:TEXT]


def _parsed(line: str) -> dict[str, Any]:
    """A line of the log as an object; one that is not JSON under `event`."""
    try:
        parsed = json.loads(line)
    except ValueError:
        return {"event": line}
    return parsed if isinstance(parsed, dict) else {"event": line}
