"""The tree of a message's components, and the media in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: Where a row, a section, a container and a label keep their children.
_CHILDREN = {1: ("components",), 9: ("components", "accessory"), 17: ("components",), 18: ("component",)}


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every component of a tree, parents first."""
    for component in components:
        yield component
        for key in _CHILDREN.get(component["type"], ()):
            inner = component.get(key) or []
            yield from walk(inner if isinstance(inner, list) else [inner])


def media_of(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The media of every gallery item, thumbnail and file, in order: dicts with a `url`."""
    for component in walk(components):
        if component["type"] == 12:
            yield from (item["media"] for item in component["items"])
        elif component["type"] == 11:
            yield component["media"]
        elif component["type"] == 13:
            yield component["file"]
