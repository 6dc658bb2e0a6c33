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

from bot.links import Links

LINK_SECONDS = 24 * 3600
"""How long a signed link of ours lives: as long as Discord's."""
_MARGIN = 2 * 3600.0  # a service may fetch the picture long after the POST
_MOST_AT_ONCE = 50
_ATTACHMENT = re.compile(r"/(?:ephemeral-)?attachments/\d+/\d+/")


async def renewed(client: discord.Client, links: Links | None, urls: Sequence[str], now: float) -> dict[str, str]:
    """Old link to new; the same where nothing is known of it or it still lives long enough."""
    fresh = {url: url for url in urls}
    if links:
        ours = f"{links.base_url}/"
        fresh |= {url: _signed(links, url, now) for url in urls if url.startswith(ours)}
    dying = [url for url in urls if _is_dying(url, now)]
    for start in range(0, len(dying), _MOST_AT_ONCE):
        fresh |= await _ask(client, dying[start : start + _MOST_AT_ONCE])
    return fresh


def _signed(links: Links, url: str, now: float) -> str:
    path = url.removeprefix(links.base_url).partition("?")[0]
    return links.sign(path, int(now) + LINK_SECONDS)


def _is_dying(url: str, now: float) -> bool:
    parts = urlsplit(url)
    if not _ATTACHMENT.match(parts.path):
        return False
    try:
        ends = int(parse_qs(parts.query)["ex"][0], 16)
    except (KeyError, ValueError):
        return True
    return ends < now + _MARGIN


async def _ask(client: discord.Client, urls: list[str]) -> dict[str, str]:
    """POST /attachments/refresh-urls; a refusal leaves the links as they are, for the service to judge."""
    try:
        reply: dict[str, Any] = await client.http.request(
            Route("POST", "/attachments/refresh-urls"), json={"attachment_urls": urls}
        )
    except discord.HTTPException as error:
        if error.status == 429 or error.status >= 500:
            raise
        return {}
    return {pair["original"]: pair["refreshed"] for pair in reply.get("refreshed_urls", []) if pair.get("refreshed")}
