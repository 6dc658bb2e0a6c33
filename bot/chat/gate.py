"""What Discord's answers say of the bot as a whole: that all of it has to wait, or that its token is refused.

Discord shuts out an address that sends 10,000 requests answered 401, 403 or 429 within ten minutes, so neither is
answered by asking again for each job that has something to say.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp
import discord
import structlog
from discord.http import Route

from bot.chat.answers import LOST
from bot.errors import SettingsError
from bot.jobs.delivery import DeliveryDelayed

PATIENCE = 30.0
"""The longest rate limit, in seconds, that is waited out where it is met; at a longer one the engine retries later."""
REFUSED = "DISCORD_TOKEN: Discord refuses this token; reset it in the developer portal and set it anew"
_UNSAID = 60.0  # seconds to wait where Cloudflare does not say how many

_log = structlog.stdlib.get_logger(__name__)


class Gate:
    """Reads every answer of Discord's as it comes, and holds the engine back while all of the bot has to wait.

    What people do is not held back: answers to interactions are exempt from the limit of the whole bot.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._shut_at = 0.0
        self._shut_for = 0.0
        self._refused = asyncio.Event()

    @property
    def trace(self) -> aiohttp.TraceConfig:
        """How it reads along: the `http_trace` of a client."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._read)
        return trace

    def check(self) -> None:
        """Go on only where nothing has to wait.

        Raises:
            DeliveryDelayed: everything has to, for so many seconds.
        """
        passed = self._clock() - self._shut_at
        if 0 <= passed < self._shut_for:  # a clock that was set back opens the gate
            raise DeliveryDelayed("Discord asked the whole bot to wait.", retry_after=self._shut_for - passed)

    async def guard_token(self, client: discord.Client) -> None:
        """Run for as long as the bot's token is good; a refusal is asked about once more before it counts.

        Raises:
            SettingsError: Discord refuses the token, as it does once that has been reset.
        """
        while True:
            await self._refused.wait()
            self._refused.clear()
            try:
                await client.http.request(Route("GET", "/users/@me"))
            except discord.HTTPException as error:
                if error.status == 401:
                    raise SettingsError(REFUSED) from None
            except (discord.RateLimited, *LOST):
                pass  # it is asked about at the next refusal

    async def _read(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        """Note what an answer says of the whole bot.

        Raises:
            discord.RateLimited: instead of a wait that discord.py would take upon itself, of any length for a webhook,
                or of an answer that it could not read, since Cloudflare's are HTML.
        """
        answer = params.response
        if not str(params.url).startswith(Route.BASE):
            return  # a file, or the gateway
        if answer.status == 401 and "Authorization" in params.headers:
            self._refused.set()
        if answer.status != 429:
            return
        of_cloudflare = not answer.headers.get("Via") or answer.content_type != "application/json"
        wait = _seconds(answer.headers.get("Retry-After"))
        if of_cloudflare or answer.headers.get("X-RateLimit-Global"):
            self._shut(wait)
        if of_cloudflare or wait > PATIENCE:
            raise discord.RateLimited(wait)

    def _shut(self, seconds: float) -> None:
        self._shut_at, self._shut_for = self._clock(), seconds
        _log.warning("Discord asked the whole bot to wait", action="discord_limited", seconds=seconds)


def _seconds(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return _UNSAID
