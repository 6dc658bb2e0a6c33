"""Links that people type: a host must be public by every address its name leads to, at the moment of the order.

The bot never opens such a link; a video service does, and may stand in a network of its own with the name servers of the
world. What a name says later, when the service looks, is for the service to guard against.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from bot.api.transport import is_public
from bot.errors import Refusal

LOOKUP_SECONDS = 5.0
"""A name server that answers later than this would keep a person waiting for nothing good."""

Lookup = Callable[[str], Awaitable[Collection[str]]]
"""From a host's name to its addresses, IPv4 and IPv6; raises OSError or ValueError where there are none."""

#: Of their own, since a lookup cannot be stopped: people's slow names must not take the threads that write our files.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="lookup")


async def system_lookup(host: str) -> Collection[str]:
    """The addresses by this system's own resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_threads, lambda: socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM))
    return {str(address[0]) for *_, address in found}


class Hosts:
    """Judges where links lead."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup

    async def check(self, links: Mapping[str, str]) -> None:
        """Look up the host of each link, by option name.

        Raises:
            Refusal: one has no address, or one that is not public.
        """
        for option, link in links.items():
            addresses = await self._addresses(option, urlsplit(link).hostname or "")
            if not addresses:
                raise Refusal(f"The host of {option} cannot be found: check the link.")
            if not all(map(is_public, addresses)):
                raise Refusal(f"{option} leads to a private address: give a link that anybody can open.")

    async def _addresses(self, option: str, host: str) -> Collection[str]:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                return await self._lookup(host)
        except TimeoutError:
            raise Refusal(
                f"The host of {option} could not be found in time: try again, or give another link."
            ) from None
        except (OSError, ValueError):
            return ()
