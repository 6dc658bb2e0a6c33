"""Permission bits, and what somebody may do in a channel."""

from __future__ import annotations

from enum import IntFlag

from bot.sandbox.discord_api.errors import missing_access, missing_permissions
from bot.sandbox.discord_api.places import GROUP_DM, PRIVATE_THREAD, Channel, Guild, User


class Permission(IntFlag):
    """The bits that matter here."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50
    BYPASS_SLOWMODE = 1 << 52


#: What `app_permissions` says in a DM with the bot; where only the user installed the app, the same but the emojis.
IN_A_DM = (
    Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE | Permission.USE_EXTERNAL_EMOJIS
)
EVERYTHING = (1 << 53) - 1
#: What @everyone may do in the default world.
ORDINARY = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EXTERNAL_APPS
)


def in_guild(user: User, guild: Guild) -> int:
    """What a member may do before a channel's overwrites; 0 for a stranger."""
    member = guild.members.get(user.id)
    if member is None:
        return 0
    if guild.owner is user:
        return EVERYTHING
    allowed = guild.roles[guild.id].permissions
    for role in member.roles:
        allowed |= role.permissions
    return EVERYTHING if allowed & Permission.ADMINISTRATOR else allowed


def in_channel(user: User, channel: Channel) -> int:
    """What somebody may do in a channel.

    A thread has its parent's permissions, and a private one shows itself to those in it and to who manages threads. In
    a DM nearly all is allowed, in a group DM to the people in it, which the bot never is.
    """
    if channel.type == GROUP_DM:
        return int(ORDINARY) if user in channel.people else 0
    if channel.guild is None:
        return int(ORDINARY) if user.bot or user is channel.recipient else 0
    allowed = in_guild(user, channel.guild)
    if allowed in (0, EVERYTHING):
        return allowed
    overwrites = (channel.parent or channel).overwrites
    roles = [role.id for role in channel.guild.members[user.id].roles]
    for ids in ([channel.guild.id], roles, [user.id]):
        deny = allow = 0
        for each in ids:
            more_allow, more_deny = overwrites.get(each, (0, 0))
            allow, deny = allow | more_allow, deny | more_deny
        allowed = allowed & ~deny | allow
    if channel.type == PRIVATE_THREAD and user not in channel.people and not allowed & Permission.MANAGE_THREADS:
        return 0
    return allowed if allowed & Permission.VIEW_CHANNEL else 0


def sees(user: User, channel: Channel) -> bool:
    """Whether somebody can look into a channel."""
    return bool(in_channel(user, channel) & Permission.VIEW_CHANNEL)


def require(user: User, channel: Channel, needed: int) -> None:
    """Refuse what somebody may not do.

    Raises:
        ApiError: 50001 where they cannot see the channel, 50013 where they lack a permission.
    """
    allowed = in_channel(user, channel)
    if not allowed & Permission.VIEW_CHANNEL:
        raise missing_access()
    if needed & ~allowed:
        raise missing_permissions()


def to_post(channel: Channel, *, files: bool) -> int:
    """The permissions that a message with or without files needs."""
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    return int(needed | Permission.ATTACH_FILES) if files else int(needed)
