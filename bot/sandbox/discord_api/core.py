"""The state that every route works on."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.discord_api.calls import Calls
from bot.sandbox.discord_api.commands import Commands
from bot.sandbox.discord_api.gateway import Gateway
from bot.sandbox.discord_api.world import World


@dataclass(frozen=True, kw_only=True)
class Core:
    """The state behind the routes."""

    token: str
    world: World
    commands: Commands
    calls: Calls
    gateway: Gateway


CORE = web.AppKey("core", Core)


def core_of(request: web.Request) -> Core:
    """The state a request is about."""
    return request.config_dict[CORE]


def number(request: web.Request, name: str) -> int:
    """An id in the path."""
    return int(request.match_info[name])
