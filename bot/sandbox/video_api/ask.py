"""A submit as new-api decodes it: into a Go struct, whose types decide what is refused before any vendor is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.video_api import refusals
from bot.sandbox.video_api.calls import Call, Part

Validator = Literal["direct", "basic"]
"""new-api's ValidateMultipartDirect (Sora and OpenAI channels, which pass the body on) or ValidateBasicTaskRequest."""

_STRINGS = ("prompt", "image", "size", "mode")
_KNOWN_TEXT_PARTS = ("prompt", "model", "mode", "image", "size", "seconds", "images", "input_reference", "metadata")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """A decoded submit: `fields` hold JSON values, or a form's texts; `metadata` is an object whatever way it came."""

    model: str
    prompt: str
    fields: dict[str, Any]
    files: tuple[Part, ...]
    form: bool
    strict: bool
    metadata: dict[str, Any]

    def text(self, name: str) -> str:
        """A field as text, "" when absent."""
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def duration(self) -> int:
        """`duration`: an integer or a numeric string; anything else such as 5.0 or "5s" silently becomes 0."""
        return whole(self.fields.get("duration"))

    def seconds(self) -> int:
        """`seconds` as a number, 0 when absent or not numeric."""
        return whole(self.fields.get("seconds"))

    def flag(self, name: str) -> bool:
        """A boolean, which a form writes as `true` or `false`; False when absent."""
        value = self.fields.get(name)
        return value.lower() == "true" if isinstance(value, str) else bool(value)

    def references(self) -> list[str]:
        """The picture strings: `input_reference` beats `images` beats `image`."""
        for name in ("input_reference", "images", "image"):
            value = self.fields.get(name)
            if value:
                return [value] if isinstance(value, str) else [element for element in value if element]
        return []


def model_of(call: Call) -> str:
    """The model, as new-api's distributor reads it before anything else.

    Raises:
        Refused: not JSON, no model, or a model that is not a string.
    """
    if call.json is None and not call.parts:
        raise refusals.routing(400, "Invalid request: the body is not valid JSON")
    model = _fields(call).get("model")
    if model is not None and not isinstance(model, str):
        raise refusals.routing(400, "Invalid request: field model must be a string")
    if not model:
        raise refusals.routing(400, "Model name not specified, model name cannot be empty")
    return model


def decode(call: Call, validator: Validator, strict: bool) -> Ask:
    """Check the types of a submit, its prompt and its bounds.

    Stock new-api (`strict`) takes `seconds` and `input_reference` as strings only; the fork OctopusX runs documents a
    number and an array too.

    Raises:
        Refused: with the codes `invalid_json`, `invalid_request` or `invalid_seconds`.
    """
    fields = _fields(call)
    files = tuple(part for part in call.parts if part.filename is not None)
    form = bool(call.parts)
    _check_types(fields, validator, strict, form)
    prompt = fields.get("prompt") or ""
    if not prompt.strip():
        raise refusals.task(400, "invalid_request", "prompt is required")
    metadata = _object(fields.get("metadata"))
    if form and validator == "basic":
        metadata |= {name: coerced(value) for name, value in fields.items() if name not in _KNOWN_TEXT_PARTS}
    ask = Ask(
        model=fields["model"],
        prompt=prompt,
        fields=fields,
        files=files,
        form=form,
        strict=strict,
        metadata=metadata,
    )
    length = ask.duration() or ask.seconds()
    if length < 0 or length > 3600:
        raise refusals.task(400, "invalid_seconds", "seconds must be between 1 and 3600")
    return ask


def _fields(call: Call) -> dict[str, Any]:
    if not call.parts:
        return call.json if isinstance(call.json, dict) else {}
    fields: dict[str, Any] = {}
    for part in call.parts:
        if part.filename is None:
            fields[part.name] = part.text
    return fields


def _check_types(fields: dict[str, Any], validator: Validator, strict: bool, form: bool) -> None:
    code = "invalid_json" if validator == "direct" else "invalid_request"
    for name in (*_STRINGS, *(("seconds", "input_reference") if strict else ())):
        value = fields.get(name)
        if not isinstance(value, str | None):
            raise refusals.task(400, code, _mismatch(value, name, "string"))
    if not isinstance(fields.get("seconds"), str | int | None):
        raise refusals.task(400, code, _mismatch(fields["seconds"], "seconds", "string"))
    images = fields.get("images")
    text_is_fine = form and not strict
    if isinstance(images, str) and not text_is_fine:
        raise refusals.task(400, code, _mismatch(images, "images", "[]string"))
    for name in ("images", "input_reference"):
        value = fields.get(name)
        if isinstance(value, str) or value is None:
            continue
        if not isinstance(value, list):
            raise refusals.task(400, code, _mismatch(value, name, "[]string"))
        for element in value:
            if not isinstance(element, str | None):  # Go reads null as the empty string
                raise refusals.task(400, code, _mismatch(element, name, "string"))


def _mismatch(value: Any, name: str, wanted: str) -> str:
    """Go's encoding/json sentence for a value of the wrong type."""
    kinds = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return f"json: cannot unmarshal {kinds[type(value)]} into Go struct field .{name} of type {wanted}"


def _object(value: Any) -> dict[str, Any]:
    """`metadata`: an object or a JSON-encoded one; any other type is silently ignored."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return dict(value) if isinstance(value, dict) else {}


def whole(value: Any) -> int:
    """An integer or a numeric string as a number; everything else is 0, as in new-api's decoder."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return 0
    try:
        return int(value)
    except ValueError:
        return 0


def coerced(value: Any) -> Any:
    """A form's text as new-api puts it into metadata: an integer, else a float, else the text itself."""
    for kind in (int, float):
        try:
            return kind(value)
        except (TypeError, ValueError):
            continue
    return value
