"""The world's objects as Discord writes them in JSON; the shapes follow Discord's OpenAPI document."""

from __future__ import annotations

import copy
from typing import Any

from bot.sandbox.discord_api.clock import iso
from bot.sandbox.discord_api.permissions import in_channel
from bot.sandbox.discord_api.showing import components_json
from bot.sandbox.discord_api.world import (
    DM,
    PUBLIC_THREAD,
    Attachment,
    Channel,
    Guild,
    Member,
    Message,
    Role,
    User,
    World,
)

Json = dict[str, Any]


def user_json(user: User) -> Json:
    """A user."""
    return {
        "id": str(user.id),
        "username": user.username,
        "discriminator": "0",
        "global_name": user.global_name,
        "avatar": None,
        "bot": user.bot,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
    }


def me_json(world: World) -> Json:
    """The bot's own user, with what only it may see."""
    return user_json(world.bot) | {"verified": True, "mfa_enabled": False, "email": None, "locale": "en-US"}


def application_json(world: World) -> Json:
    """The application."""
    return {
        "id": str(world.application_id),
        "name": world.bot.username,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_json(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {}, "1": {}},
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_json(next(guild.owner for guild in world.guilds.values())),
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


def role_json(role: Role) -> Json:
    """A role."""
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def member_json(member: Member) -> Json:
    """A member, with its user."""
    return {"user": user_json(member.user)} | partial_member_json(member)


def partial_member_json(member: Member) -> Json:
    """A member beside its user, where that stands elsewhere."""
    return {
        "nick": member.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(role.id) for role in member.roles],
        "joined_at": member.joined_at,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }


def channel_json(channel: Channel) -> Json:
    """A channel, thread or DM."""
    body: Json = {"id": str(channel.id), "type": channel.type, "last_message_id": None, "flags": 0}
    if channel.type == DM:
        return body | {"recipients": [user_json(channel.recipient)] if channel.recipient else []}
    assert channel.guild is not None
    body |= {"name": channel.name, "guild_id": str(channel.guild.id), "rate_limit_per_user": 0}
    if channel.type == PUBLIC_THREAD:
        assert channel.parent is not None
        return body | {
            "parent_id": str(channel.parent.id),
            "owner_id": str(channel.guild.owner.id),
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 10080,
                "archive_timestamp": iso(0),
                "locked": False,
            },
        }
    overwrites = [
        {"id": str(each), "type": 0 if each in channel.guild.roles else 1, "allow": str(allow), "deny": str(deny)}
        for each, (allow, deny) in channel.overwrites.items()
    ]
    return body | {
        "topic": None,
        "position": 0,
        "parent_id": None,
        "nsfw": channel.nsfw,
        "permission_overwrites": overwrites,
    }


def guild_json(guild: Guild) -> Json:
    """A guild as REST gives it."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner.id),
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": guild.preferred_locale,
        "roles": [role_json(role) for role in guild.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "vanity_url_code": None,
        "application_id": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw": False,
        "nsfw_level": 0,
        "max_members": 500_000,
        "max_presences": None,
        "max_video_channel_users": 25,
        "premium_progress_bar_enabled": False,
        "widget_enabled": False,
        "widget_channel_id": None,
        "max_stage_video_channel_users": 50,
        "home_header": None,
        "incidents_data": None,
        "region": "deprecated",
    }


def guild_create_json(world: World, guild: Guild) -> Json:
    """A guild as the gateway sends it: with its channels and threads, and of its members only the bot."""
    channels = [each for each in world.channels.values() if each.guild is guild and not each.deleted]
    return guild_json(guild) | {
        "joined_at": guild.members[world.bot.id].joined_at,
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_json(guild.members[world.bot.id])],
        "channels": [channel_json(each) for each in channels if each.type != PUBLIC_THREAD],
        "threads": [channel_json(each) for each in channels if each.type == PUBLIC_THREAD],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment_json(attachment: Attachment) -> Json:
    """An attachment, its links signed now."""
    body: Json = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": attachment.url,
        "proxy_url": attachment.url,
        "content_type": attachment.content_type,
    }
    if attachment.file.size:
        body["width"], body["height"] = attachment.file.size
    if attachment.description is not None:
        body["description"] = attachment.description
    if attachment.ephemeral:
        body["ephemeral"] = True
    return body


def message_json(world: World, message: Message, *, nested: bool = False) -> Json:
    """A message; `nested` when it stands inside another one as the message replied to."""
    body: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "type": message.type,
        "author": user_json(message.author),
        "content": message.content,
        "components": components_json(message),
        "embeds": copy.deepcopy(message.embeds),
        "attachments": [] if message.v2 else [attachment_json(each) for each in message.attachments],
        "mentions": [user_json(user) for user in message.mentions],
        "mention_roles": [str(role.id) for role in message.mention_roles],
        "mention_everyone": message.mention_everyone,
        "timestamp": iso(message.created_at),
        "edited_timestamp": iso(message.edited_at) if message.edited_at is not None else None,
        "flags": message.flags,
        "pinned": False,
        "tts": False,
    }
    if message.nonce is not None:
        body["nonce"] = message.nonce
    if message.author is world.bot:
        body["application_id"] = str(world.application_id)
    if message.interaction is not None:
        body |= message.interaction.metadata_json(message)
    if message.reply_to is not None and not nested:
        body |= _reply_json(world, message)
    return body


def _reply_json(world: World, message: Message) -> Json:
    reference: Json = {"type": 0, "channel_id": str(message.channel.id), "message_id": str(message.reply_to)}
    if message.channel.guild:
        reference["guild_id"] = str(message.channel.guild.id)
    target = world.messages.get(message.reply_to or 0)
    alive = target is not None and not target.deleted
    return {
        "message_reference": reference,
        "referenced_message": message_json(world, target, nested=True) if target and alive else None,
    }


def message_event_json(world: World, message: Message) -> Json:
    """A message as the gateway sends it: with its guild and member."""
    body = message_json(world, message)
    guild = message.channel.guild
    if guild:
        body["guild_id"] = str(guild.id)
        if member := guild.members.get(message.author.id):
            body["member"] = partial_member_json(member)
    return body


def partial_channel_json(channel: Channel, user: User) -> Json:
    """A channel inside an interaction, with the person's permissions."""
    return channel_json(channel) | {"permissions": str(in_channel(user, channel))}
