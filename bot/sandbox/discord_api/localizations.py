"""Translations of commands: checked when they are registered, chosen for who asks for the commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.discord_api.checks import Path, Problems

Json = dict[str, Any]
LOCALES = frozenset({"ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he", "hi", "hr",
    "hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN",
    "zh-TW"})  # fmt: skip
"""AvailableLocalesEnum of Discord's OpenAPI document."""
FALLBACKS = {"en-US": "en-GB", "en-GB": "en-US", "es-419": "es-ES"}
"""Where a locale has no text of its own, before the default (api-docs#7237)."""


def translations(node: Mapping[str, Any], key: str) -> dict[str, str]:
    """The translations of a node's name or description; {} where it has none or they are no object."""
    given = node.get(f"{key}_localizations")
    return given if isinstance(given, dict) else {}


def check_translations(problems: Problems, path: Path, node: Mapping[str, Any], key: str, most: int) -> None:
    """Check that translations are texts of 1 to `most` characters, each for a locale that Discord has."""
    here: Path = (*path, f"{key}_localizations")
    given = node.get(here[-1])
    for tag, text in problems.mapping(here, {} if given is None else given).items():
        if tag not in LOCALES:
            problems.add((*here, tag), "ENUM_TYPE_COERCE", f'Value "{tag}" is not a valid enum value.')
        problems.text((*here, tag), text, 1, most)


def localized(node: Json, locale: str) -> Json:
    """A command as lists have it: only the words of one locale, as `name_localized` and `description_localized`."""
    words: Json = {}
    for key in ("name", "description"):
        given = translations(node, key)
        if text := given.get(locale) or given.get(FALLBACKS.get(locale, "")):
            words[f"{key}_localized"] = text
    inner = {key: [localized(each, locale) for each in node[key]] for key in ("options", "choices") if node.get(key)}
    kept = {key: value for key, value in node.items() if not key.endswith("_localizations")}
    return kept | words | inner
