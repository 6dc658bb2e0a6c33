"""A message's components as Discord returns them: every default filled in, every file behind a signed link."""

from __future__ import annotations

import copy
from typing import Any

from bot.sandbox.discord_api.components import CONTAINER, FILE, GALLERY, SELECTS, SEPARATOR, THUMBNAIL
from bot.sandbox.discord_api.trees import media_of, walk
from bot.sandbox.discord_api.world import Message

Json = dict[str, Any]
_DEFAULTS: dict[int, Json] = {
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"spoiler": False},
    SEPARATOR: {"divider": True, "spacing": 1},
    CONTAINER: {"accent_color": None, "spoiler": False},
    **{select: {"min_values": 1, "max_values": 1} for select in SELECTS},
}


def components_json(message: Message) -> list[Json]:
    """A message's components with its files' links in place of `attachment://name`."""
    components = copy.deepcopy(message.components)
    for component in walk(components):
        _fill(component, _DEFAULTS.get(component["type"], {}))
        if component["type"] == GALLERY:
            for item in component["items"]:
                _fill(item, {"description": None, "spoiler": False})
        elif component["type"] == FILE and (file := message.file_of(component["file"]["url"])):
            component.update(name=file.filename, size=file.size)
    for media in media_of(components):
        _show(media, message)
    return components


def _fill(body: Json, defaults: Json) -> None:
    for key, value in defaults.items():
        if body.get(key) is None:
            body[key] = value


def _show(media: Json, message: Message) -> None:
    file = message.file_of(media["url"])
    url = file.url if file else media["url"]
    media.update(id=str(message.id), url=url, proxy_url=url, width=None, height=None, loading_state=2, flags=0)
    if file:
        media.update(id=str(file.id), attachment_id=str(file.id), content_type=file.content_type)
        media["width"], media["height"] = file.file.size or (None, None)
