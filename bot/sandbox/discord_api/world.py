"""The state of the sandbox: guilds, channels, people and messages, as plain dataclasses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.discord_api.bodies import Upload
from bot.sandbox.discord_api.cdn import Cdn, StoredFile
from bot.sandbox.discord_api.clock import Clock, Snowflakes
from bot.sandbox.discord_api.places import DM, MIB, Channel, Guild, Role, User
from bot.sandbox.discord_api.trees import media_of, walk

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15  #: flags of messages


@dataclass(eq=False, kw_only=True)
class Attachment:
    """A file of a message or of a command's option."""

    id: int
    filename: str
    file: StoredFile = field(repr=False)
    description: str | None = None
    ephemeral: bool = False

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self.file.data

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.file.blob.size

    @property
    def content_type(self) -> str:
        """What it calls itself."""
        return self.file.content_type

    @property
    def url(self) -> str:
        """A link signed now."""
        return self.file.url


@dataclass(eq=False, kw_only=True, repr=False)
class Message:
    """A message as Discord keeps it; `components` are as the bot sent them, each with its id."""

    id: int
    channel: Channel
    author: User
    content: str = ""
    type: int = 0
    flags: int = 0
    components: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    embeds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    reply_to: int | None = None  #: the id of the message it replies to
    mentions: list[User] = field(default_factory=list[User])  #: the people it pings
    mention_roles: list[Role] = field(default_factory=list[Role])
    mention_everyone: bool = False
    pinged: list[User] = field(default_factory=list[User])  #: who was notified when it was posted; an edit pings nobody
    nonce: str | int | None = None
    created_at: float = 0.0
    edited_at: float | None = None
    edits: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])  #: the bodies it was edited with
    interaction: Any = None  #: the `Call` it answers
    interaction_user: User | None = None  #: who made the bot say this
    deleted: bool = False

    def __repr__(self) -> str:
        return f"<Message {self.id} in #{self.channel.name}: {self.text()!r}>"

    @property
    def ephemeral(self) -> bool:
        """Whether only `interaction_user` sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def v2(self) -> bool:
        """Whether it is made of components alone."""
        return bool(self.flags & COMPONENTS_V2)

    def walk(self) -> Iterator[dict[str, Any]]:
        """Every component, parents first."""
        return walk(self.components)

    def text(self) -> str:
        """All its text: the content and every text display, a line each."""
        shown = [self.content, *(each["content"] for each in self.walk() if each["type"] == 10)]
        return "\n".join(part for part in shown if part)

    def files(self) -> list[Attachment]:
        """The files a person sees: those its components show, or all of a message without V2."""
        if not self.v2:
            return list(self.attachments)
        return [file for media in media_of(self.components) if (file := self.file_of(media["url"]))]

    def videos(self) -> list[Attachment]:
        """Those of the files that are videos."""
        return [file for file in self.files() if file.content_type.startswith("video/")]

    def file_of(self, url: str) -> Attachment | None:
        """The attachment that a component's media refers to, by `attachment://name` or by its link."""
        for file in self.attachments:
            if url == f"attachment://{file.filename}" or file.file.is_at(url):
                return file
        return None


class World:
    """Everything there is. `touch` tells those who wait for a change."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.new_id = Snowflakes(clock)
        self.cdn = Cdn(clock)
        self.bot = User(id=0, username="reelcord", bot=True)
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.users: dict[int, User] = {}
        self.messages: dict[int, Message] = {}
        self.old_edits: tuple[int, float] | None = None  #: so many edits of old messages in so many seconds
        self.old_edits_at: dict[int, list[float]] = {}  #: by channel: when old messages were edited
        self.dms_left: int | None = None  #: how many direct messages can still be opened
        self.largest_request = 500 * MIB  #: bytes; Cloudflare's line according to the unofficial documents
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def application_id(self) -> int:
        """The application's id, which is the bot user's too."""
        return self.bot.id

    def touch(self) -> None:
        """Say that something has changed."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter.set_result(None)

    async def changed(self, within: float) -> None:
        """Wait for the next change, or that many seconds."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await asyncio.wait({waiter}, timeout=within)
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def user(self, name: str) -> User:
        """The person of that username."""
        return next(user for user in self.users.values() if user.username == name)

    def guild(self, name: str) -> Guild:
        """The guild of that name."""
        return next(guild for guild in self.guilds.values() if guild.name == name)

    def channel(self, name: str) -> Channel:
        """The channel, thread or group DM of that name, in the first guild that has one."""
        return next(each for each in self.channels.values() if each.name == name and each.type != DM)

    def share_a_guild(self, user: User) -> bool:
        """Whether the bot and a person are in one guild."""
        return any({self.bot.id, user.id} <= set(guild.members) for guild in self.guilds.values())

    def dm(self, user: User) -> Channel:
        """The direct messages between the bot and a person, opened when there were none."""
        for channel in self.channels.values():
            if channel.type == DM and channel.recipient is user:
                return channel
        channel = Channel(id=self.new_id(), name=user.username, type=DM, recipient=user)
        self.channels[channel.id] = channel
        return channel

    def keep(self, file: Upload, owner: int, *, ephemeral: bool, description: str | None = None) -> Attachment:
        """Store a file under its owner, which is a channel or for a command's option the application."""
        number, name = self.new_id(), file.safe_name
        folder = "ephemeral-attachments" if ephemeral else "attachments"
        stored = self.cdn.store(f"{folder}/{owner}/{number}", name, file.blob, file.kind)
        return Attachment(id=number, filename=name, file=stored, description=description, ephemeral=ephemeral)

    def in_channel(self, channel: Channel) -> list[Message]:
        """The messages of a channel that are not deleted, oldest first, ephemeral ones too."""
        return [each for each in self.messages.values() if each.channel is channel and not each.deleted]
