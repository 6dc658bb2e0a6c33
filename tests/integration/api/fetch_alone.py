"""Fetch one video in a process of its own, and print the KiB by which the most memory it ever had grew."""

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


async def main(base_url: str, video_id: str, link: str, folder: str) -> None:
    """A small download first, so that what is loaded once is not counted."""
    api = VideoApi("octopusx", base_url, SecretStr("sk-sandbox"))
    await api.download("x", "data:video/mp4,%00", Path(folder, "small.mp4"))
    await api.models()
    before = most_memory()
    size = await api.download(video_id, link or None, Path(folder, "large.mp4"))
    await api.aclose()
    print(size, most_memory() - before)


asyncio.run(main(*sys.argv[1:]))
