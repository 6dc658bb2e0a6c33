"""Routes about channels and their messages."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from bot.sandbox.discord_api.bodies import BODY
from bot.sandbox.discord_api.checks import Problems
from bot.sandbox.discord_api.core import core_of, number
from bot.sandbox.discord_api.errors import (
    ApiError,
    closed_dms,
    forum_channel,
    no_mutual_guilds,
    unknown_channel,
    unknown_message,
)
from bot.sandbox.discord_api.limits import mind_slow_mode
from bot.sandbox.discord_api.messages import create_message, edit_message, find_message
from bot.sandbox.discord_api.payloads import message_json
from bot.sandbox.discord_api.permissions import Permission, in_channel, require, to_post
from bot.sandbox.discord_api.place_payloads import channel_json
from bot.sandbox.discord_api.places import FORUM, Channel, User
from bot.sandbox.discord_api.threads import change_thread, require_open, wake
from bot.sandbox.discord_api.world import Message, World

TYPING = 10  #: seconds that a typing indicator lasts, by Discord's documents
NONCE_LIFE = 5 * 60  #: seconds; Discord says "the past few minutes"
routes = web.RouteTableDef()


@routes.get(r"/channels/{channel:\d+}")
async def get_channel(request: web.Request) -> web.Response:
    """A channel."""
    return web.json_response(channel_json(_channel(request)))


@routes.patch(r"/channels/{channel:\d+}")
async def patch_channel(request: web.Request) -> web.Response:
    """Archive, lock, or wake a thread; other channels are not the bot's to change."""
    core, channel = core_of(request), _channel(request)
    change_thread(core, channel, core.world.bot, request[BODY].object)
    return web.json_response(channel_json(channel))


@routes.post(r"/channels/{channel:\d+}/messages")
async def post_message(request: web.Request) -> web.Response:
    """Post a message; a nonce seen in the last minutes gives the first message again."""
    core, channel, body = core_of(request), _channel(request), request[BODY]
    world, data = core.world, body.object
    require(world.bot, channel, to_post(channel, files=bool(body.files)))
    if channel.type == FORUM:
        raise forum_channel()
    if channel.recipient:
        _require_reachable(world, channel.recipient)
    if data.get("enforce_nonce") and (first := _same_nonce(world, data.get("nonce"))):
        return web.json_response(message_json(world, first))
    mind_slow_mode(world, channel, world.bot)
    require_open(channel, world.bot)
    message = create_message(world, body, channel=channel, author=world.bot, limit=channel.upload_limit)
    channel.bot_types_until = 0.0
    wake(core, channel)
    core.gateway.message_event("MESSAGE_CREATE", message)
    return web.json_response(message_json(world, message))


@routes.post(r"/channels/{channel:\d+}/typing")
async def type_in(request: web.Request) -> web.Response:
    """Be seen typing, until the bot's message comes."""
    world, channel = core_of(request).world, _channel(request)
    require(world.bot, channel, to_post(channel, files=False))
    channel.bot_types_until = world.clock() + TYPING
    world.touch()
    return web.Response(status=204)


@routes.get(r"/channels/{channel:\d+}/messages")
async def list_messages(request: web.Request) -> web.Response:
    """Messages of a channel, newest first: limit (1-100, 50), and one of before, after, around."""
    world, channel = core_of(request).world, _channel(request)
    asked, problems = request.query.get("limit", "50"), Problems()
    limit = problems.whole(("limit",), int(asked) if asked.isdecimal() else asked, 1, 100)
    problems.raise_any()
    readable = in_channel(world.bot, channel) & Permission.READ_MESSAGE_HISTORY
    everything = [each for each in world.in_channel(channel) if not each.ephemeral] if readable else []
    chosen = _window(everything, request.query, limit)
    return web.json_response([message_json(world, each) for each in reversed(chosen)])


@routes.get(r"/channels/{channel:\d+}/messages/{message:\d+}")
async def get_message(request: web.Request) -> web.Response:
    """One message, its links signed now."""
    world, channel = core_of(request).world, _channel(request)
    require(world.bot, channel, Permission.READ_MESSAGE_HISTORY)
    return web.json_response(message_json(world, _message(request, channel)))


@routes.patch(r"/channels/{channel:\d+}/messages/{message:\d+}")
async def patch_message(request: web.Request) -> web.Response:
    """Edit one of the bot's own messages."""
    core, channel = core_of(request), _channel(request)
    message = _message(request, channel)
    if message.author is not core.world.bot:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    edit_message(core, message, request[BODY], channel.upload_limit)
    return web.json_response(message_json(core.world, message))


@routes.post("/attachments/refresh-urls")
async def refresh_urls(request: web.Request) -> web.Response:
    """Fresh links for attachment URLs, dead or alive."""
    cdn = core_of(request).world.cdn
    urls = request[BODY].object.get("attachment_urls") or []
    return web.json_response({"refreshed_urls": [{"original": url, "refreshed": cdn.refresh(url)} for url in urls]})


def _channel(request: web.Request) -> Channel:
    world = core_of(request).world
    channel = world.channels.get(number(request, "channel"))
    if channel is None or channel.deleted:
        raise unknown_channel()
    require(world.bot, channel, 0)
    return channel


def _require_reachable(world: World, person: User) -> None:
    """A person is reached through a server in common, or because the app is on their account."""
    if not person.installed and not world.share_a_guild(person):
        raise no_mutual_guilds()
    if not person.dms_open:
        raise closed_dms()


def _message(request: web.Request, channel: Channel) -> Message:
    message = find_message(core_of(request).world, channel, number(request, "message"))
    if message is None:
        raise unknown_message()
    return message


def _same_nonce(world: World, nonce: str | int | None) -> Message | None:
    if nonce is None:
        return None
    since = world.clock() - NONCE_LIFE
    recent = (each for each in world.messages.values() if each.author is world.bot and each.created_at >= since)
    return next((each for each in recent if each.nonce == nonce and not each.deleted), None)


def _window(messages: list[Message], query: Mapping[str, str], limit: int) -> list[Message]:
    """The part of the messages, oldest first, that before, after or around asks for."""
    asked = {key: int(value) for key, value in query.items() if key in ("before", "after", "around")}
    if "after" in asked:
        return [each for each in messages if each.id > asked["after"]][:limit]
    if "before" in asked:
        return [each for each in messages if each.id < asked["before"]][-limit:]
    if "around" in asked:
        older = [each for each in messages if each.id < asked["around"]]
        start = max(0, len(older) - limit // 2)
        return messages[start : start + limit]
    return messages[-limit:]
