"""The stand-in as its users hold it: start it, act as a person, look at what the bot did."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable
from typing import Self, TypeVar

from aiohttp import web

from bot.sandbox.discord_api.calls import Calls
from bot.sandbox.discord_api.clock import Clock
from bot.sandbox.discord_api.commands import Commands
from bot.sandbox.discord_api.core import Core
from bot.sandbox.discord_api.default_world import default_world
from bot.sandbox.discord_api.gateway import Gateway
from bot.sandbox.discord_api.payloads import Json
from bot.sandbox.discord_api.people import People
from bot.sandbox.discord_api.permissions import sees
from bot.sandbox.discord_api.places import Channel, User
from bot.sandbox.discord_api.server import API, LogEntry, build_app
from bot.sandbox.discord_api.world import Message, World
from bot.sandbox.faults import Fault, Faults

T = TypeVar("T")
LOOK_AGAIN = 0.02  #: seconds, for what a predicate sees outside the world


class DiscordSandbox(People):
    """Discord on 127.0.0.1, for one bot.

    `faults` spoil requests (see `bot.sandbox.faults`); `clock` gives the seconds since 1970, which `advance` pushes on;
    People and channels are given as objects of `world` or by name.
    """

    def __init__(
        self,
        *,
        token: str = "sandbox-token",  # noqa: S107 - not a secret: the sandbox opens nothing else
        port: int = 0,
    ) -> None:
        self.token = token
        self.clock = Clock()
        self.faults = Faults()
        self.log: list[LogEntry] = []
        super().__init__(_core(default_world(self.clock), token))
        self._gateway = self._core.gateway
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
        await self._gateway.drop(None)
        assert self._runner is not None
        await self._runner.cleanup()
        self.world.cdn.close()

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
        return self._core.commands.all()

    # What happens

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 30.0, what: str = "the condition") -> T:
        """Wait until the predicate is true, looking again at every change; give what it gave.

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

    @property
    def is_connected(self) -> bool:
        """Whether the bot has a socket, after READY and its guilds."""
        return self._gateway.connected

    async def connected(self, timeout: float = 30.0) -> None:
        """Wait until the bot has identified and was sent READY and its guilds."""
        await self.wait_for(lambda: self.is_connected, timeout, "the bot's gateway connection")

    async def disconnected(self) -> None:
        """Wait until no session of the bot has a socket."""
        await self.wait_for(lambda: not self.is_connected, 30.0, "the end of the gateway connection")

    async def commands_synced(self, timeout: float = 30.0) -> None:
        """Wait until the bot has PUT its commands."""
        await self.wait_for(lambda: self._core.commands.synced, timeout, "the command sync")

    def messages(self, channel: Channel | str, viewer: User | str | None = None) -> list[Message]:
        """The messages of a channel as a person sees them, oldest first; without a viewer, what everybody sees."""
        place = self._channel(channel)
        person = self._user(viewer) if viewer else None
        if person and not sees(person, place):
            return []
        return [each for each in self.world.in_channel(place) if not each.ephemeral or each.interaction_user is person]

    # What goes wrong

    def rate_limit(
        self, path: str, *, retry_after: float, method: str = "*", times: int = 1, whole: bool = False
    ) -> Fault:
        """Answer matching requests 429, as where the bot has asked too often there, or with `whole` anywhere."""
        headers = {"Retry-After": str(math.ceil(retry_after))}
        if whole:
            headers |= {"X-RateLimit-Scope": "global", "X-RateLimit-Global": "true"}
        else:
            headers |= {"X-RateLimit-Scope": "user", "X-RateLimit-Reset-After": f"{retry_after}"}
        body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": whole}
        return self.faults.add(path, method=method, times=times, status=429, body=body, headers=headers)

    def ban(self, path: str = API, *, retry_after: float | None = None, method: str = "*", times: int = 1) -> Fault:
        """Answer as Cloudflare does, which stands before Discord: 429, error 1015 in HTML, and no `Via`."""
        headers = {"Via": "", "Server": "cloudflare"}
        headers |= {} if retry_after is None else {"Retry-After": str(math.ceil(retry_after))}
        body = "<html><title>Access denied</title><p>error code: 1015</p></html>"
        return self.faults.add(path, method=method, times=times, status=429, body=body, headers=headers)

    def reset_token(self) -> Fault:
        """Have the bot's token reset in the developer portal: REST answers 401, and the gateway 4004 once it is asked.

        The tokens of interactions live on.
        """
        self._gateway.change_token("another-token")
        body = {"message": "401: Unauthorized", "code": 0}
        return self.faults.add(rf"{API}/(?!interactions|webhooks)", times=-1, status=401, body=body)

    def limit_old_edits(self, most: int = 3, within: float = 6.0) -> None:
        """Refuse edits of messages older than an hour, 429 with code 30046, beyond so many a channel in that time.

        Discord does not tell its numbers (api-docs#4413); three in six seconds is what others measured.
        """
        self.world.old_edits = (most, within)

    def limit_dms(self, left: int) -> None:
        """Let so many more direct messages be opened with people; then opening one gives 403 with code 40003."""
        self.world.dms_left = left

    async def drop_socket(self, code: int | None = None) -> None:
        """Close the bot's socket with a code, or cut it with no goodbye; its session can be resumed."""
        await self._gateway.drop(code)

    def want_heartbeats(self, every: float) -> None:
        """Ask sockets opened from now on for a heartbeat every so many seconds, instead of every 41."""
        self._gateway.heartbeat_interval = int(every * 1000)

    async def fall_silent(self) -> None:
        """Let the bot's socket stay open and carry nothing more, ACKs of heartbeats included."""
        self._gateway.fall_silent()

    def slam_sockets(self, *codes: int) -> None:
        """Close the next sockets with these codes as soon as they are open."""
        self._gateway.slams.extend(codes)

    def repeat_at_resume(self, events: int) -> None:
        """Have each RESUME send that many events once more which the bot has seen."""
        self._gateway.repeats = events

    @property
    def socket_openings(self) -> int:
        """How many sockets the bot has asked for."""
        return self._gateway.openings

    async def unplug(self) -> None:
        """Go out of reach: connections are cut, and new ones refused until `plug`."""
        assert self._runner is not None
        for site in list(self._runner.sites):
            await site.stop()
        await self._gateway.drop(None)
        assert isinstance(self._runner.server, web.Server)
        for connection in self._runner.server.connections:
            connection.force_close()

    async def plug(self) -> None:
        """Listen again, at the same address."""
        assert self._runner is not None
        await web.SockSite(self._runner, socket.create_server(("127.0.0.1", self._port))).start()

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


def _core(world: World, token: str) -> Core:
    return Core(
        token=token,
        world=world,
        commands=Commands(world),
        calls=Calls(world),
        gateway=Gateway(world, token),
    )
