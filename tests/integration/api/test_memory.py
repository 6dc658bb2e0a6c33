"""A video is never in memory as a whole."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.video_api import VideoApiSandbox


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("by_link", [True, False])
async def test_a_large_video_takes_hardly_any_memory(by_link: bool, tmp_path: Path):
    """200 MB on disk, at most 20 MB more in the process at any time."""
    async with VideoApiSandbox(quality="tiny", seconds_to_done=0) as api:
        api.next(padded=200)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as session:
            await session.post(f"{api.url}/v1/videos", json={"model": "veo_3_1", "prompt": "x", "seconds": "8"})
        (task,) = api.tasks.values()
        await api.wait_for(lambda: task.status == "SUCCESS")
        link = f"{api.files_url}/files/{task.key}.mp4" if by_link else ""
        fetching = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.api.fetch_alone", api.url, task.id, link, str(tmp_path)),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await fetching.communicate()
    size, grown = map(int, said.decode().split()[-2:])
    assert size == (tmp_path / "large.mp4").stat().st_size == 200_000_000
    assert grown < 20 * 1024, grown
    (tmp_path / "large.mp4").unlink()
