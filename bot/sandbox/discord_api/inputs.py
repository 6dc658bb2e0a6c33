"""What a person can do with a message's components and with a modal, as Discord's client allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.discord_api.bodies import Upload
from bot.sandbox.discord_api.calls import Call
from bot.sandbox.discord_api.components import (
    BUTTON,
    CHECKBOX,
    CHECKBOX_GROUP,
    LABEL,
    RADIO_GROUP,
    ROW,
    TEXT_INPUT,
    UPLOAD,
)
from bot.sandbox.discord_api.errors import CommandRejected
from bot.sandbox.discord_api.payloads import Json
from bot.sandbox.discord_api.places import User
from bot.sandbox.discord_api.trees import walk
from bot.sandbox.discord_api.typed import Typing
from bot.sandbox.discord_api.world import Message


def pressed(user: User, typing: Typing, message: Message, custom_id: str, values: Sequence[str] | None) -> Json:
    """The `data` of pressing a button or choosing from a select menu.

    Raises:
        CommandRejected: the person sees no such component, or it is switched off.
    """
    if message.deleted or (message.ephemeral and message.interaction_user is not user):
        raise CommandRejected(f"{user.username} does not see this message")
    found = [each for each in message.walk() if each.get("custom_id") == custom_id]
    if not found:
        there = [each["custom_id"] for each in message.walk() if "custom_id" in each]
        raise CommandRejected(f"the message has no component {custom_id!r}, but {there}")
    component = found[0]
    if component.get("disabled"):
        raise CommandRejected(f"the component {custom_id!r} is disabled")
    data: Json = {"custom_id": custom_id, "component_type": component["type"], "id": component["id"]}
    if component["type"] == BUTTON:
        return data
    return data | {"values": _chosen(component, typing, list(values or []))} | typing.resolved_json()


def submitted(call: Call, typing: Typing, values: Mapping[str, Any]) -> Json:
    """The `data` of submitting the modal that a call was answered with.

    Raises:
        CommandRejected: there is no modal, no such field, or the field does not take the value.
    """
    if call.modal is None:
        raise CommandRejected("no modal is open")
    fields = [each for each in walk(call.modal["components"]) if "custom_id" in each]
    unknown = set(values) - {each["custom_id"] for each in fields}
    if unknown:
        raise CommandRejected(f"the modal has no field {unknown}, but {[each['custom_id'] for each in fields]}")
    components = [_submitted(each, number, typing, values) for number, each in enumerate(call.modal["components"], 1)]
    return {"custom_id": call.modal["custom_id"], "components": components} | typing.resolved_json()


def _submitted(component: Json, number: int, typing: Typing, values: Mapping[str, Any]) -> Json:
    base: Json = {"type": component["type"], "id": component.get("id") or number}
    if component["type"] == LABEL:
        return base | {"component": _field(component["component"], typing, values)}
    if component["type"] == ROW:
        return base | {"components": [_field(each, typing, values) for each in component["components"]]}
    return base  # a text, which nobody fills in


def _field(field: Json, typing: Typing, values: Mapping[str, Any]) -> Json:
    kind, custom_id = field["type"], field["custom_id"]
    base: Json = {"type": kind, "custom_id": custom_id, "id": field.get("id") or 0}
    given = values.get(custom_id)
    if kind == TEXT_INPUT:
        return base | {"value": _written(field, given)}
    if kind == UPLOAD:
        return base | {"values": _uploaded(field, typing, list(given or []))}
    if kind == CHECKBOX:
        return base | {"value": bool(field.get("default")) if given is None else given}
    if kind == RADIO_GROUP:
        return base | {"value": next(iter(_chosen(field, typing, [] if given is None else [given])), None)}
    return base | {"values": _chosen(field, typing, list(given or []))}


def _written(field: Json, given: str | None) -> str:
    text = field.get("value") or "" if given is None else given
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    least = max(least, 1) if field.get("required", True) else least
    if not least <= len(text) <= most and (text or field.get("required", True)):
        raise CommandRejected(f"{field['custom_id']}: {len(text)} characters, not {least} to {most}")
    return text


def _uploaded(field: Json, typing: Typing, files: list[Upload]) -> list[str]:
    least, most = _bounds(field)
    if not least <= len(files) <= most:
        raise CommandRejected(f"{field['custom_id']}: {len(files)} files, not {least} to {most}")
    return [str(typing.attach(file).id) for file in files]


def _chosen(select: Json, typing: Typing, values: list[str]) -> list[str]:
    least, most = _bounds(select)
    if not least <= len(values) <= most:
        raise CommandRejected(f"{select['custom_id']}: {len(values)} values, not {least} to {most}")
    offered = [option["value"] for option in select.get("options") or []]
    strange = [value for value in values if offered and value not in offered]
    if strange:
        raise CommandRejected(f"{select['custom_id']}: {strange} is none of {offered}")
    typing.resolve_chosen(select["type"], values)
    return values


def _bounds(field: Json) -> tuple[int, int]:
    least = 1 if field.get("min_values") is None else field["min_values"]
    most = field.get("max_values") or (len(field["options"]) if field["type"] == CHECKBOX_GROUP else 1)
    return 0 if field.get("required") is False else least, most
