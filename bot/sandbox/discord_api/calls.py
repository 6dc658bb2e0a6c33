"""Interactions: what a person did, its token, its clocks, and what the bot answered."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.discord_api.errors import (
    NotAnswered,
    dead_token,
    unknown_interaction,
    unknown_webhook,
)
from bot.sandbox.discord_api.payloads import Json, member_json, message_json, user_json
from bot.sandbox.discord_api.permissions import IN_A_DM, Permission, in_channel
from bot.sandbox.discord_api.place_payloads import partial_channel_json
from bot.sandbox.discord_api.places import DM, GROUP_DM, Channel, Guild, User
from bot.sandbox.discord_api.world import EPHEMERAL, Message, World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5  #: types of interactions
FIRST_ANSWER, TOKEN_LIFE = 3.0, 15 * 60.0  #: seconds
MOST_FOLLOWUPS = 5  #: for a user-installed app that is not in the guild


@dataclass(eq=False, kw_only=True)
class Call:
    """One interaction, from what the person did to the last answer."""

    world: World = field(repr=False)
    id: int
    type: int
    user: User
    channel: Channel
    data: Json
    token: str = field(default_factory=lambda: secrets.token_urlsafe(64))
    created_at: float = 0.0
    message: Message | None = None  #: the message whose component was used
    parent: Call | None = None  #: the call that opened the modal
    answer_type: int | None = None  #: the type of the first callback: 4, 5, 6, 7, 8 or 9
    response: Message | None = None  #: what @original is
    modal: Json | None = None
    choices: list[Json] | None = None  #: what autocomplete offered
    followups: list[Message] = field(default_factory=list[Message])
    late: bool = False  #: a callback came after the three seconds
    _done: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def guild(self) -> Guild | None:
        """Where it happened, if not in a DM or group DM."""
        return self.channel.guild

    @property
    def bot_is_here(self) -> bool:
        """Whether the bot is a member of the place; otherwise the app is installed by the user alone."""
        return self.channel.type == DM or (self.guild is not None and self.world.bot.id in self.guild.members)

    @property
    def deferred(self) -> bool:
        """Whether the first answer only said that more will come."""
        return self.answer_type in (5, 6)

    @property
    def ephemeral(self) -> bool:
        """Whether only the person sees the answer."""
        return bool(self.response and self.response.ephemeral)

    @property
    def upload_limit(self) -> int:
        """Bytes a file may have in an answer: the best of the person's and the guild's."""
        return self.channel.upload_limit_of(self.user)

    async def answered(self, timeout: float = FIRST_ANSWER) -> Call:
        """Wait for the first callback.

        Raises:
            NotAnswered: there was none in that many real seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._done.wait()
        except TimeoutError:
            raise NotAnswered(f"the bot did not answer {self.name!r} within {timeout:g} s") from None
        return self

    def acknowledge(self, answer_type: int) -> None:
        """Note the first callback."""
        self.answer_type = answer_type
        self._done.set()
        self.world.touch()

    @property
    def acknowledged(self) -> bool:
        """Whether the first callback came."""
        return self.answer_type is not None

    @property
    def name(self) -> str:
        """The command's name with its subcommand, or the custom_id."""
        words = [self.data.get("name") or self.data.get("custom_id", "")]
        options = self.data.get("options") or []
        while options and options[0]["type"] in (1, 2):
            words.append(options[0]["name"])
            options = options[0].get("options") or []
        return " ".join(words)

    def must_be_ephemeral(self, flags: int) -> bool:
        """Whether an answer with these flags is for the person only."""
        external = bool(in_channel(self.user, self.channel) & Permission.USE_EXTERNAL_APPS)
        return bool(flags & EPHEMERAL) or (not self.bot_is_here and not external)

    def owners_json(self) -> Json:
        """Who installed the app: "0" the guild (0 in a DM with the bot), "1" the user.

        The user is who began it all: not who presses a button, but who gave the command that its message answers.
        """
        owners: Json = {"0": str(self.guild.id if self.guild else 0)} if self.bot_is_here else {}
        first = self.message.interaction if self.message else None
        installer = first.user if first else self.user
        return owners | ({"1": str(installer.id)} if installer.installed or not self.bot_is_here else {})

    def event_json(self) -> Json:
        """INTERACTION_CREATE."""
        person = self._person_json()
        body: Json = {
            "id": str(self.id),
            "application_id": str(self.world.application_id),
            "type": self.type,
            "data": self.data,
            "token": self.token,
            "version": 1,
            "channel_id": str(self.channel.id),
            "channel": partial_channel_json(self.channel, self.user),
            "app_permissions": str(self._app_permissions()),
            "locale": self.user.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": self.owners_json(),
            "context": {DM: 1, GROUP_DM: 2}.get(self.channel.type, 0),
            "attachment_size_limit": self.upload_limit,
        }
        if self.guild:
            locale = self.guild.preferred_locale
            body |= {"guild_id": str(self.guild.id), "guild_locale": locale}
            body["guild"] = {"id": str(self.guild.id), "locale": locale, "features": []}
        if self.message:
            body["message"] = message_json(self.world, self.message)
        return body | person

    def _app_permissions(self) -> int:
        if self.channel.type == DM:
            return int(IN_A_DM)
        if not self.bot_is_here:
            return int(IN_A_DM & ~Permission.USE_EXTERNAL_EMOJIS)
        return in_channel(self.world.bot, self.channel)

    def _person_json(self) -> Json:
        if self.guild is None:
            return {"user": user_json(self.user)}
        permissions = str(in_channel(self.user, self.channel))
        return {"member": member_json(self.guild.members[self.user.id]) | {"permissions": permissions}}

    def metadata_json(self, message: Message) -> Json:
        """What a message that answers this call says of it."""
        metadata = self._metadata()
        if self.response and message is not self.response:
            metadata["original_response_message_id"] = str(self.response.id)
        body: Json = {"webhook_id": str(self.world.application_id), "interaction_metadata": metadata}
        if self.type == COMMAND:
            body["interaction"] = {"id": str(self.id), "type": 2, "name": self.name, "user": user_json(self.user)}
        return body

    def _metadata(self) -> Json:
        metadata: Json = {
            "id": str(self.id),
            "type": self.type,
            "user": user_json(self.user),
            "authorizing_integration_owners": self.owners_json(),
        }
        if self.type == COMMAND:
            metadata |= {"name": self.name, "command_type": self.data["type"]}
        elif self.parent:
            metadata["triggering_interaction_metadata"] = self.parent._metadata()  # noqa: SLF001 - its own kind
        else:
            assert self.message is not None  # whose component was used
            metadata["interacted_message_id"] = str(self.message.id)
        return metadata


class Calls:
    """All interactions, by id and by token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_id: dict[int, Call] = {}
        self._by_token: dict[str, Call] = {}

    def open(self, **what: Any) -> Call:
        """Start an interaction."""
        call = Call(world=self._world, id=self._world.new_id(), created_at=self._world.clock(), **what)
        if call.type == COMMAND and not call.bot_is_here:
            call.user.installed = True  # else the command would not be offered there
        self._by_id[call.id] = self._by_token[call.token] = call
        return call

    def find(self, number: int) -> Call | None:
        """The interaction of that id, as the person's own client knows it."""
        return self._by_id.get(number)

    def to_answer(self, number: int, token: str) -> Call:
        """The interaction that a callback is for.

        Raises:
            ApiError: 10062 when there is none, or its three seconds are over and nothing was answered.
        """
        call = self._by_id.get(number)
        if call is None or call.token != token:
            raise unknown_interaction()
        if not call.acknowledged and self._world.clock() - call.created_at > FIRST_ANSWER:
            call.late = True
            self._world.touch()
            raise unknown_interaction()
        return call

    def by_token(self, application: int, token: str) -> Call:
        """The interaction whose webhook is used.

        Raises:
            ApiError: 10015 when there is none or nothing was answered yet, 50027 after 15 minutes.
        """
        call = self._by_token.get(token)
        if call is None or application != self._world.application_id or not call.acknowledged:
            raise unknown_webhook()
        if self._world.clock() - call.created_at > TOKEN_LIFE:
            raise dead_token()
        return call
