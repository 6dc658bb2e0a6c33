"""The bot itself: a discord.py client that loads the commands and hands them what they need."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.api.client import VideoApi
from bot.chat import waiting
from bot.chat.answers import FAILED
from bot.chat.buttons import JobButton
from bot.chat.delivery import DiscordDelivery
from bot.chat.desk import Desk
from bot.chat.errors import Tree
from bot.chat.extensions import extensions
from bot.chat.gate import PATIENCE, REFUSED, Gate
from bot.chat.hosts import Hosts, Lookup, system_lookup
from bot.chat.languages import Languages
from bot.chat.login import INTENTS, NOT_INVITED, own_guild, point_discord_at
from bot.chat.models import ModelList
from bot.chat.pace import paced
from bot.chat.refusals import meaning
from bot.errors import SettingsError
from bot.jobs.breaker import Scope
from bot.jobs.delivery import DeliveryDelayed
from bot.jobs.store import Store
from bot.jobs.upstreams import Trouble
from bot.jobs.videos import Videos
from bot.links import Links
from bot.requests.base import Limits
from bot.settings import Settings

_log = structlog.stdlib.get_logger(__name__)

SYNC_AGAIN = 60.0
"""Seconds between two tries to register the commands."""
_NO_INTENT = "the application lacks an intent that the bot asks for; grant it in the developer portal"
_AUTHENTICATION_FAILED = 4004  # Discord's gateway close code


class Reelcord(commands.Bot):
    """The Discord side of the program. It needs no privileged intent and reads no messages."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        apis: Mapping[str, VideoApi],
        wake: Callable[[], None],
        links: Links | None,
        videos: Videos,
        owner: str,
        troubles: Callable[[], Sequence[Trouble]] = tuple,
        packages: Sequence[str] = ("cogs",),
        clock: Callable[[], float] = time.time,
        lookup: Lookup = system_lookup,
        sync_again: float = SYNC_AGAIN,
    ) -> None:
        self.gate = Gate(clock)
        super().__init__(
            commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=INTENTS,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=PATIENCE,
            http_trace=self.gate.trace,
        )
        point_discord_at(settings)
        self.http.ws_connect = paced(self.http.ws_connect)  # pyright: ignore[reportAttributeAccessIssue] - no hook precedes a RESUME
        self.settings = settings
        self.apis = apis
        self.desk = Desk(
            store=store,
            wake=wake,
            links=links,
            videos=videos,
            limits=_limits(settings),
            jobs_per_user=settings.jobs_per_user,
            clock=clock,
            owner=owner,
            waits=lambda job: waiting.sentence(job, troubles(), self._makers),
            hosts=Hosts(lookup),
        )
        self._makers: dict[Scope, str] = {}
        self.models = {name: ModelList(api) for name, api in apis.items()}
        self.delivery = DiscordDelivery(self, links, gate=self.gate, clock=clock)
        self._packages = packages
        self._sync_again = sync_again
        self._syncing: asyncio.Task[None] | None = None
        self._connected = False

    async def setup_hook(self) -> None:
        """Load the commands and tell Discord of them, before the first interaction can come."""
        self.add_dynamic_items(JobButton)
        await self.load_commands()
        await self.tree.set_translator(Languages())
        guild = own_guild(self.settings)
        if guild:
            self.tree.copy_global_to(guild=guild)
        if not await self._sync(guild):
            self._syncing = asyncio.create_task(self._sync_later(guild), name="command sync")

    async def close(self) -> None:
        """Close the connections, and leave off what is tried again in the background."""
        if self._syncing:
            self._syncing.cancel()
        await super().close()

    async def _sync_later(self, guild: discord.Object | None) -> None:
        while True:
            await asyncio.sleep(self._sync_again)
            try:
                if await self._sync(guild):
                    return
            except (SettingsError, discord.HTTPException):
                _log.exception("The commands cannot be registered", action="sync_failed")
                return

    async def _sync(self, guild: discord.Object | None) -> bool:
        """Tell Discord of the commands; False where it cannot be told now, and goes on to offer those of the last start.

        Raises:
            SettingsError: the bot is not in the server that is named.
        """
        try:
            synced = await self.tree.sync(guild=guild)
        except FAILED as error:
            if isinstance(error, discord.HTTPException) and not isinstance(meaning(error), DeliveryDelayed):
                if guild and isinstance(error, discord.Forbidden):
                    raise SettingsError(NOT_INVITED) from None
                raise
            _log.warning("The commands could not be registered; trying again", action="sync_failed", error=repr(error))
            return False
        names = sorted(command.name for command in synced)
        _log.info("The commands are registered", action="commands_synced", commands=names)
        return True

    async def load_commands(self) -> None:
        """Load every extension of the packages; what has no key is left out."""
        for package in self._packages:
            for name in extensions(package):
                await self.load_extension(name)

    async def add_cog(self, cog: commands.Cog, /, **options: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - passed on
        """Add a cog, unless it is for a video service that has no key."""
        upstream = getattr(cog, "upstream", None)
        if upstream is not None and upstream not in self.apis:
            _log.info("A command is left out: its video service has no key", action="cog_skipped", upstream=upstream)
            return
        await super().add_cog(cog, **options)  # pyright: ignore[reportArgumentType] - as they came
        if upstream is not None and (maker := getattr(cog, "maker", None)):
            for command in cog.walk_app_commands():
                self._makers[Scope(upstream=upstream, command=command.qualified_name.partition(" ")[0])] = maker

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected to Discord until the client is closed.

        Raises:
            SettingsError: Discord ended the connection for good, as it does once the token has been reset.
        """
        try:
            while not self.is_closed():
                await self._connect(reconnect=reconnect)
        except discord.PrivilegedIntentsRequired:
            raise SettingsError(f"Discord ended the connection for good: {_NO_INTENT}") from None
        except discord.ConnectionClosed as error:
            refused = REFUSED if error.code == _AUTHENTICATION_FAILED else f"close code {error.code}"
            raise SettingsError(f"Discord ended the connection for good: {refused}") from None

    async def _connect(self, *, reconnect: bool) -> None:
        """Connect; where the very first socket fails, discord.py 2.7 trips over the one that it would resume."""
        try:
            await super().connect(reconnect=reconnect)
        except RuntimeError:
            if not self.is_closed():  # else it was closed while it waited to come back
                raise
        except AttributeError:
            if self.ws is not None:  # pyright: ignore[reportUnnecessaryComparison] - so it is until the first opens
                raise
            _log.warning("Discord's gateway could not be reached; trying again", action="gateway_failed")

    def is_connected(self) -> bool:
        """Whether commands reach the bot now; discord.py stays ready while its WebSocket is away."""
        return self._connected and self.is_ready()

    async def on_disconnect(self) -> None:
        """Note that the WebSocket is away."""
        self._connected = False

    async def on_resumed(self) -> None:
        """Note that it is back, and nothing was missed."""
        self._connected = True

    async def on_ready(self) -> None:
        """Say that Discord is reached."""
        self._connected = True
        _log.info(
            "The bot is connected to Discord", action="discord_ready", user=str(self.user), guilds=len(self.guilds)
        )


def _limits(settings: Settings) -> Limits:
    return Limits(
        sora_seconds=settings.sora_seconds,
        vidu_q3_max_seconds=settings.vidu_q3_max_seconds,
        veo31_references_free=settings.veo31_references_free,
    )
