"""What one person sees of the world, as JSON: places, people and messages.

Messages are Discord's own JSON with a few words added, so that the page renders what a client of Discord's would get:

    Place    {id, name, kind, server, parent, nsfw, archived, locked, slow_mode, can_say, bot_can_say, bot_is_here,
             bot_types}
    Message  Discord's, and {private_to: user id or null, created: seconds, pings_me, reply: {id, author, text} or null}
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.discord_api.payloads import Json, message_json, user_json
from bot.sandbox.discord_api.permissions import in_channel, sees, to_post
from bot.sandbox.discord_api.places import (
    ANNOUNCEMENT,
    DM,
    FORUM,
    GROUP_DM,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    VOICE,
    Channel,
    User,
)
from bot.sandbox.discord_api.world import Message

KINDS = {
    TEXT: "text",
    DM: "dm",
    VOICE: "voice",
    GROUP_DM: "group",
    ANNOUNCEMENT: "announcement",
    PUBLIC_THREAD: "thread",
    PRIVATE_THREAD: "private-thread",
    FORUM: "forum",
}
REPLY_TEXT = 120  #: characters of a message that is replied to


def world_json(discord: DiscordSandbox, me: User) -> Json:
    """Everything but the messages: who I am, who else there is, and the places I can look into."""
    world = discord.world
    return {
        "me": _person_json(me),
        "people": [_person_json(each) for each in people(discord).values()],
        "bot": user_json(world.bot) | {"online": discord.is_connected},
        "servers": [
            {
                "id": str(guild.id),
                "name": guild.name,
                "tier": guild.premium_tier,
                "members": [str(each) for each in guild.members],
            }
            for guild in world.guilds.values()
            if me.id in guild.members
        ],
        "roles": [
            {"id": str(role.id), "name": role.name, "server": str(guild.id)}
            for guild in world.guilds.values()
            for role in guild.roles.values()
        ],
        "places": [_place_json(discord, each, me) for each in places(discord, me)],
    }


def people(discord: DiscordSandbox) -> dict[str, User]:
    """Everybody whom one can be, by username."""
    return {each.username: each for each in discord.world.users.values() if not each.bot}


def places(discord: DiscordSandbox, me: User) -> list[Channel]:
    """The places a person can look into; the bot's direct messages with them always among those."""
    discord.world.dm(me)
    return [each for each in discord.world.channels.values() if not each.deleted and sees(me, each)]


def _person_json(user: User) -> Json:
    return {"id": str(user.id), "username": user.username, "name": user.global_name, "locale": user.locale}


def _place_json(discord: DiscordSandbox, place: Channel, me: User) -> Json:
    bot = discord.world.bot
    needed = to_post(place, files=False)
    return {
        "id": str(place.id),
        "name": place.name,
        "kind": KINDS[place.type],
        "server": str(place.guild.id) if place.guild else None,
        "parent": str(place.parent.id) if place.parent else None,
        "nsfw": (place.parent or place).nsfw,
        "archived": place.archived,
        "locked": place.locked,
        "slow_mode": place.rate_limit_per_user,
        "upload_limit": place.upload_limit_of(me),
        "can_say": place.type != FORUM and in_channel(me, place) & needed == needed,
        "bot_can_say": place.type != FORUM and in_channel(bot, place) & needed == needed,
        "bot_is_here": place.type == DM or (place.guild is not None and bot.id in place.guild.members),
        "bot_types": place.bot_types_until > discord.clock(),
    }


def visible(discord: DiscordSandbox, me: User) -> list[Message]:
    """Every message the person can see, oldest first."""
    seen = set(places(discord, me))
    return [each for each in discord.world.messages.values() if each.channel in seen and is_visible(each, me)]


def is_visible(message: Message, me: User) -> bool:
    """Whether a message is there for a person who looks into its place."""
    return not message.deleted and (not message.ephemeral or message.interaction_user is me)


def version(discord: DiscordSandbox, message: Message) -> tuple[Any, ...]:
    """What changes when a message is to be shown anew; its links, signed anew each second, are no change."""
    target = discord.world.messages.get(message.reply_to or 0)
    quoted = None if target is None or target.deleted else len(target.edits)
    return (len(message.edits), message.flags, len(message.attachments), quoted)


def seen_json(discord: DiscordSandbox, message: Message, me: User) -> Json:
    """A message as a person sees it."""
    body = message_json(discord.world, message)
    body.pop("referenced_message", None)
    return body | {
        "private_to": str(message.interaction_user.id) if message.ephemeral and message.interaction_user else None,
        "created": message.created_at,
        "pings_me": me in message.pinged,
        "reply": _reply_json(discord, message),
    }


def _reply_json(discord: DiscordSandbox, message: Message) -> Json | None:
    if message.reply_to is None:
        return None
    target = discord.world.messages.get(message.reply_to)
    if target is None or target.deleted:
        return {"id": None, "author": None, "text": ""}
    return {"id": str(target.id), "author": str(target.author.id), "text": target.text()[:REPLY_TEXT]}
