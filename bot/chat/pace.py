"""How often Discord's gateway is opened: at once after a loss, and ever more slowly while it does not stay open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp

FIRST = 0.25
"""Seconds between the first opening and the next, where that comes soon."""
CALM = 120.0
"""Seconds that a socket has to last for the next one to be opened at once."""
LONGEST = 50.0
"""Seconds between two openings at most.

discord.py gives an opening 60. Discord allows 1,000 IDENTIFYs a day and resets the token of a bot that sends more; a
session that cannot be resumed takes two sockets, so that there are 864 at this pace.
"""

Open = Callable[..., Coroutine[Any, Any, aiohttp.ClientWebSocketResponse]]


def paced(
    opening: Open,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Open:
    """`opening` with a wait before it: none, then a short one, and twice as long at each loss that follows soon.

    discord.py 2.7 comes back at once and without end to a gateway that closes each socket it opens: a thousand times a
    second, measured on loopback.
    """
    opened_at, gap = float("-inf"), 0.0

    async def open_in_time(url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        nonlocal opened_at, gap
        lasted = clock() - opened_at
        gap = 0.0 if lasted > CALM else min(max(2 * gap, FIRST), LONGEST)
        await sleep(max(gap - lasted, 0.0))
        opened_at = clock()
        return await opening(url, compress=compress)

    return open_in_time
