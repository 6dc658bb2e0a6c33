"""Guilds, channels and the people in them, as plain dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field

MIB = 1024 * 1024
UPLOAD_LIMITS = (10 * MIB, 10 * MIB, 50 * MIB, 100 * MIB)  #: bytes a file, by the guild's tier

#: Types of channels.
TEXT, DM, VOICE, GROUP_DM, ANNOUNCEMENT, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 2, 3, 5, 11, 12, 15


@dataclass(eq=False, kw_only=True, repr=False)
class User:
    """A person, or the bot itself."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    locale: str = "en-US"
    dms_open: bool = True
    upload_limit: int = UPLOAD_LIMITS[0]  #: bytes a file; more with Nitro
    installed: bool = False  #: whether the app is on their account: they use it, and it may write to them, anywhere

    def __repr__(self) -> str:
        return f"<User {self.username}>"

    @property
    def mention(self) -> str:
        """The text that mentions this person."""
        return f"<@{self.id}>"


@dataclass(eq=False, kw_only=True)
class Role:
    """A role; the one with the guild's own id is @everyone."""

    id: int
    name: str
    permissions: int
    mentionable: bool = False


@dataclass(eq=False, kw_only=True)
class Member:
    """A user in a guild."""

    user: User
    joined_at: str
    roles: list[Role] = field(default_factory=list[Role])
    nick: str | None = None


@dataclass(eq=False, kw_only=True, repr=False)
class Guild:
    """A server; `members` are by user id. A guild the bot is not a member of serves user-installed commands."""

    id: int
    name: str
    owner: User
    premium_tier: int = 0
    preferred_locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    blocked_words: list[str] = field(default_factory=list[str])  #: what AutoMod lets nobody say

    def __repr__(self) -> str:
        return f"<Guild {self.name}>"

    @property
    def upload_limit(self) -> int:
        """Bytes a file may have here."""
        return UPLOAD_LIMITS[self.premium_tier]


@dataclass(eq=False, kw_only=True, repr=False)
class Channel:
    """A channel of a guild, a thread or forum post (with its parent), a DM (with its other person) or a group DM.

    `people` are those in a group DM or a private thread. `archived` and `locked` are of threads alone.
    """

    id: int
    name: str
    type: int = TEXT
    guild: Guild | None = None
    parent: Channel | None = None
    recipient: User | None = None
    people: list[User] = field(default_factory=list[User])
    nsfw: bool = False
    rate_limit_per_user: int = 0  #: seconds of slow mode
    slows_bots: bool = False  #: whether slow mode holds bots too, which it does not on Discord
    archived: bool = False
    locked: bool = False
    archive_changed_at: float = 0.0  #: seconds since 1970
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])  #: id: (allow, deny)
    deleted: bool = False
    bot_types_until: float = 0.0  #: seconds since 1970

    def __repr__(self) -> str:
        return f"<Channel #{self.name}>"

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread or a forum's post, which has its parent's permissions."""
        return self.type in (PUBLIC_THREAD, PRIVATE_THREAD)

    @property
    def upload_limit(self) -> int:
        """Bytes a file may have here when the bot posts it by its own right."""
        return self.guild.upload_limit if self.guild else UPLOAD_LIMITS[0]

    def upload_limit_of(self, user: User) -> int:
        """Bytes a file may have here that a person brings or is answered with: the best of theirs and the guild's."""
        return max(user.upload_limit, self.upload_limit)
