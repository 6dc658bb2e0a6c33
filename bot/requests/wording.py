"""How a refusal is worded: one plain sentence that names the nearest valid choice, and never a library's own words."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

_TOO_SHORT = "{option} is empty: write something or leave it out."
_TOO_LONG = "{option} may have at most {max_length} characters: shorten it."
_SENTENCES: Mapping[str, str] = {
    "missing": "Please give {option}: this command needs it.",
    "extra_forbidden": "This command does not take {option}: leave it out.",
    "string_too_short": _TOO_SHORT,
    "string_too_long": _TOO_LONG,
    "too_short": _TOO_SHORT,  # pydantic's word for text that one of our functions has been over
    "too_long": _TOO_LONG,
    "string_type": "{option} takes text: write some words.",
    "int_type": "{option} takes a whole number: choose one.",
    "bool_type": "{option} takes True or False: choose one.",
    "string_pattern_mismatch": "{option} may not hold spaces: choose one of those on offer.",
    "model_type": "{option} takes a picture: attach a PNG, JPEG or WebP.",
    "greater_than_equal": "{option} starts at {ge}: choose {ge} or more.",
    "less_than_equal": "{option} ends at {le}: choose {le} or less.",
}
"""pydantic's error types, each in our words; the names in braces are the error's own context."""

_FALLBACK = "{option} cannot be used like this: choose another value or leave it out."
_SECONDS_OPTIONS = frozenset({"seconds", "duration"})


def without_controls(value: object) -> object:
    """Text without what no service or database takes: control characters (line breaks and tabs stay), lone surrogates."""
    if not isinstance(value, str):
        return value
    return "".join(ch for ch in value if ch in "\n\t" or unicodedata.category(ch) not in {"Cc", "Cs"})


def any_of(choices: Sequence[object]) -> str:
    """Choices as people list them: `4, 6 or 8`; a run of more than four whole numbers is `1 to 10`."""
    words = [str(choice) for choice in choices]
    numbers = [choice for choice in choices if isinstance(choice, int)]
    if len(numbers) > 4 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{words[0]} to {words[-1]}"
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def wrong_seconds(maker: str, seconds: int, choices: Sequence[int]) -> str:
    """The refusal of a length, such as `Veo makes 4, 6 or 8 seconds: for 5 choose 4 or 6`."""
    return f"{maker} makes {any_of(choices)} seconds: for {seconds} choose {_nearest_number(seconds, choices)}."


def wrong_choice(option: str, given: object, choices: Sequence[object]) -> str:
    """The refusal of a value that is not in a list, such as `size can be 720x1280 or 1280x720: …`."""
    shown = " ".join(str(without_controls(str(given))).split())[:40]
    numbers = [choice for choice in choices if isinstance(choice, int)]
    if isinstance(given, int) and numbers:
        best = _nearest_number(given, numbers)
    else:
        best = _nearest_text(shown, [str(choice) for choice in choices])
    advice = f"for {shown} choose {best}" if shown and best else "choose one of these"
    return f"{option} can be {any_of(choices)}: {advice}."


def sentence(request: type[BaseModel], maker: str, error: ValidationError) -> str:
    """The first problem of a validation error as one plain sentence."""
    first = error.errors(include_url=False)[0]
    option = str(first["loc"][0]) if first["loc"] else "The request"
    context: dict[str, Any] = first.get("ctx", {})
    if first["type"] == "value_error":
        return str(context["error"])
    if first["type"] == "literal_error":
        return _literal_sentence(maker, option, first["input"], choices_of(request, option))
    return _SENTENCES.get(first["type"], _FALLBACK).format(option=option, **context)


def choices_of(request: type[BaseModel], option: str) -> tuple[Any, ...]:
    """The values that an option's `Literal` allows, in their order; empty where it has none."""
    return _literals(request.model_fields[option].annotation)


def _literals(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(value for part in get_args(annotation) for value in _literals(part))


def _literal_sentence(maker: str, option: str, given: object, choices: Sequence[Any]) -> str:
    if option in _SECONDS_OPTIONS and isinstance(given, int):
        return wrong_seconds(maker, given, choices)
    return wrong_choice(option, given, choices)


def _nearest_number(given: int, choices: Sequence[int]) -> str:
    below = [max(choice for choice in choices if choice < given)] if given > min(choices) else []
    above = [min(choice for choice in choices if choice > given)] if given < max(choices) else []
    return any_of([*below, *above])


def _nearest_text(given: str, choices: Sequence[str]) -> str | None:
    folded = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(given.casefold(), folded, n=1)
    return folded[found[0]] if found else None
