"""Checking bodies field by field, and the error tree that Discord answers with code 50035."""

from __future__ import annotations

import re
from collections.abc import Sequence, Sized
from typing import Any

from bot.sandbox.discord_api.errors import ApiError, invalid_form

Path = tuple[str | int, ...]


def refusal(path: Path, code: str, message: str) -> ApiError:
    """The refusal of a body with one thing wrong: HTTP 400, code 50035, with the tree."""
    problems = Problems()
    problems.add(path, code, message)
    return invalid_form(problems.tree)


class Problems:
    """What is wrong with a body, gathered under the paths of its fields."""

    def __init__(self) -> None:
        self.tree: dict[str, Any] = {}

    def add(self, path: Path, code: str, message: str) -> None:
        """Note one problem, such as `("components", 0), "BASE_TYPE_REQUIRED", "This field is required"`."""
        node = self.tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def raise_any(self) -> None:
        """Refuse the body if anything is wrong with it.

        Raises:
            ApiError: HTTP 400, code 50035, with the tree.
        """
        if self.tree:
            raise invalid_form(self.tree)

    def text(self, path: Path, value: object, least: int, most: int, *, required: bool = True) -> str:
        """Check a text's type and length; gives "" for what is no text."""
        if value is None:
            if required:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
            return ""
        if not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
            return ""
        if not value and least:
            self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        else:
            self.length(path, value, least, most)
        return value

    def pattern(self, path: Path, value: str, pattern: re.Pattern[str]) -> None:
        """Check a text against the expression that the documents give."""
        if value and not pattern.fullmatch(value):
            self.add(path, "STRING_TYPE_REGEX", f"String value did not match validation regex: {pattern.pattern}")

    def whole(self, path: Path, value: object, least: int, most: int) -> int:
        """Check a whole number; gives `least` for what is none."""
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return least
        if value < least:
            self.add(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        elif value > most:
            self.add(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
        return value

    def flag(self, path: Path, value: object) -> None:
        """Check a truth value, which may be left out."""
        if value not in (None, True, False):
            self.add(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")

    def choice(self, path: Path, value: object, allowed: Sequence[Any]) -> None:
        """Check a value against the ones that there are."""
        if value not in allowed:
            names = ", ".join(str(each) for each in allowed)
            self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of ({names}).")

    def items(self, path: Path, value: object, least: int, most: int) -> list[Any]:
        """Check a list's type and length; gives [] for what is no list."""
        if value is None and least == 0:
            return []
        if not isinstance(value, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            return []
        self.length(path, value, least, most)
        return value

    def length(self, path: Path, value: Sized, least: int, most: int) -> None:
        """Check how long a text or a list is."""
        if len(value) > most and not least:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        elif not least <= len(value) <= most:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    def mapping(self, path: Path, value: object) -> dict[str, Any]:
        """Check that a value is an object; gives {} for what is none."""
        if isinstance(value, dict):
            return value
        self.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return {}

    def snowflake(self, path: Path, value: object) -> int:
        """Check an id, given as text or number; gives 0 for what is none."""
        if isinstance(value, int | str) and str(value).isdecimal():
            return int(value)
        self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        return 0
