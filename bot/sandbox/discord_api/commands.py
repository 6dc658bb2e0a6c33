"""The application's commands: registered, checked and looked up as Discord does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.sandbox.discord_api.checks import Path, Problems
from bot.sandbox.discord_api.localizations import check_translations, translations
from bot.sandbox.discord_api.world import World

Json = dict[str, Any]
#: Types of options.
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
MOST_OPTIONS = MOST_CHOICES = 25
MOST_CHARACTERS = 8000  #: of one command, all names, descriptions and choices together
MOST_COMMANDS = {1: 100, 2: 15, 3: 15}
#: Letters and digits of every script; the vowel signs of Devanagari and Thai are no \w.
_NAME = re.compile(r"[-_'\w\u0900-\u0950\u0955-\u0963\ua8e0-\ua8ff\u0e31-\u0e3a\u0e47-\u0e4e]+")


class Commands:
    """What was PUT: by guild id, and under None the global ones."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._scopes: dict[int | None, list[Json]] = {}
        self.synced = False

    def all(self) -> list[Json]:
        """Every command, as registered."""
        return [command for scope in self._scopes.values() for command in scope]

    def scope(self, guild_id: int | None) -> list[Json]:
        """The commands of one guild, or the global ones."""
        return self._scopes.setdefault(guild_id, [])

    def find(self, name: str, kind: int, guild_id: int | None) -> Json | None:
        """The command a person sees in a place; a guild's own hides the global one."""
        scopes = [self.scope(guild_id), self.scope(None)] if guild_id else [self.scope(None)]
        found = (each for scope in scopes for each in scope if each["name"] == name and each["type"] == kind)
        return next(found, None)

    def overwrite(self, guild_id: int | None, commands: object) -> list[Json]:
        """PUT: replace all commands of a scope.

        Raises:
            ApiError: 50035 with what is wrong, or 30032 above the number of commands.
        """
        problems = Problems()
        given = problems.items((), commands, 0, sum(MOST_COMMANDS.values()))
        for index, command in enumerate(given):
            check_command(problems, (index,), command)
        seen: set[tuple[str, int]] = set()
        for index, command in enumerate(given):
            key = (command.get("name", ""), command.get("type", 1))
            if key in seen:
                problems.add((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Command name already used")
            seen.add(key)
        for kind, most in MOST_COMMANDS.items():
            problems.length((), [each for each in given if each.get("type", 1) == kind], 0, most)
        problems.raise_any()
        self._scopes[guild_id] = [self._registered(guild_id, command) for command in given]
        self.synced = True
        self._world.touch()
        return self._scopes[guild_id]

    def _registered(self, guild_id: int | None, command: Json) -> Json:
        kind = command.get("type") or 1
        old = [each for each in self.scope(guild_id) if (each["name"], each["type"]) == (command["name"], kind)]
        defaults: Json = {
            "type": kind,
            "description": "",
            "options": [],
            "default_member_permissions": None,
            "dm_permission": True,
            "contexts": None,
            "integration_types": [0],
            "nsfw": False,
        }
        given = {key: value for key, value in command.items() if value is not None}
        if "default_member_permissions" in given:
            given["default_member_permissions"] = str(given["default_member_permissions"])
        identity: Json = {
            "id": old[0]["id"] if old else str(self._world.new_id()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.new_id()),
        }
        return defaults | given | identity | ({"guild_id": str(guild_id)} if guild_id else {})


def check_command(problems: Problems, path: Path, command: Any) -> None:
    """Check one command: its name, description, options, choices, and 8,000 characters in all."""
    command = command if isinstance(command, dict) else {}
    kind = command.get("type") or 1
    problems.choice((*path, "type"), kind, (1, 2, 3))
    for key, allowed in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
        for value in command.get(key) or []:
            problems.choice((*path, key), value, allowed)
    if kind != 1:
        problems.text((*path, "name"), command.get("name"), 1, 32)
        check_translations(problems, path, command, "name", 32)
        if command.get("description"):
            message = "Context menu commands cannot have description"
            problems.add((*path, "description"), "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NOT_ALLOWED", message)
        return
    _check_words(problems, path, command)
    _check_options(problems, path, command.get("options"), depth=0)
    if not problems.tree and characters(command) > MOST_CHARACTERS:
        message = f"Command exceeds maximum size ({MOST_CHARACTERS})"
        problems.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)


def characters(node: Json) -> int:
    """What counts toward the 8,000: names, descriptions and string choices; of translations only the longest."""
    total = 0
    for key in ("name", "description"):
        texts = [node.get(key) or "", *translations(node, key).values()]
        total += max(len(text) for text in texts)
    if isinstance(node.get("value"), str):
        total += len(node["value"])
    return total + sum(characters(each) for key in ("options", "choices") for each in node.get(key) or [])


def _check_words(problems: Problems, path: Path, node: Json) -> None:
    """Check the name and description of a slash command or option, in every language."""
    _check_name(problems, (*path, "name"), problems.text((*path, "name"), node.get("name"), 1, 32))
    problems.text((*path, "description"), node.get("description"), 1, 100)
    check_translations(problems, path, node, "name", 32)
    check_translations(problems, path, node, "description", 100)
    for tag, name in translations(node, "name").items():
        _check_name(problems, (*path, "name_localizations", tag), str(name))


def _check_name(problems: Problems, path: Path, name: str) -> None:
    problems.pattern(path, name, _NAME)
    if name != name.lower():
        problems.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(problems: Problems, path: Path, options: object, *, depth: int) -> None:
    listed = problems.items((*path, "options"), options, 0, MOST_OPTIONS)
    _check_order(problems, path, listed)
    _check_unique(problems, path, listed)
    for index, option in enumerate(listed):
        here: Path = (*path, "options", index)
        kind = option.get("type")
        problems.choice((*here, "type"), kind, range(1 if depth < 2 else 3, 12))
        _check_words(problems, here, option)
        if kind in (SUBCOMMAND, GROUP):
            nested = kind == GROUP and depth > 0
            if nested:
                problems.add((*here, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option type")
            _check_options(problems, here, option.get("options"), depth=depth + (1 if kind == GROUP else 2))
        else:
            _check_value_option(problems, here, option)


def _check_order(problems: Problems, path: Path, options: Sequence[Json]) -> None:
    optional = False
    kinds = {each.get("type") in (SUBCOMMAND, GROUP) for each in options}
    if len(kinds) > 1:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        problems.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    for index, option in enumerate(options):
        if option.get("required") and optional:
            message = "Required options must be placed before non-required options"
            problems.add((*path, "options", index), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional = optional or not option.get("required")


def _check_unique(problems: Problems, path: Path, options: Sequence[Json]) -> None:
    """Check that no two options have one name, in any language; the first clash is told."""
    tags = {tag for option in options for tag in translations(option, "name")}
    for tag in (None, *sorted(tags)):
        names = [translations(option, "name").get(tag or "", option.get("name")) for option in options]
        for index, name in enumerate(names):
            if name in names[:index]:
                message = "Option name already used"
                problems.add((*path, "options", index), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_USED", message)
                return


def _check_value_option(problems: Problems, path: Path, option: Json) -> None:
    kind = option.get("type")
    choices = problems.items((*path, "choices"), option.get("choices"), 0, MOST_CHOICES)
    types: Any = {STRING: str, INTEGER: int, NUMBER: (int, float)}.get(kind or 0, ())
    for index, choice in enumerate(choices):
        problems.text((*path, "choices", index, "name"), choice.get("name"), 1, 100)
        check_translations(problems, (*path, "choices", index), choice, "name", 100)
        if not isinstance(choice.get("value"), types):
            message = f'Could not interpret "{choice.get("value")}".'
            problems.add((*path, "choices", index, "value"), "APPLICATION_COMMAND_OPTIONS_CHOICE_INVALID_TYPE", message)
        elif kind == STRING:
            problems.text((*path, "choices", index, "value"), choice["value"], 1, 100)
    if choices and option.get("autocomplete"):
        message = "Choices and autocomplete exclude each other"
        problems.add((*path, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", message)
    for key, least in (("min_length", 0), ("max_length", 1)):
        if option.get(key) is not None:
            problems.whole((*path, key), option[key], least, 6000)
