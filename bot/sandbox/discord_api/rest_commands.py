"""Routes about the application's commands, global and of a guild."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.discord_api.bodies import BODY
from bot.sandbox.discord_api.core import Core, core_of, number
from bot.sandbox.discord_api.errors import ApiError, missing_access
from bot.sandbox.discord_api.localizations import localized

GLOBAL = r"/applications/{application:\d+}/commands"
OF_GUILD = r"/applications/{application:\d+}/guilds/{guild:\d+}/commands"
routes = web.RouteTableDef()


@routes.get(GLOBAL)
@routes.get(OF_GUILD)
async def list_commands(request: web.Request) -> web.Response:
    """The commands of a scope: with every translation where `with_localizations` asks for them, else the asker's alone."""
    core, guild = _scope(request)
    listed = core.commands.scope(guild)
    if request.query.get("with_localizations", "").lower() not in ("true", "1"):
        locale = request.headers.get("X-Discord-Locale", "en-US")
        listed = [localized(each, locale) for each in listed]
    return web.json_response(listed)


@routes.put(GLOBAL)
@routes.put(OF_GUILD)
async def overwrite_commands(request: web.Request) -> web.Response:
    """Replace the commands of a scope."""
    core, guild = _scope(request)
    return web.json_response(core.commands.overwrite(guild, request[BODY].json))


def _scope(request: web.Request) -> tuple[Core, int | None]:
    core = core_of(request)
    if number(request, "application") != core.world.application_id:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    if "guild" not in request.match_info:
        return core, None
    guild = core.world.guilds.get(number(request, "guild"))
    if guild is None or core.world.bot.id not in guild.members:
        raise missing_access()
    return core, guild.id
