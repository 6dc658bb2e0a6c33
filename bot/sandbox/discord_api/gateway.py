"""The gateway WebSocket: HELLO, IDENTIFY, RESUME, heartbeats, sessions that outlive their sockets."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.discord_api.payloads import Json, me_json, message_event_json
from bot.sandbox.discord_api.permissions import sees
from bot.sandbox.discord_api.place_payloads import channel_json, guild_create_json
from bot.sandbox.discord_api.places import Channel
from bot.sandbox.discord_api.streams import Squeeze, squeezer
from bot.sandbox.discord_api.world import Message, World

GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 9, 1 << 12
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  #: members, presences, message content: a new application has none of them
HEARTBEAT_INTERVAL_MS = 41_250


class Op(IntEnum):
    """The opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    RESUME = 6
    RECONNECT = 7
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


@dataclass(eq=False)
class Socket:
    """One connection: what is to be sent waits in a queue, so that order is kept."""

    ws: web.WebSocketResponse
    request: web.Request
    squeeze: Squeeze
    queue: asyncio.Queue[str] = field(default_factory=asyncio.Queue[str])
    silent: bool = False  #: it stays open, and nothing more comes of it

    def send(self, op: Op, data: Any = None, *, event: str | None = None, seq: int | None = None) -> None:
        """Queue one payload."""
        self.queue.put_nowait(json.dumps({"op": op, "d": data, "s": seq, "t": event}))

    async def write(self) -> None:
        """Send what is queued, until cancelled."""
        while True:
            text = await self.queue.get()
            squeezed = self.squeeze(text.encode())
            try:
                await (self.ws.send_str(text) if squeezed is None else self.ws.send_bytes(squeezed))
            except ConnectionError:
                return

    def abort(self) -> None:
        """Cut the connection with no goodbye."""
        if self.request.transport is not None:
            self.request.transport.abort()


@dataclass(eq=False)
class Session:
    """What survives a dropped socket: the events sent so far, and those missed since."""

    intents: int
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    events: list[tuple[str, Json]] = field(default_factory=list[tuple[str, Json]])
    socket: Socket | None = None

    def push(self, event: str, data: Json) -> None:
        """Send an event now or at the next RESUME."""
        self.events.append((event, data))
        if self.socket:
            self.socket.send(Op.DISPATCH, data, event=event, seq=len(self.events))

    def replay(self, seen: int) -> None:
        """Send again what came after event number `seen`."""
        assert self.socket is not None
        for index, (event, data) in enumerate(self.events[seen:], start=seen + 1):
            self.socket.send(Op.DISPATCH, data, event=event, seq=index)


class Gateway:
    """All sessions of the bot."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self._sockets: set[Socket] = set()
        self.sessions: dict[str, Session] = {}
        self.heartbeat_interval = HEARTBEAT_INTERVAL_MS
        self.refuse_sockets = 0
        self.slams: list[int] = []  #: codes with which the next sockets are closed before their HELLO
        self.repeats = 0  #: how many events that the bot has seen a RESUME sends once more
        self.openings = 0  #: how many sockets were asked for
        self.url = ""  # known when the sandbox listens

    @property
    def connected(self) -> bool:
        """Whether a session has its socket."""
        return any(session.socket for session in self.sessions.values())

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event to every session."""
        for session in self.sessions.values():
            session.push(event, data)

    def message_event(self, event: str, message: Message) -> None:
        """Tell sessions with the right intents about a message that the bot sees; an ephemeral one is no event."""
        guild = message.channel.guild
        if message.ephemeral or not sees(self._world.bot, message.channel):
            return
        if event == "MESSAGE_DELETE":
            body: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
            body |= {"guild_id": str(guild.id)} if guild else {}
        else:
            body = message_event_json(self._world, message)
        for session in self.sessions.values():
            if session.intents & (GUILD_MESSAGES if guild else DIRECT_MESSAGES):
                session.push(event, self._redacted(body, message))

    def _redacted(self, body: Json, message: Message) -> Json:
        own = message.author is self._world.bot or self._world.bot in message.mentions
        if own or message.channel.guild is None or "content" not in body:
            return body
        return body | {"content": "", "embeds": [], "attachments": [], "components": []}

    def channel_gone(self, channel: Channel) -> None:
        """Tell that a channel or thread was deleted."""
        if channel.guild and self._world.bot.id in channel.guild.members:
            self.dispatch("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", channel_json(channel))

    def channel_changed(self, channel: Channel) -> None:
        """Tell that a channel is no longer what it was; of a thread the bot hears only when it sees it."""
        bot = self._world.bot
        if sees(bot, channel) or (channel.guild and bot.id in channel.guild.members and not channel.is_thread):
            self.dispatch("THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE", channel_json(channel))

    async def drop(self, code: int | None) -> None:
        """Close every socket with a code, or with None cut it with no goodbye; the sessions wait for a RESUME."""
        for socket in list(self._sockets):
            self._detach(socket)
            if code is None:
                socket.abort()
            else:
                await socket.ws.close(code=code)

    def reconnect(self) -> None:
        """Ask every socket to come back (opcode 7)."""
        for socket in self._sockets:
            socket.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool) -> None:
        """Send INVALID_SESSION to every socket; unless resumable, forget the sessions."""
        for socket in self._sockets:
            socket.send(Op.INVALID_SESSION, resumable)
        if not resumable:
            self.sessions.clear()

    def fall_silent(self) -> None:
        """Let every socket stay open and carry nothing more, not even ACKs of heartbeats; the sessions wait for a RESUME."""
        for socket in self._sockets:
            self._detach(socket)
            socket.silent = True

    def change_token(self, token: str) -> None:
        """Refuse the token of before, at the next IDENTIFY or RESUME."""
        self._token = token

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """GET /gateway with an upgrade: one socket's life."""
        self.openings += 1
        if self.refuse_sockets > 0:
            self.refuse_sockets -= 1
            return web.Response(status=503)
        ws = web.WebSocketResponse(compress=False, max_msg_size=0, timeout=0.5)
        await ws.prepare(request)
        if self.slams:
            await ws.close(code=self.slams.pop(0))
            return ws
        socket = Socket(ws, request, squeezer(request.query.get("compress")))
        self._sockets.add(socket)
        writer = asyncio.create_task(socket.write())
        try:
            socket.send(Op.HELLO, {"heartbeat_interval": self.heartbeat_interval})
            async for frame in ws:
                if frame.type is WSMsgType.TEXT:
                    await self._received(socket, json.loads(frame.data))
        finally:
            writer.cancel()
            self._detach(socket)
            self._sockets.discard(socket)
            self._world.touch()
        return ws

    def _detach(self, socket: Socket) -> None:
        for session in self.sessions.values():
            if session.socket is socket:
                session.socket = None

    async def _received(self, socket: Socket, payload: Json) -> None:
        data = payload.get("d")
        match payload.get("op"):
            case Op.HEARTBEAT:
                if not socket.silent:
                    socket.send(Op.HEARTBEAT_ACK)
            case Op.IDENTIFY:
                await self._identify(socket, data or {})
            case Op.RESUME:
                await self._resume(socket, data or {})
            case Op.PRESENCE:
                pass  # nobody is shown it
            case _:
                await socket.ws.close(code=4001, message=b"Unknown opcode.")

    async def _identify(self, socket: Socket, data: Json) -> None:
        intents = int(data.get("intents", 0))
        if data.get("token") != self._token:
            await socket.ws.close(code=4004, message=b"Authentication failed.")
            return
        if intents & PRIVILEGED:
            await socket.ws.close(code=4014, message=b"Disallowed intent(s).")
            return
        session = Session(intents=intents, socket=socket)
        self.sessions[session.id] = session
        guilds = [each for each in self._world.guilds.values() if self._world.bot.id in each.members]
        ready: Json = {
            "v": 10,
            "user": me_json(self._world),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "session_type": "normal",
            "private_channels": [],
            "relationships": [],
            "shard": data.get("shard") or [0, 1],
            "application": {"id": str(self._world.application_id), "flags": 0},
        }
        session.push("READY", ready)
        for guild in guilds:
            session.push("GUILD_CREATE", guild_create_json(self._world, guild))
        self._world.touch()

    async def _resume(self, socket: Socket, data: Json) -> None:
        session = self.sessions.get(data.get("session_id", ""))
        if data.get("token") != self._token:
            await socket.ws.close(code=4004, message=b"Authentication failed.")
        elif session is None or not 0 <= int(data.get("seq") or 0) <= len(session.events):
            socket.send(Op.INVALID_SESSION, False)
        else:
            session.socket = socket
            session.replay(max(0, int(data.get("seq") or 0) - self.repeats))
            session.push("RESUMED", {"_trace": []})
            self._world.touch()
