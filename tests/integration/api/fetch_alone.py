"""Fetch a video, some times at once, in a process of its own, and print the KiB by which the most memory it ever had grew."""

import asyncio
import re
import sys
from pathlib import Path

from pydantic import SecretStr

from bot.api.client import VideoApi


def most_memory() -> int:
    """VmHWM: the largest resident size so far, in KiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


async def main(base_url: str, video_id: str, link: str, folder: str, times: str) -> None:
    """A small download first, so that what is loaded once is not counted."""
    api = VideoApi("octopusx", base_url, SecretStr("sk-sandbox"))
    await api.download("x", "data:video/mp4,%00", Path(folder, "small.mp4"))
    await api.models()
    before = most_memory()
    targets = [Path(folder, f"{number}.mp4") for number in range(int(times))]
    sizes = await asyncio.gather(*(api.download(video_id, link or None, target) for target in targets))
    await api.aclose()
    print(sum(sizes), most_memory() - before)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
