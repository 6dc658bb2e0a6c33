"""How fast things may be done: slow mode, edits of old messages, direct messages opened."""

from __future__ import annotations

from bot.sandbox.discord_api.errors import opening_dms_too_fast, too_fast
from bot.sandbox.discord_api.permissions import Permission, in_channel
from bot.sandbox.discord_api.places import Channel, User
from bot.sandbox.discord_api.world import Message, World

OLD = 3600.0  #: seconds after which edits of a message are counted


def mind_slow_mode(world: World, channel: Channel, author: User) -> None:
    """Hold who posts again too soon.

    Since February 2026 only BYPASS_SLOWMODE frees a person, no longer MANAGE_MESSAGES or MANAGE_CHANNELS. Bots are not
    affected (api-docs#8001), unless the channel `slows_bots`.

    Raises:
        ApiError: HTTP 429, code 20016, with the seconds left.
    """
    exempt = author.bot and not channel.slows_bots
    if exempt or in_channel(author, channel) & Permission.BYPASS_SLOWMODE:
        return
    said = (each for each in world.messages.values() if each.author is author and each.channel is channel)
    last = max((each.created_at for each in said if each.interaction is None), default=float("-inf"))
    left = last + channel.rate_limit_per_user - world.clock()
    if left > 0:
        raise too_fast(20016, "This action cannot be performed due to slowmode rate limit", left)


def mind_old_edits(world: World, message: Message) -> None:
    """Hold who edits messages older than an hour too often in one channel, where the world limits that.

    Raises:
        ApiError: HTTP 429, code 30046, with the seconds left.
    """
    now = world.clock()
    if world.old_edits is None or now - message.created_at <= OLD:
        return
    most, within = world.old_edits
    recent = [each for each in world.old_edits_at.get(message.channel.id, []) if each > now - within]
    if len(recent) >= most:
        text = "Maximum number of edits to messages older than 1 hour reached. Try again later"
        raise too_fast(30046, text, recent[0] + within - now)
    world.old_edits_at[message.channel.id] = [*recent, now]


def mind_dm_openings(world: World, user: User) -> None:
    """Count direct messages opened anew, where the world limits them.

    Raises:
        ApiError: HTTP 403, code 40003, when none are left.
    """
    known = any(each.recipient is user for each in world.channels.values())
    if known or world.dms_left is None:
        return
    if world.dms_left <= 0:
        raise opening_dms_too_fast()
    world.dms_left -= 1
