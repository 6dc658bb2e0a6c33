"""What a person can type into a command, checked against the registered one as Discord's client does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox.discord_api.bodies import Upload
from bot.sandbox.discord_api.commands import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
    Commands,
)
from bot.sandbox.discord_api.errors import CommandRejected
from bot.sandbox.discord_api.payloads import Json, attachment_json, partial_member_json, role_json, user_json
from bot.sandbox.discord_api.permissions import Permission, in_channel
from bot.sandbox.discord_api.place_payloads import partial_channel_json
from bot.sandbox.discord_api.places import DM, GROUP_DM, Channel, Role, User
from bot.sandbox.discord_api.world import Attachment, World

_PYTHON: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    USER: (User,),
    CHANNEL: (Channel,),
    ROLE: (Role,),
    MENTIONABLE: (User, Role),
    NUMBER: (int, float),
    ATTACHMENT: (Upload,),
}


class Typing:
    """One person's input in one channel, becoming an interaction's `data`."""

    def __init__(self, world: World, commands: Commands, user: User, channel: Channel) -> None:
        self._world = world
        self._commands = commands
        self._user = user
        self._channel = channel
        self._resolved: dict[str, Json] = {}

    def command(self, name: str, values: Mapping[str, Any], focused: str | None = None) -> Json:
        """The `data` of a slash command, or of its autocomplete with `focused` naming the option being typed.

        Raises:
            CommandRejected: a person could not have typed this here.
        """
        words = name.split() or [name]
        command = self.available(words[0], 1)
        options, path = command["options"], []
        for word in words[1:]:
            step = next(
                (each for each in options if each["name"] == word and each["type"] in (SUBCOMMAND, GROUP)), None
            )
            if step is None:
                raise CommandRejected(f"/{command['name']} has no subcommand {word!r}")
            path.append(step)
            options = step.get("options") or []
        if any(each["type"] in (SUBCOMMAND, GROUP) for each in options):
            raise CommandRejected(f"/{name} needs a subcommand")
        data = self._options(name, options, values, focused)
        for step in reversed(path):
            data = [{"name": step["name"], "type": step["type"], "options": data}]
        return self._data(command) | ({"options": data} if data else {}) | self.resolved_json()

    def available(self, name: str, kind: int) -> Json:
        """The command of that name that this person sees here.

        Raises:
            CommandRejected: there is none, or it may not be used here.
        """
        guild = self._channel.guild
        command = self._commands.find(name, kind, guild.id if guild else None)
        if command is None:
            raise CommandRejected(f"there is no command {name!r}; the bot registered {self._names()}")
        if command["nsfw"] and not (self._channel.parent or self._channel).nsfw and self._channel.guild:
            raise CommandRejected(f"/{name} can only be used in age-restricted channels")
        self._check_place(command)
        self._check_permission(command)
        return command

    def offers(self, command: Json) -> bool:
        """Whether this person sees that registered command here."""
        try:
            return self.available(command["name"], command["type"]) is command
        except CommandRejected:
            return False

    def attach(self, file: Upload) -> Attachment:
        """Upload a person's file, as Discord's client does before the command is sent."""
        limit = self._channel.upload_limit_of(self._user)
        if file.size > limit:
            raise CommandRejected(f"{file.filename} is larger than this person's limit of {limit} bytes")
        attachment = self._world.keep(file, self._world.application_id, ephemeral=True)
        self._resolve("attachments", attachment.id, attachment_json(attachment))
        return attachment

    def resolve_user(self, user: User) -> None:
        """Put a person into the resolved data."""
        self._resolve("users", user.id, user_json(user))
        guild = self._channel.guild
        if guild and user.id in guild.members:
            member = partial_member_json(guild.members[user.id])
            self._resolve("members", user.id, member | {"permissions": str(in_channel(user, self._channel))})

    def resolve_chosen(self, kind: int, ids: Iterable[str]) -> None:
        """Put the people, roles or places that were chosen from a select menu of that type into the resolved data.

        Raises:
            CommandRejected: there is no such thing here.
        """
        guild = self._channel.guild
        roles = guild.roles if guild else {}
        users, channels = self._world.users, self._world.channels
        menus: dict[int, Mapping[int, Any]] = {5: users, 6: roles, 7: {**users, **roles}, 8: channels}
        for each in ids if kind in menus else ():
            if (thing := menus[kind].get(int(each))) is None:
                raise CommandRejected(f"{each} cannot be chosen here")
            self._resolve_thing(thing)

    def resolve_message(self, number: int, body: Json) -> None:
        """Put a message into the resolved data."""
        self._resolve("messages", number, body)

    def target(self, command: Json, target: int) -> Json:
        """The `data` of a context menu; resolve its target first."""
        return self._data(command) | {"target_id": str(target)} | self.resolved_json()

    def resolved_json(self) -> Json:
        """`{"resolved": …}`, or nothing when nothing was resolved."""
        return {"resolved": self._resolved} if self._resolved else {}

    def _resolve(self, kind: str, number: int, body: Json) -> None:
        self._resolved.setdefault(kind, {})[str(number)] = body

    def _data(self, command: Json) -> Json:
        data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
        return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})

    def _names(self) -> list[str]:
        return [each["name"] for each in self._commands.all()]

    def _check_place(self, command: Json) -> None:
        guild, name = self._channel.guild, command["name"]
        contexts = command["contexts"]
        if contexts is None:
            contexts = [0, 1, 2] if command["dm_permission"] else [0]
        context, place = {DM: (1, "direct messages"), GROUP_DM: (2, "group direct messages")}.get(
            self._channel.type, (0, "servers")
        )
        if context not in contexts:
            raise CommandRejected(f"/{name} is not offered in {place}")
        bot_is_here = self._channel.type == DM or (guild and self._world.bot.id in guild.members)
        if not bot_is_here and 1 not in command["integration_types"]:
            raise CommandRejected(f"/{name} cannot be installed by a user, and the bot is not in {place}")

    def _check_permission(self, command: Json) -> None:
        if self._channel.guild is None:
            if self._user not in (self._channel.recipient, *self._channel.people):
                raise CommandRejected("these are somebody else's direct messages")
            return
        allowed = in_channel(self._user, self._channel)
        needed = int(command["default_member_permissions"] or 0) | Permission.USE_APPLICATION_COMMANDS
        needed |= Permission.VIEW_CHANNEL
        if allowed & needed != needed:
            raise CommandRejected(f"{self._user.username} may not use /{command['name']} in #{self._channel.name}")

    def _options(self, name: str, options: list[Json], values: Mapping[str, Any], focused: str | None) -> list[Json]:
        known = {each["name"]: each for each in options}
        for each in [*values, *([focused] if focused else [])]:
            if each not in known:
                raise CommandRejected(f"/{name} has no option {each!r}, but {list(known)}")
        missing = [each["name"] for each in options if each.get("required") and each["name"] not in values]
        if missing and focused is None:
            raise CommandRejected(f"/{name} needs {', '.join(missing)}")
        if focused and not known[focused].get("autocomplete"):
            raise CommandRejected(f"/{name} has no autocomplete for {focused!r}")
        return [
            self._focused(known[key], value) if key == focused else self._option(name, known[key], value)
            for key, value in values.items()
        ]

    def _focused(self, option: Json, value: Any) -> Json:
        return {"name": option["name"], "type": option["type"], "value": str(value), "focused": True}

    def _option(self, name: str, option: Json, value: Any) -> Json:
        kind, what = option["type"], f"/{name} {option['name']}"
        if option.get("choices"):
            value = _chosen(what, option["choices"], value)
        if not isinstance(value, _PYTHON[kind]) or (isinstance(value, bool) and kind != BOOLEAN):
            raise CommandRejected(f"{what}: {value!r} is not what the option takes")
        if isinstance(value, str):
            _check_length(what, option, value)
        elif isinstance(value, int | float):
            _check_range(what, option, value)
        return {"name": option["name"], "type": kind, "value": self._wire_value(kind, value)}

    def _wire_value(self, kind: int, value: Any) -> Any:
        if kind in (STRING, INTEGER, BOOLEAN, NUMBER):
            return value
        if isinstance(value, Upload):
            return str(self.attach(value).id)
        self._resolve_thing(value)
        return str(value.id)

    def _resolve_thing(self, value: User | Role | Channel) -> None:
        if isinstance(value, User):
            self.resolve_user(value)
        elif isinstance(value, Role):
            self._resolve("roles", value.id, role_json(value))
        else:
            self._resolve("channels", value.id, partial_channel_json(value, self._user))


def _chosen(what: str, choices: list[Json], value: Any) -> Any:
    """The value of the choice a person picked, by its value or by its name."""
    for choice in choices:
        if value in (choice["value"], choice["name"]) and not isinstance(value, bool):
            return choice["value"]
    raise CommandRejected(f"{what}: {value!r} is none of {[choice['value'] for choice in choices]}")


def _check_length(what: str, option: Json, value: str) -> None:
    least, most = option.get("min_length") or 0, option.get("max_length") or 6000
    if not least <= len(value) <= most or (option.get("required") and not value):
        raise CommandRejected(f"{what}: {len(value)} characters, not {least} to {most}")


def _check_range(what: str, option: Json, value: float) -> None:
    least, most = option.get("min_value"), option.get("max_value")
    if (least is not None and value < least) or (most is not None and value > most):
        raise CommandRejected(f"{what}: {value} is not between {least} and {most}")
