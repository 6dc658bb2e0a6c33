"""Links that expire: a signed link of ours is signed again, an attachment's is refreshed by Discord.

An attachment's URL carries its expiry as `ex`, Unix seconds in hexadecimal, about a day after it was made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import discord
from discord.http import Route

from bot.chat.refusals import meaning
from bot.jobs.delivery import DeliveryDelayed, LinkExpired
from bot.links import Links

_MARGIN = 2 * 3600.0  # a service may fetch the picture long after the POST
_MOST_AT_ONCE = 50
_EXPIRED = "The link of a picture or video has expired: give the command again with the file attached."
_ATTACHMENT = re.compile(r"/(?:ephemeral-)?attachments/\d+/\d+/")


async def renewed(client: discord.Client, links: Links | None, urls: Sequence[str], now: float) -> dict[str, str]:
    """Old link to new; the same where nothing is known of it or it still lives long enough.

    Raises:
        LinkExpired: Discord does not refresh a link that is dead.
        discord.HTTPException: Discord cannot do it now.
    """
    fresh = {url: links.renewed(url, now) if links else url for url in urls}
    dying = [url for url in urls if _is_dying(url, now)]
    refreshed: dict[str, str] = {}
    for start in range(0, len(dying), _MOST_AT_ONCE):
        refreshed |= await _ask(client, dying[start : start + _MOST_AT_ONCE])
    if any(_end(url, default=now) < now for url in dying if url not in refreshed):
        raise LinkExpired(_EXPIRED)
    return fresh | refreshed


def _is_dying(url: str, now: float) -> bool:
    return _ATTACHMENT.match(urlsplit(url).path) is not None and _end(url, default=now) < now + _MARGIN


def _end(url: str, *, default: float) -> float:
    """When a link of Discord's dies; the default where it does not say so."""
    try:
        return int(parse_qs(urlsplit(url).query)["ex"][0], 16)
    except (KeyError, ValueError):
        return default


async def _ask(client: discord.Client, urls: list[str]) -> dict[str, str]:
    """POST /attachments/refresh-urls; a refusal leaves links that live as they are, for the service to judge."""
    try:
        reply: dict[str, Any] = await client.http.request(
            Route("POST", "/attachments/refresh-urls"), json={"attachment_urls": urls}
        )
    except discord.HTTPException as error:
        if isinstance(meaning(error), DeliveryDelayed):
            raise
        return {}
    return {pair["original"]: pair["refreshed"] for pair in reply.get("refreshed_urls", []) if pair.get("refreshed")}
