"""Ask for a status, some times at once, in a process of its own; print how often it was told, and the KiB that took."""

import asyncio
import sys

from pydantic import SecretStr

from bot.api.client import VideoApi
from bot.api.errors import Busy
from tests.integration.api.fetch_alone import most_memory


async def main(base_url: str, times: str) -> None:
    """One small question first, so that what is loaded once is not counted."""
    api = VideoApi("octopusx", base_url, SecretStr("sk-sandbox"))
    await api.retrieve("small")
    before = most_memory()
    told = await asyncio.gather(*(_told(api) for _ in range(int(times))))
    await api.aclose()
    print(sum(told), most_memory() - before)


async def _told(api: VideoApi) -> bool:
    """Keep nothing of the answer, as the engine does: an error holds all that led to it."""
    try:
        await api.retrieve("large")
    except Busy:
        return False
    return True


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
