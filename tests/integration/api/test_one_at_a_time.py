"""One file is fetched by one at a time, in whatever process; what a dead one has left is in nobody's way."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.api.client import VideoApi
from bot.api.errors import Busy

if TYPE_CHECKING:
    from tests.integration.api.conftest import Wire

VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 9000


async def test_a_file_that_is_being_fetched_is_left_to_who_fetches_it(api: VideoApi, wire: Wire, tmp_path: Path):
    """A machine slept in the midst of a download and its work was given to another: neither spoils the other's file."""
    link, target, part = wire.url + "/a.mp4", tmp_path / "a.mp4", tmp_path / "a.mp4.part"
    half = len(VIDEO) // 2
    wire.will(200, VIDEO[:half], length=len(VIDEO))
    first = asyncio.create_task(api.download("x", link, target))
    async with asyncio.timeout(30):
        while not part.exists() or part.stat().st_size < half // 2:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)
        with pytest.raises(Busy):
            await api.download("x", link, target)
        assert [seen.path for seen in wire.requests] == ["/a.mp4"]
        for writer in wire.writers:
            writer.write(VIDEO[half:])
        assert await first == len(VIDEO)
    assert target.read_bytes() == VIDEO
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


async def test_what_a_killed_process_has_left_is_written_over(api: VideoApi, wire: Wire, tmp_path: Path):
    """It was longer than the whole file, and its lock went with its process."""
    (tmp_path / "a.mp4.part").write_bytes(b"x" * 2 * len(VIDEO))
    wire.will(200, VIDEO)
    assert await api.download("x", None, tmp_path / "a.mp4") == len(VIDEO)
    assert (tmp_path / "a.mp4").read_bytes() == VIDEO
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]
