"""What lies behind the channel, for the page's side panel.

jobs      the bot's rows, newest first, all of them when one has changed
requests  those that are new or have ended, see `Exchanges.fresh`
ledger    the video service's tasks, newest first, all of them when one has changed
log       new lines of the bot's log, as JSON objects
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from bot.sandbox.page.exchanges import Exchanges
from bot.sandbox.page.playground import Playground
from bot.sandbox.page.rows import jobs

SHOWN = 100  #: rows of the ledger
LOG_SHOWN = 64 * 1024  #: bytes of the log sent to a page that opens


class Curtain:
    """What one client was sent last."""

    def __init__(self, play: Playground) -> None:
        self._play = play
        self._sent: dict[str, Any] = {}
        self._exchanges = Exchanges(play.discord, play.api)
        self._log_read = max(0, _size(play) - LOG_SHOWN)
        self._in_a_line = self._log_read > 0

    def changes(self) -> Iterator[tuple[str, Any]]:
        """What is to be sent now: names of events and their data."""
        whole = {"jobs": jobs(self._play.database), "ledger": self._ledger()}
        for name, now in whole.items():
            if now is not None and self._sent.get(name) != now:
                self._sent[name] = now
                yield name, now
        if requests := list(self._exchanges.fresh()):
            yield "requests", requests
        if lines := list(self._new_lines()):
            yield "log", lines

    def _ledger(self) -> list[dict[str, Any]]:
        latest = islice(reversed(self._play.api.tasks.values()), SHOWN)
        return [each.as_json() | {"progress": each.snapshot(each.clock()).progress} for each in latest]

    def _new_lines(self) -> Iterator[dict[str, Any]]:
        if not self._play.bot.log.exists():
            return
        with self._play.bot.log.open("rb") as log:
            log.seek(self._log_read)
            whole, newline, _ = log.read().rpartition(b"\n")
        self._log_read += len(whole) + len(newline)
        lines = whole.decode("utf-8", "replace").splitlines()
        if lines and self._in_a_line:
            self._in_a_line = False
            lines = lines[1:]
        for line in lines:
            yield _parsed(self._exchanges.hidden(line))


def _size(play: Playground) -> int:
    return play.bot.log.stat().st_size if play.bot.log.exists() else 0


def _parsed(line: str) -> dict[str, Any]:
    """A line of the log as an object; one that is not JSON under `event`."""
    try:
        parsed = json.loads(line)
    except ValueError:
        return {"event": line}
    return parsed if isinstance(parsed, dict) else {"event": line}
