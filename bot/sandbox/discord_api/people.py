"""What people do: they type commands, press buttons, fill in modals and post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.discord_api.bodies import Body, Upload
from bot.sandbox.discord_api.calls import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Call
from bot.sandbox.discord_api.errors import CommandRejected
from bot.sandbox.discord_api.inputs import pressed, submitted
from bot.sandbox.discord_api.limits import mind_slow_mode
from bot.sandbox.discord_api.messages import create_message
from bot.sandbox.discord_api.moderators import Moderators
from bot.sandbox.discord_api.payloads import Json, message_json
from bot.sandbox.discord_api.permissions import require, sees, to_post
from bot.sandbox.discord_api.places import Channel, User
from bot.sandbox.discord_api.threads import require_open, wake
from bot.sandbox.discord_api.typed import Typing
from bot.sandbox.discord_api.world import Message


class People(Moderators):
    """The acts of people. They and channels are given as objects of `world` or by name."""

    async def command(
        self,
        user: User | str,
        channel: Channel | str,
        name: str,
        options: Mapping[str, Any] | None = None,
    ) -> Call:
        """Use a slash command, such as "veo" or "jobs show".

        Raises:
            CommandRejected: Discord's client would not have sent this.
        """
        person, place = self._user(user), self._channel(channel)
        data = self._typing(person, place).command(name, options or {})
        return self._send(type=COMMAND, user=person, channel=place, data=data)

    async def autocomplete(
        self,
        user: User | str,
        channel: Channel | str,
        name: str,
        options: Mapping[str, Any],
        *,
        focused: str,
    ) -> list[Json]:
        """Type into an option with autocomplete and see what the bot offers: [{name, value}].

        Raises:
            CommandRejected: the option has none.
            NotAnswered: the bot offered nothing in three seconds.
        """
        person, place = self._user(user), self._channel(channel)
        data = self._typing(person, place).command(name, options, focused)
        call = await self._send(type=AUTOCOMPLETE, user=person, channel=place, data=data).answered()
        return call.choices or []

    def commands_for(self, user: User | str, channel: Channel | str) -> list[Json]:
        """The commands, slash commands and context menus, that a person is offered in a place."""
        typing = self._typing(self._user(user), self._channel(channel))
        return [each for each in self._core.commands.all() if typing.offers(each)]

    async def press(
        self, user: User | str, message: Message, custom_id: str, values: Sequence[str] | None = None
    ) -> Call:
        """Press a button, or choose `values` from a select menu.

        Raises:
            CommandRejected: the person sees no such component, or it is disabled.
        """
        person = self._user(user)
        self._require_sight(person, message.channel)
        data = pressed(person, self._typing(person, message.channel), message, custom_id, values)
        return self._send(type=COMPONENT, user=person, channel=message.channel, data=data, message=message)

    async def submit_modal(self, user: User | str, call: Call, values: Mapping[str, Any]) -> Call:
        """Fill in and submit the modal that a call opened: custom_id of the field to text, choices or uploads.

        Raises:
            CommandRejected: there is no such modal or field, or it does not take the value.
        """
        person = self._user(user)
        if person is not call.user:
            raise CommandRejected(f"the modal is open for {call.user.username}, not for {person.username}")
        data = submitted(call, self._typing(person, call.channel), values)
        return self._send(type=MODAL, user=person, channel=call.channel, data=data, message=call.message, parent=call)

    async def context_menu(self, user: User | str, channel: Channel | str, name: str, target: Message | User) -> Call:
        """Use a command of a message's or a person's context menu.

        Raises:
            CommandRejected: there is none of that name for this target here.
        """
        person, place = self._user(user), self._channel(channel)
        typing = self._typing(person, place)
        command = typing.available(name, 3 if isinstance(target, Message) else 2)
        if isinstance(target, Message):
            typing.resolve_message(target.id, message_json(self.world, target))
        else:
            typing.resolve_user(target)
        data = typing.target(command, target.id)
        return self._send(type=COMMAND, user=person, channel=place, data=data)

    async def say(
        self, user: User | str, channel: Channel | str, content: str, files: Sequence[Upload] = ()
    ) -> Message:
        """Post a message as a person.

        Raises:
            ApiError: Discord's refusal, such as 20016 (429) in slow mode.
        """
        person, place = self._user(user), self._channel(channel)
        require(person, place, to_post(place, files=bool(files)))
        mind_slow_mode(self.world, place, person)
        require_open(place, person)
        body = Body(json={"content": content}, files=dict(enumerate(files)))
        limit = place.upload_limit_of(person)
        message = create_message(self.world, body, channel=place, author=person, limit=limit)
        wake(self._core, place)
        self._core.gateway.message_event("MESSAGE_CREATE", message)
        return message

    def call(self, number: int) -> Call | None:
        """The interaction of that id."""
        return self._core.calls.find(number)

    def _send(self, **what: Any) -> Call:
        call = self._core.calls.open(**what)
        self._core.gateway.dispatch("INTERACTION_CREATE", call.event_json())
        self.world.touch()
        return call

    def _typing(self, user: User, channel: Channel) -> Typing:
        return Typing(self.world, self._core.commands, user, channel)

    def _require_sight(self, user: User, channel: Channel) -> None:
        if not sees(user, channel):
            raise CommandRejected(f"{user.username} does not see #{channel.name}")
