"""Each request that the two services got and what was answered, fit to be shown: no key or token, no endless text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from bot.sandbox.discord_api import DiscordSandbox, LogEntry
from bot.sandbox.video_api import Call, VideoApiSandbox

SHOWN = 100  #: of each service's requests, sent to a page that opens
TEXT, BODY = 400, 8000  #: characters of a text in a body, such as a picture's data URI, and of a body
HIDDEN = "•••"
_TOKEN_IN_PATH = re.compile(r"(/(?:interactions|webhooks)/\d+/)[\w-]+")  # it answers in the bot's name
_FILE = re.compile(r"/(?:files|moved)/(\w+)\.mp4")
Json = dict[str, Any]
Entry = TypeVar("Entry", Call, LogEntry)


class Exchanges:
    """The requests, told to one client: each when it comes, and again when it has ended."""

    def __init__(self, discord: DiscordSandbox, api: VideoApiSandbox) -> None:
        self._discord = discord
        self._api = api
        self._told: dict[str, tuple[int | None, bool]] = {}

    def fresh(self) -> Iterator[Json]:
        """What is new, in the order of time: {n, service, method, path, at, status, cut, sent, answer, task}.

        `task` is the id of the task whose file was fetched, which its link does not show.
        """
        calls = [(each.arrived, f"video-{n}", each) for n, each in _last(self._api.log)]
        entries = [(each.time, f"discord-{n}", each) for n, each in _last(self._discord.log)]
        told, self._told = self._told, {}
        for at, n, each in sorted([*calls, *entries], key=lambda entry: entry[0]):
            self._told[n] = (each.status, each.cut)
            if told.get(n) != self._told[n]:
                yield {"n": n, "service": n.partition("-")[0], "at": at, **self._shown(each)}

    def hidden(self, text: str) -> str:
        """A text without the bot's token, the service's key, and the tokens of interactions in paths."""
        for secret in (self._discord.token, self._api.key):
            text = text.replace(secret, HIDDEN)
        return _TOKEN_IN_PATH.sub(rf"\1{HIDDEN}", text)

    def _shown(self, each: Call | LogEntry) -> Json:
        bodies = {"sent": as_text(_sent(each)), "answer": as_text(_parsed(each.answer))}
        words = {"method": each.method, "path": each.path} | bodies
        told = {"status": each.status, "cut": each.cut, "task": self._fetched(each.path)}
        return {name: self.hidden(word) for name, word in words.items()} | told

    def _fetched(self, path: str) -> str | None:
        found = _FILE.fullmatch(path)
        return next((each.id for each in self._api.tasks.values() if found and each.key == found[1]), None)


def as_text(body: Any) -> str:
    """A body as JSON with its long texts cut; what is no JSON as it is; "" for none."""
    if body is None or body in ([], ""):
        return ""
    return (body if isinstance(body, str) else json.dumps(_shortened(body), ensure_ascii=False))[:BODY]


def _last(entries: Sequence[Entry]) -> list[tuple[int, Entry]]:
    """The latest of a list, each with its number in it."""
    start = max(0, len(entries) - SHOWN)
    return list(enumerate(entries[start:], start))


def _sent(each: Call | LogEntry) -> Any:
    if isinstance(each, LogEntry):
        return each.body
    return each.json if each.json is not None else each.as_json()["parts"]


def _parsed(answer: str | None) -> Any:
    try:
        return json.loads(answer or "null")
    except ValueError:
        return answer


def _shortened(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _shortened(value) for name, value in body.items()}
    if isinstance(body, list):
        return [_shortened(each) for each in body]
    if isinstance(body, str) and len(body) > TEXT:
        return f"{body[:TEXT]}… ({len(body):,} characters)"
    return body
