"""JSON from services we do not control: parsed without raising, and read by dotted path."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

_MOST_THINGS = 100_000
"""Lists, objects and what is in them, in one body. Each takes 100 bytes and more, and may be three bytes of JSON."""


def parse(body: bytes | str) -> dict[str, Any] | None:
    """The JSON object of a body; None for everything else: other JSON, HTML, nothing, nesting without end, a heap."""
    raw = body.encode(errors="replace") if isinstance(body, str) else body
    if len(raw) > _MOST_THINGS and sum(map(raw.count, (b",", b"[", b"{"))) > _MOST_THINGS:
        return None
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def dig(value: Any, path: str) -> Any:
    """What stands at a dotted path such as `data.creations.0.url`; None where the path leads nowhere."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = cast("dict[str, Any]", value).get(step)
        elif isinstance(value, list) and step.isdecimal():
            value = next(iter(cast("list[Any]", value)[int(step) :]), None)
        else:
            return None
    return value


def texts(value: Any, paths: Iterable[str]) -> Iterable[str]:
    """The non-empty texts at these paths, in order, free of what no database or terminal can hold."""
    for path in paths:
        text = dig(value, path)
        if isinstance(text, str) and (sound := printable(text)):
            yield sound


def printable(text: str) -> str:
    """The text without control characters and lone surrogates (JSON can carry both), stripped."""
    if text.isprintable():  # the common case, and a data: URI of a whole video is many megabytes
        return text.strip()
    return "".join(character if character.isprintable() else " " for character in text).strip()
