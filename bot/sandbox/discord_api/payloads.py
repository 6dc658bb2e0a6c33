"""The world's objects as Discord writes them in JSON; the shapes follow Discord's OpenAPI document."""

from __future__ import annotations

import copy
from typing import Any

from bot.sandbox.discord_api.clock import iso
from bot.sandbox.discord_api.places import Member, Role, User
from bot.sandbox.discord_api.showing import components_json
from bot.sandbox.discord_api.world import Attachment, Message, World

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
        body["member"] = partial_member_json(guild.members[message.author.id])
    return body
