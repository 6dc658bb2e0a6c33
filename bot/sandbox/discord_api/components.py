"""The rules for the components of messages and modals: types, places, limits."""

from __future__ import annotations

import copy
import re
from typing import Any

from bot.sandbox.discord_api.checks import Path, Problems
from bot.sandbox.discord_api.trees import walk

ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL, UPLOAD = 9, 10, 11, 12, 13, 14, 17, 18, 19
SELECTS = (SELECT, 5, 6, 7, 8)
V2_TYPES = (ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR, CONTAINER)
IN_CONTAINER = (ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR)
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23
MODAL_FIELDS = (*SELECTS, TEXT_INPUT, UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
OPTIONS = {SELECT: (1, 25), RADIO_GROUP: (2, 10), CHECKBOX_GROUP: (1, 10)}  #: how many each may offer
MOST_COMPONENTS, MOST_CHARACTERS = 40, 4000
_LINK = re.compile(r"(https?|discord)://\S+")


def numbered(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A copy in which every component has an id, as Discord gives them."""
    numbered_ones = copy.deepcopy(components)
    taken = {component["id"] for component in walk(numbered_ones) if component.get("id")}
    free = (number for number in range(1, 10_000) if number not in taken)
    for component in walk(numbered_ones):
        if not component.get("id"):
            component["id"] = next(free)
    return numbered_ones


def check_message_components(problems: Problems, components: object, *, v2: bool, filenames: set[str]) -> None:
    """Check a message's components; `filenames` are those that `attachment://` may refer to."""
    checker = _Checker(problems, filenames)
    path: Path = ("components",)
    rows = problems.items(path, components, 0, MOST_COMPONENTS if v2 else 5)
    for index, component in enumerate(rows):
        checker.component((*path, index), component, V2_TYPES if v2 else (ROW,))
    if problems.tree:
        return
    everything = list(walk(rows))
    if v2 and len(everything) > MOST_COMPONENTS:
        problems.add(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The total number of components is above 40.")
    if v2 and sum(len(each["content"]) for each in everything if each["type"] == TEXT_DISPLAY) > MOST_CHARACTERS:
        problems.add(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "The displayable text is above 4000 characters.")


def check_modal(problems: Problems, data: Any) -> None:
    """Check a modal: custom_id, title of 45, one to five components."""
    data = data if isinstance(data, dict) else {}
    problems.text(("data", "custom_id"), data.get("custom_id"), 1, 100)
    problems.text(("data", "title"), data.get("title"), 1, 45)
    checker = _Checker(problems, set())
    for index, component in enumerate(problems.items(("data", "components"), data.get("components"), 1, 5)):
        checker.modal_component(("data", "components", index), component)


class _Checker:
    """One pass over a tree of components."""

    def __init__(self, problems: Problems, filenames: set[str]) -> None:
        self._problems = problems
        self._filenames = filenames
        self._custom_ids: set[str] = set()

    def component(self, path: Path, component: Any, allowed: tuple[int, ...]) -> None:
        kind = component.get("type") if isinstance(component, dict) else None
        if kind not in allowed:
            self._problems.choice((*path, "type"), kind, allowed)
            return
        if component.get("id") is not None:
            self._problems.whole((*path, "id"), component["id"], 0, 2**31 - 1)
        match kind:
            case 1:
                self._row(path, component)
            case 9:
                self._section(path, component)
            case 10:
                self._problems.text((*path, "content"), component.get("content"), 1, MOST_CHARACTERS)
            case 11:
                self._described_media(path, component)
            case 12:
                self._gallery(path, component)
            case 13:
                self._media((*path, "file"), component.get("file"), files_only=True)
            case 17:
                self._children(path, component, MOST_COMPONENTS, IN_CONTAINER)
            case _:
                self._interactive(path, component)

    def modal_component(self, path: Path, component: Any) -> None:
        kind = component.get("type") if isinstance(component, dict) else None
        self._problems.choice((*path, "type"), kind, (ROW, TEXT_DISPLAY, LABEL))
        if kind == LABEL:
            self._problems.text((*path, "label"), component.get("label"), 1, 45)
            self._problems.text((*path, "description"), component.get("description"), 0, 100, required=False)
            self._field((*path, "component"), component.get("component"))
        elif kind == ROW:
            for index, child in enumerate(
                self._problems.items((*path, "components"), component.get("components"), 1, 1)
            ):
                self._field((*path, "components", index), child)
        elif kind == TEXT_DISPLAY:
            self._problems.text((*path, "content"), component.get("content"), 1, MOST_CHARACTERS)

    def _field(self, path: Path, field: Any) -> None:
        kind = field.get("type") if isinstance(field, dict) else None
        if kind not in MODAL_FIELDS:
            self._problems.choice((*path, "type"), kind, MODAL_FIELDS)
            return
        self._custom_id(path, field)
        if kind == TEXT_INPUT:
            self._problems.choice((*path, "style"), field.get("style"), (1, 2))
            self._problems.text((*path, "value"), field.get("value"), 0, 4000, required=False)
        elif kind == UPLOAD:
            self._problems.whole((*path, "min_values"), field.get("min_values", 1), 0, 10)
            self._problems.whole((*path, "max_values"), field.get("max_values", 1), 1, 10)
        elif kind in OPTIONS:
            self._options(path, field)

    def _children(self, path: Path, parent: dict[str, Any], most: int, allowed: tuple[int, ...]) -> list[Any]:
        children = self._problems.items((*path, "components"), parent.get("components"), 1, most)
        for index, child in enumerate(children):
            self.component((*path, "components", index), child, allowed)
        return children

    def _gallery(self, path: Path, gallery: dict[str, Any]) -> None:
        for index, item in enumerate(self._problems.items((*path, "items"), gallery.get("items"), 1, 10)):
            self._described_media((*path, "items", index), item)

    def _row(self, path: Path, row: dict[str, Any]) -> None:
        children = self._children(path, row, 5, (BUTTON, *SELECTS))
        kinds = [child.get("type") for child in children if isinstance(child, dict)]
        if len(kinds) > 1 and any(kind != BUTTON for kind in kinds):
            message = "A select menu fills its row."
            self._problems.add((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)

    def _section(self, path: Path, section: dict[str, Any]) -> None:
        self._children(path, section, 3, (TEXT_DISPLAY,))
        self.component((*path, "accessory"), section.get("accessory"), (BUTTON, THUMBNAIL))

    def _interactive(self, path: Path, component: dict[str, Any]) -> None:
        if component["type"] == BUTTON:
            self._button(path, component)
        elif component["type"] in SELECTS:
            self._custom_id(path, component)
            self._problems.text((*path, "placeholder"), component.get("placeholder"), 0, 150, required=False)
            if component["type"] == SELECT:
                self._options(path, component)

    def _button(self, path: Path, button: dict[str, Any]) -> None:
        self._problems.choice((*path, "style"), button.get("style"), (1, 2, 3, 4, 5))
        self._problems.text((*path, "label"), button.get("label"), 0, 80, required=False)
        if not button.get("label") and not button.get("emoji"):
            self._problems.add(path, "BUTTON_COMPONENT_INVALID_EMPTY", "A button must have a label or an emoji.")
        if button.get("url") and button.get("custom_id"):
            message = "A custom id and url cannot both be specified"
            self._problems.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
        if button.get("style") == 5:
            url = self._problems.text((*path, "url"), button.get("url"), 1, 512)
            if url and not _LINK.fullmatch(url):
                message = f'Scheme "{url.partition(":")[0]}" is not supported.'
                self._problems.add((*path, "url"), "URL_TYPE_INVALID_SCHEME", message)
        else:
            self._custom_id(path, button)

    def _custom_id(self, path: Path, component: dict[str, Any]) -> None:
        custom_id = self._problems.text((*path, "custom_id"), component.get("custom_id"), 1, 100)
        if custom_id in self._custom_ids:
            message = "Component custom id cannot be duplicated"
            self._problems.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        elif custom_id:
            self._custom_ids.add(custom_id)

    def _options(self, path: Path, select: dict[str, Any]) -> None:
        least, most = OPTIONS[select["type"]]
        for index, option in enumerate(self._problems.items((*path, "options"), select.get("options"), least, most)):
            here: Path = (*path, "options", index)
            option = self._problems.mapping(here, option)  # noqa: PLW2901 - nothing else is asked of it
            for key in ("label", "value"):
                self._problems.text((*here, key), option.get(key), 1, 100)
            self._problems.text((*here, "description"), option.get("description"), 0, 100, required=False)

    def _described_media(self, path: Path, item: Any) -> None:
        item = item if isinstance(item, dict) else {}
        self._problems.text((*path, "description"), item.get("description"), 0, 1024, required=False)
        self._problems.flag((*path, "spoiler"), item.get("spoiler"))
        self._media((*path, "media"), item.get("media"), files_only=False)

    def _media(self, path: Path, media: Any, *, files_only: bool) -> None:
        url = self._problems.text((*path, "url"), media.get("url") if isinstance(media, dict) else None, 1, 2048)
        scheme, _, name = url.partition("://")
        if scheme == "attachment":
            if name not in self._filenames:
                message = "The referenced attachment was not found"
                self._problems.add((*path, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message)
        elif url and (files_only or scheme not in ("http", "https")):
            message = f'Scheme "{scheme}" is not supported.'
            self._problems.add((*path, "url"), "URL_TYPE_INVALID_SCHEME", message)
