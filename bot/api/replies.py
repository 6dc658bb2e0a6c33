"""One tolerant reader for every reply of every video service: it never fails on a word it does not know."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from bot.api.bodies import dig, parse, printable, texts
from bot.api.reasons import clean


class State(StrEnum):
    """What a status word means to us; an unknown word is running, under the job's own deadline."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a submit or status reply says, in our own words."""

    video_id: str | None
    state: State
    #: The service's own status word, "" where it gave none.
    word: str
    #: Percent, 0 to 100; None where the reply does not say.
    progress: int | None = None
    #: A link to the video (http, https or data:); only ever set when the state is DONE. None then means that the
    #: video is to be had from the service's own /v1/videos/{id}/content.
    video_url: str | None = None
    #: Why it failed, one plain sentence in the service's words, cleaned; only set when the state is FAILED.
    reason: str | None = None
    request_id: str | None = None


_DONE = frozenset({"completed", "complete", "success", "succeeded", "succeed", "done", "finished"})
_SPEAKING = frozenset({"cancelled", "canceled", "expired", "rejected", "timeout"})
_FAILED = frozenset({"failed", "failure", "error"}) | _SPEAKING

_ID_PATHS = ("id", "task_id", "data.task_id", "data.id")

#: Where new-api, its vendor channels and the services behind them put the link. Old rows keep it in `fail_reason`.
_URL_PATHS = (
    "video_url",
    "metadata.url",
    "output.url",
    "url",
    "data.video_url",
    "data.metadata.url",
    "data.output.url",
    "data.url",
    "data.result_url",
    "data.data.content.video_url",
    "data.data.video_url",
    "data.data.creations.0.url",
    "data.data.data.task_result.videos.0.url",
    "data.fail_reason",
)

#: Where the reason of a failure stands. new-api writes it into its URL fields too, hence the last four.
_REASON_PATHS = (
    "error.message",
    "error",
    "error.code",
    "data.fail_reason",
    "data.error.message",
    "data.error",
    "data.data.error.message",
    "err_code",
    "message",
    "fail_reason",
    "data.data.err_code",
    "data.url",
    "data.result_url",
    "metadata.url",
    "url",
)

#: new-api's own content route. It needs the key, streams through the gateway and is cut at 60 s; and its host is
#: http://localhost:3000 where the operator never set ServerAddress. So it counts as no link.
_CONTENT_ROUTE = re.compile(r"/v1/videos/[^/]+/content/?$")

_SENTENCE_ENDS = ".!?…。\uff01\uff1f"
_LONGEST_ID = 512
_LONGEST_WORD = 40


def read(body: bytes, *, request_id: str | None = None) -> Reply:
    """Read a reply in any of the known shapes; never raises, whatever the bytes.

    The shapes: OpenAI's video object, new-api's `TaskDto` and realtime wrappers (`data.status` decides, not the
    upstream's last word in `data.data.status`), and flat objects. Failure is decided on the status alone, since
    services send an `error` object with every success too.
    """
    root = parse(body) or {}
    word = _word(root)
    state = _state(word)
    return Reply(
        video_id=_video_id(root),
        state=state,
        word=word,
        progress=_progress(dig(root, "data.progress") if _wrapped(root) else root.get("progress")),
        video_url=_video_url(root) if state is State.DONE else None,
        reason=_reason(root, word) if state is State.FAILED else None,
        request_id=request_id,
    )


def is_content_route(url: str) -> bool:
    """Whether a link is a gateway's own /v1/videos/<id>/content, on whatever host."""
    try:
        return _CONTENT_ROUTE.search(urlsplit(url).path) is not None
    except ValueError:
        return False


def is_link(text: str) -> bool:
    """Whether a text is a link a video can be fetched from: http or https with a host, or a data: URI."""
    if text[:5].casefold() == "data:":
        return "," in text
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


def _wrapped(root: dict[str, Any]) -> bool:
    """Whether the job is described under `data`; a body with an id of its own is not a wrapper, whatever it holds."""
    return isinstance(root.get("data"), dict) and ("code" in root or not (root.get("id") or root.get("task_id")))


def _word(root: dict[str, Any]) -> str:
    path = "data.status" if _wrapped(root) else "status"
    return next(iter(texts(root, (path,))), "")[:_LONGEST_WORD]


def _state(word: str) -> State:
    known = word.casefold()
    if known in _DONE:
        return State.DONE
    return State.FAILED if known in _FAILED else State.RUNNING


def _video_id(root: dict[str, Any]) -> str | None:
    """The first text among the id fields, else the first number: the wrapper's `data.id` is a database row."""
    found = [dig(root, path) for path in _ID_PATHS]
    names = [value for value in found if isinstance(value, str) and value and value == printable(value)]
    numbers = [str(value) for value in found if isinstance(value, int) and not isinstance(value, bool) and value > 0]
    return next((name for name in (*names, *numbers) if len(name) <= _LONGEST_ID and name not in (".", "..")), None)


def _video_url(root: dict[str, Any]) -> str | None:
    links = (text for text in texts(root, _URL_PATHS) if is_link(text))
    return next((link for link in links if not is_content_route(link)), None)


def _reason(root: dict[str, Any], word: str) -> str:
    said = _first(clean(text) for text in texts(root, _REASON_PATHS))
    if said is None and word.casefold() in _SPEAKING:
        return f"The video service says: {word.casefold()}."
    return _sentence(said) if said else "no reason was given."


def _sentence(text: str) -> str:
    return text if text[-1] in _SENTENCE_ENDS else f"{text}."


def _first(found: Iterable[str | None]) -> str | None:
    return next((text for text in found if text), None)


def _progress(value: Any) -> int | None:
    """Percent from 50, "50", "50%" or 0.5."""
    percent = isinstance(value, str) and value.strip().endswith("%")
    if isinstance(value, str):
        value = value.strip().rstrip("%")
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    if number < 1 and not percent:
        number *= 100
    return int(min(max(number, 0), 100))
