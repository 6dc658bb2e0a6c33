"""A video is never in memory as a whole."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.video_api import VideoApiSandbox


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("megabytes", "times", "by_link"), [(100, 1, True), (100, 1, False), (10, 10, False)])
async def test_large_videos_take_hardly_any_memory(megabytes: int, times: int, by_link: bool, tmp_path: Path):
    """100 MB on disk, at most 20 MB more in the process at any time; as much where ten are on their way at once."""
    async with VideoApiSandbox(quality="tiny", seconds_to_done=0) as api:
        api.next(padded=megabytes)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as session:
            await session.post(f"{api.url}/v1/videos", json={"model": "veo_3_1", "prompt": "x", "seconds": "8"})
        (task,) = api.tasks.values()
        await api.wait_for(lambda: task.status == "SUCCESS")
        link = f"{api.files_url}/files/{task.key}.mp4" if by_link else ""
        fetching = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "tests.integration.api.fetch_alone",
                api.url,
                task.id,
                link,
                str(tmp_path),
                str(times),
            ),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await fetching.communicate()
    size, grown = map(int, said.decode().split()[-2:])
    fetched = [path for path in tmp_path.iterdir() if path.name != "small.mp4"]
    assert size == sum(path.stat().st_size for path in fetched) == 100_000_000
    for path in fetched:
        path.unlink()
    assert grown < 20 * 1024, grown
