"""The stand-in as its users hold it: start it, act as a person, look at what the bot did."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeVar

from aiohttp import web

from bot.sandbox.discord_api.bodies import Body, Upload
from bot.sandbox.discord_api.calls import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Call, Calls
from bot.sandbox.discord_api.clock import Clock
from bot.sandbox.discord_api.commands import Commands
from bot.sandbox.discord_api.core import Core
from bot.sandbox.discord_api.default_world import default_world
from bot.sandbox.discord_api.errors import CommandRejected
from bot.sandbox.discord_api.gateway import Gateway
from bot.sandbox.discord_api.messages import create_message, delete_message
from bot.sandbox.discord_api.modals import pressed, submitted
from bot.sandbox.discord_api.payloads import Json, message_json
from bot.sandbox.discord_api.permissions import require, sees, to_post
from bot.sandbox.discord_api.server import API, LogEntry, build_app
from bot.sandbox.discord_api.typed import Typing
from bot.sandbox.discord_api.world import Channel, Guild, Message, User, World
from bot.sandbox.faults import Fault, Faults

T = TypeVar("T")
LOOK_AGAIN = 0.02  #: seconds, for what a predicate sees outside the world


class DiscordSandbox:
    """Discord on 127.0.0.1, for one bot.

    `faults` spoil REST requests (see `bot.sandbox.faults`); `clock` is the sandbox's time and can be pushed forward;
    `privileged_intents` are refused with close code 4014 unless granted. People and channels are given as objects of
    `world` or by name.
    """

    def __init__(
        self,
        *,
        token: str = "sandbox-token",  # noqa: S107 - not a secret: the sandbox opens nothing else
        port: int = 0,
        faults: Faults | None = None,
        now: Callable[[], float] = time.time,
        world: Callable[[Clock], World] = default_world,
        privileged_intents: bool = False,
    ) -> None:
        self.token = token
        self.clock = Clock(now)
        self.world = world(self.clock)
        self.faults = faults or Faults()
        self.log: list[LogEntry] = []
        self._calls = Calls(self.world)
        self._commands = Commands(self.world)
        self._gateway = Gateway(self.world, token, privileged_intents=privileged_intents)
        self._core = Core(
            token=token, world=self.world, commands=self._commands, calls=self._calls, gateway=self._gateway
        )
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = build_app(self._core, self.faults, self.log)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self.world.cdn.base_url = f"http://127.0.0.1:{self._port}"
        self._gateway.url = self.gateway_url
        await web.SockSite(self._runner, listener).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """The REST base, for DISCORD_API_URL."""
        return f"http://127.0.0.1:{self._port}{API}"

    @property
    def gateway_url(self) -> str:
        """The WebSocket's address, for DISCORD_GATEWAY_URL."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def commands(self) -> list[Json]:
        """The commands the bot registered, as Discord keeps them."""
        return self._commands.all()

    # What happens

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 5.0, what: str = "the condition") -> T:  # noqa: ASYNC109 - a public promise
        """Wait until the predicate is true, looking again at every change of the world (and of all else, soon); give what it gave.

        Raises:
            TimeoutError: it was not true in that many real seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (value := predicate()):
                    await self.world.changed(within=LOOK_AGAIN)
                return value
        except TimeoutError:
            last = [f"{entry.method} {entry.path} {entry.status}" for entry in self.log[-5:]]
            raise TimeoutError(f"{what} did not come true in {timeout:g} s; last requests: {last}") from None

    async def connected(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - a public promise
        """Wait until the bot has identified and was sent READY and its guilds."""
        await self.wait_for(lambda: self._gateway.connected, timeout, "the bot's gateway connection")

    async def commands_synced(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - a public promise
        """Wait until the bot has PUT its commands."""
        await self.wait_for(lambda: self._commands.synced, timeout, "the command sync")

    def messages(self, channel: Channel | str, viewer: User | str | None = None) -> list[Message]:
        """The messages of a channel as a person sees them, oldest first; without a viewer, what everybody sees."""
        place = self._channel(channel)
        person = self._user(viewer) if viewer else None
        if person and not sees(person, place):
            return []
        return [each for each in self.world.in_channel(place) if not each.ephemeral or each.interaction_user is person]

    # What people do

    async def command(
        self,
        user: User | str,
        channel: Channel | str,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        guild: Guild | str | None = None,
    ) -> Call:
        """Use a slash command, such as "veo" or "jobs show"; `guild` tells channels of one name apart.

        Raises:
            CommandRejected: Discord's client would not have sent this.
        """
        person, place = self._user(user), self._channel(channel, guild)
        data = Typing(self.world, self._commands, person, place).command(name, options or {})
        return self._send(type=COMMAND, user=person, channel=place, data=data)

    async def autocomplete(
        self,
        user: User | str,
        channel: Channel | str,
        name: str,
        options: Mapping[str, Any],
        *,
        focused: str,
        guild: Guild | str | None = None,
    ) -> list[Json]:
        """Type into an option with autocomplete and see what the bot offers: [{name, value}].

        Raises:
            CommandRejected: the option has none.
            NotAnswered: the bot offered nothing in three seconds.
        """
        person, place = self._user(user), self._channel(channel, guild)
        data = Typing(self.world, self._commands, person, place).command(name, options, focused)
        call = await self._send(type=AUTOCOMPLETE, user=person, channel=place, data=data).answered()
        return call.choices or []

    async def press(
        self, user: User | str, message: Message, custom_id: str, values: Sequence[str] | None = None
    ) -> Call:
        """Press a button, or choose `values` from a select menu.

        Raises:
            CommandRejected: the person sees no such component, or it is disabled.
        """
        person = self._user(user)
        self._require_sight(person, message.channel)
        data = pressed(person, message, custom_id, values)
        return self._send(type=COMPONENT, user=person, channel=message.channel, data=data, message=message)

    async def submit_modal(self, user: User | str, call: Call, values: Mapping[str, Any]) -> Call:
        """Fill in and submit the modal that a call opened: custom_id of the field to text, choices or uploads.

        Raises:
            CommandRejected: there is no such modal or field, or it does not take the value.
        """
        person = self._user(user)
        if person is not call.user:
            raise CommandRejected(f"the modal is open for {call.user.username}, not for {person.username}")
        data = submitted(call, Typing(self.world, self._commands, person, call.channel), values)
        return self._send(type=MODAL, user=person, channel=call.channel, data=data, message=call.message, parent=call)

    async def context_menu(self, user: User | str, channel: Channel | str, name: str, target: Message | User) -> Call:
        """Use a command of a message's or a person's context menu.

        Raises:
            CommandRejected: there is none of that name for this target here.
        """
        person, place = self._user(user), self._channel(channel)
        typing = Typing(self.world, self._commands, person, place)
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
        """Post a message as a person."""
        person, place = self._user(user), self._channel(channel)
        require(person, place, to_post(place, files=bool(files)))
        body = Body(json={"content": content}, files=dict(enumerate(files)))
        message = create_message(self.world, body, channel=place, author=person, limit=person.upload_limit)
        self._gateway.message_event("MESSAGE_CREATE", message)
        return message

    def delete(self, message: Message) -> None:
        """Delete a message as a moderator would."""
        delete_message(self.world, message)
        self._gateway.message_event("MESSAGE_DELETE", message)

    # What goes wrong

    def rate_limit(
        self, path: str, *, retry_after: float, method: str = "*", scope: str = "user", times: int = 1
    ) -> Fault:
        """Answer matching requests 429; `scope` is "user", "shared" or "global"."""
        reset = {"Retry-After": f"{retry_after:.3f}", "X-RateLimit-Scope": scope}
        reset |= {"X-RateLimit-Global": "true"} if scope == "global" else {"X-RateLimit-Reset-After": f"{retry_after}"}
        body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": scope == "global"}
        return self.faults.add(path, method=method, times=times, status=429, body=body, headers=reset)

    async def drop_socket(self, code: int | None = None) -> None:
        """Close the bot's socket with a code, or cut it with no goodbye; its session can be resumed."""
        await self._gateway.drop(code)

    async def request_reconnect(self) -> None:
        """Ask the bot to reconnect (opcode 7)."""
        self._gateway.reconnect()

    async def invalidate_session(self, *, resumable: bool = False) -> None:
        """Send INVALID_SESSION (opcode 9)."""
        self._gateway.invalidate(resumable=resumable)

    @property
    def refuse_sockets(self) -> int:
        """How many of the next socket openings are answered 503."""
        return self._gateway.refuse_sockets

    @refuse_sockets.setter
    def refuse_sockets(self, count: int) -> None:
        self._gateway.refuse_sockets = count

    def advance(self, seconds: float) -> None:
        """Let time pass at once: tokens and links expire without sleeping."""
        self.clock.advance(seconds)

    def restart_clock(self) -> None:
        """Take back all that was advanced."""
        self.clock.restart()

    def _send(self, **what: Any) -> Call:
        call = self._calls.open(**what)
        self._gateway.dispatch("INTERACTION_CREATE", call.event_json())
        self.world.touch()
        return call

    def _user(self, user: User | str) -> User:
        return self.world.user(user) if isinstance(user, str) else user

    def _channel(self, channel: Channel | str, guild: Guild | str | None = None) -> Channel:
        if isinstance(channel, Channel):
            return channel
        home = self.world.guild(guild) if isinstance(guild, str) else guild
        return self.world.channel(channel.removeprefix("#"), home)

    def _require_sight(self, user: User, channel: Channel) -> None:
        if not sees(user, channel):
            raise CommandRejected(f"{user.username} does not see #{channel.name}")
