"""Guilds and channels as Discord writes them in JSON; the shapes follow Discord's OpenAPI document."""

from __future__ import annotations

from bot.sandbox.discord_api.clock import iso
from bot.sandbox.discord_api.payloads import Json, member_json, role_json, user_json
from bot.sandbox.discord_api.permissions import in_channel, sees
from bot.sandbox.discord_api.places import DM, FORUM, GROUP_DM, VOICE, Channel, Guild, User
from bot.sandbox.discord_api.world import World

_OF_A_VOICE_CHANNEL: Json = {"bitrate": 64_000, "user_limit": 0, "rtc_region": None, "video_quality_mode": 1}
_OF_A_FORUM: Json = {
    "available_tags": [],
    "default_reaction_emoji": None,
    "default_sort_order": None,
    "default_forum_layout": 0,
}
_OF_EVERY_GUILD: Json = {
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


def channel_json(channel: Channel) -> Json:
    """A channel, thread, DM or group DM."""
    body: Json = {"id": str(channel.id), "type": channel.type, "last_message_id": None, "flags": 0}
    if channel.type == DM:
        return body | {"recipients": [user_json(channel.recipient)] if channel.recipient else []}
    if channel.type == GROUP_DM:
        people = [user_json(each) for each in channel.people]
        return body | {"name": channel.name, "icon": None, "owner_id": people[0]["id"], "recipients": people}
    assert channel.guild is not None
    body |= {"name": channel.name, "guild_id": str(channel.guild.id)}
    body["rate_limit_per_user"] = channel.rate_limit_per_user
    return body | (_thread_json(channel) if channel.is_thread else _guild_channel_json(channel))


def _thread_json(thread: Channel) -> Json:
    assert thread.guild is not None
    assert thread.parent is not None
    return {
        "parent_id": str(thread.parent.id),
        "owner_id": str(thread.guild.owner.id),
        "message_count": 0,
        "member_count": max(1, len(thread.people)),
        "total_message_sent": 0,
        "thread_metadata": {
            "archived": thread.archived,
            "auto_archive_duration": 10080,
            "archive_timestamp": iso(thread.archive_changed_at),
            "locked": thread.locked,
        },
    }


def _guild_channel_json(channel: Channel) -> Json:
    assert channel.guild is not None
    overwrites = [
        {"id": str(each), "type": 0 if each in channel.guild.roles else 1, "allow": str(allow), "deny": str(deny)}
        for each, (allow, deny) in channel.overwrites.items()
    ]
    own = {VOICE: _OF_A_VOICE_CHANNEL, FORUM: _OF_A_FORUM}.get(channel.type, {})
    return own | {
        "topic": None,
        "position": 0,
        "parent_id": None,
        "nsfw": channel.nsfw,
        "permission_overwrites": overwrites,
    }


def guild_json(guild: Guild) -> Json:
    """A guild as REST gives it."""
    return _OF_EVERY_GUILD | {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner.id),
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": guild.preferred_locale,
        "roles": [role_json(role) for role in guild.roles.values()],
    }


def guild_create_json(world: World, guild: Guild) -> Json:
    """A guild as the gateway sends it: with its channels, and of its members only the bot.

    Of its threads come the active ones that the bot sees.
    """
    channels = [each for each in world.channels.values() if each.guild is guild and not each.deleted]
    return guild_json(guild) | {
        "joined_at": guild.members[world.bot.id].joined_at,
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_json(guild.members[world.bot.id])],
        "channels": [channel_json(each) for each in channels if not each.is_thread],
        "threads": [channel_json(each) for each in channels if _is_synced(world, each)],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _is_synced(world: World, channel: Channel) -> bool:
    return channel.is_thread and not channel.archived and sees(world.bot, channel)


def partial_channel_json(channel: Channel, user: User) -> Json:
    """A channel inside an interaction, with the person's permissions."""
    return channel_json(channel) | {"permissions": str(in_channel(user, channel))}
