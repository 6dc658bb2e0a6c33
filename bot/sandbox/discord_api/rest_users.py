"""Routes about the bot itself, people and guilds."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.discord_api.bodies import BODY
from bot.sandbox.discord_api.checks import Problems
from bot.sandbox.discord_api.core import core_of, number
from bot.sandbox.discord_api.errors import unknown_guild, unknown_user
from bot.sandbox.discord_api.limits import mind_dm_openings
from bot.sandbox.discord_api.payloads import application_json, me_json, user_json
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


def _guild(request: web.Request) -> Guild:
    world = core_of(request).world
    guild = world.guilds.get(number(request, "guild"))
    if guild is None or world.bot.id not in guild.members:
        raise unknown_guild()
    return guild
