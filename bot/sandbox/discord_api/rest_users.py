"""Routes about the bot itself, people, guilds and the gateway's address."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.discord_api.bodies import BODY
from bot.sandbox.discord_api.checks import Problems
from bot.sandbox.discord_api.core import core_of, number
from bot.sandbox.discord_api.errors import unknown_guild, unknown_user
from bot.sandbox.discord_api.limits import mind_dm_openings
from bot.sandbox.discord_api.payloads import application_json, me_json, member_json, role_json, user_json
from bot.sandbox.discord_api.permissions import sees
from bot.sandbox.discord_api.place_payloads import channel_json, guild_json
from bot.sandbox.discord_api.places import Guild

routes = web.RouteTableDef()


@routes.get("/users/@me")
async def me(request: web.Request) -> web.Response:
    """The bot's own user."""
    return web.json_response(me_json(core_of(request).world))


@routes.get("/oauth2/applications/@me")
@routes.get("/applications/@me")
async def application(request: web.Request) -> web.Response:
    """The application."""
    return web.json_response(application_json(core_of(request).world))


@routes.get("/users/@me/guilds")
async def my_guilds(request: web.Request) -> web.Response:
    """The guilds the bot is in."""
    world = core_of(request).world
    mine = [guild for guild in world.guilds.values() if world.bot.id in guild.members]
    return web.json_response([{"id": str(each.id), "name": each.name, "icon": None, "owner": False} for each in mine])


@routes.post("/users/@me/channels")
async def open_dm(request: web.Request) -> web.Response:
    """Open direct messages; it succeeds even where the person closed theirs, but not too often."""
    core = core_of(request)
    problems = Problems()
    recipient = problems.snowflake(("recipient_id",), request[BODY].object.get("recipient_id"))
    problems.raise_any()
    user = core.world.users.get(recipient)
    if user is None or user.bot:
        raise unknown_user()
    mind_dm_openings(core.world, user)
    return web.json_response(channel_json(core.world.dm(user)))


@routes.get(r"/users/{user:\d+}")
async def get_user(request: web.Request) -> web.Response:
    """A person."""
    user = core_of(request).world.users.get(number(request, "user"))
    if user is None:
        raise unknown_user()
    return web.json_response(user_json(user))


@routes.get(r"/guilds/{guild:\d+}")
async def get_guild(request: web.Request) -> web.Response:
    """A guild the bot is in."""
    return web.json_response(guild_json(_guild(request)))


@routes.get(r"/guilds/{guild:\d+}/channels")
async def get_channels(request: web.Request) -> web.Response:
    """The channels of a guild that the bot sees, without threads."""
    world, guild = core_of(request).world, _guild(request)
    mine = [each for each in world.channels.values() if each.guild is guild and not each.is_thread]
    return web.json_response([channel_json(each) for each in mine if sees(world.bot, each) and not each.deleted])


@routes.get(r"/guilds/{guild:\d+}/roles")
async def get_roles(request: web.Request) -> web.Response:
    """The roles of a guild."""
    return web.json_response([role_json(role) for role in _guild(request).roles.values()])


@routes.get(r"/guilds/{guild:\d+}/members/{user:\d+}")
async def get_member(request: web.Request) -> web.Response:
    """A member of a guild."""
    member = _guild(request).members.get(number(request, "user"))
    if member is None:
        raise unknown_user()
    return web.json_response(member_json(member))


@routes.get("/gateway")
async def gateway(request: web.Request) -> web.Response:
    """The gateway's address."""
    return web.json_response({"url": core_of(request).gateway.url})


@routes.get("/gateway/bot")
async def gateway_bot(request: web.Request) -> web.Response:
    """The gateway's address and how many shards to open."""
    limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
    return web.json_response({"url": core_of(request).gateway.url, "shards": 1, "session_start_limit": limit})


def _guild(request: web.Request) -> Guild:
    world = core_of(request).world
    guild = world.guilds.get(number(request, "guild"))
    if guild is None or world.bot.id not in guild.members:
        raise unknown_guild()
    return guild
