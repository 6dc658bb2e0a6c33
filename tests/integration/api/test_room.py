"""What a video may take: its own size, and the disk it lands on."""

from __future__ import annotations

import base64
import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.api.client import VideoApi
from bot.api.errors import BadFile, Busy, NoRoom, TooLarge

if TYPE_CHECKING:
    from tests.integration.api.conftest import Wire

VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(1_999_988)
MIB = 1024**2

OpenApi = Callable[..., VideoApi]


def chunked(body: bytes) -> bytes:
    """An answer that does not say how long it is."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


async def test_a_video_as_large_as_may_be_is_fetched(open_api: OpenApi, wire: Wire, tmp_path: Path):
    """The cap itself is still allowed, with a length and without."""
    api = open_api(max_bytes=len(VIDEO))
    wire.will(200, VIDEO)
    wire.will(raw=chunked(VIDEO))
    assert await api.download("x", None, tmp_path / "a.mp4") == len(VIDEO)
    assert await api.download("x", None, tmp_path / "b.mp4") == len(VIDEO)


async def test_a_video_too_large_by_its_own_word_is_not_begun(open_api: OpenApi, wire: Wire, cdn: Wire, tmp_path: Path):
    """Nothing of it is read, and the other route, which has the same file, is not asked for it."""
    cdn.will(200, b"", length=5 * 1024**3)
    with pytest.raises(TooLarge) as raised:
        await open_api(max_bytes=1024**3).download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4")
    assert isinstance(raised.value, BadFile)
    assert raised.value.size == 5 * 1024**3
    assert raised.value.sentence == (
        "The video is larger than the 1024 MB this bot fetches: ask its operator to raise that, or make a shorter one."
    )
    assert (wire.requests, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("inside", ["the answer", "the link"])
async def test_a_video_that_grows_too_large_is_left(
    inside: str, open_api: OpenApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """Without a length the bytes themselves are counted."""
    link = cdn.url + "/a.mp4"
    if inside == "the answer":
        cdn.will(raw=chunked(VIDEO))
    else:
        link = "data:video/mp4;base64," + base64.b64encode(VIDEO).decode()
    with pytest.raises(TooLarge) as raised:
        await open_api(max_bytes=len(VIDEO) - 1).download("x", link, tmp_path / "a.mp4")
    assert raised.value.size is None
    assert (wire.requests, list(tmp_path.iterdir())) == ([], [])


async def test_a_dead_link_does_not_hide_that_the_video_is_too_large(
    open_api: OpenApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """A link that nobody answers at is usually a reason to wait; here waiting changes nothing."""
    cdn.will(503, b"")
    wire.will(200, b"", length=100)
    with pytest.raises(TooLarge):
        await open_api(max_bytes=99).download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4")


async def test_a_full_disk_asks_for_nothing(open_api: OpenApi, wire: Wire, cdn: Wire, tmp_path: Path):
    """The reserve is what the database and the other jobs live on."""
    with pytest.raises(NoRoom) as raised:
        await open_api(reserve=2**62).download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4")
    assert raised.value.sentence == (
        "The bot's disk is full, so the video cannot be fetched now: its operator has to make room."
    )
    assert not isinstance(raised.value, BadFile | Busy)
    assert (cdn.requests, wire.requests, list(tmp_path.iterdir())) == ([], [], [])


@pytest.mark.parametrize(("free", "taken"), [(256 * MIB + len(VIDEO), True), (256 * MIB + len(VIDEO) - 1, False)])
async def test_unless_told_otherwise_256_mib_of_the_disk_stay_free(
    free: int, taken: bool, api: VideoApi, wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The database and what is made of other videos live on them; the last byte above them may be used."""
    disk = shutil.disk_usage(tmp_path)

    def usage(_folder: Path) -> object:
        written = sum(path.stat().st_size for path in tmp_path.iterdir())
        return disk._replace(free=free - written)

    wire.will(200, VIDEO)
    with monkeypatch.context() as patch, contextlib.ExitStack() as refused:
        patch.setattr(shutil, "disk_usage", usage)
        if not taken:
            refused.enter_context(pytest.raises(NoRoom))
        await api.download("x", None, tmp_path / "a.mp4")
    assert [path.name for path in tmp_path.iterdir()] == (["a.mp4"] if taken else [])


async def test_a_video_that_does_not_fit_the_disk_is_not_begun(
    open_api: OpenApi, wire: Wire, cdn: Wire, tmp_path: Path
):
    """What Content-Length announces counts before the first byte."""
    cdn.will(200, b"", length=2**50)
    with pytest.raises(NoRoom):
        await open_api(max_bytes=2**51).download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4")
    assert (len(cdn.requests), wire.requests, list(tmp_path.iterdir())) == (1, [], [])


async def test_the_reserve_is_kept_while_a_video_of_unknown_length_comes(open_api: OpenApi, wire: Wire, tmp_path: Path):
    """Sixteen MiB are free above it, and 64 come."""
    wire.will(raw=chunked(bytes(64 * MIB)))
    reserve = shutil.disk_usage(tmp_path).free - 16 * MIB
    with pytest.raises(NoRoom):
        await open_api(reserve=reserve).download("x", None, tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_disk_that_is_full_all_the_same_says_so(api: VideoApi, wire: Wire, cdn: Wire, tmp_path: Path):
    """The system's own word, ENOSPC, ends the download; nothing is left, and the next one is whole."""
    (tmp_path / "a.mp4.part").symlink_to("/dev/full")
    cdn.will(200, VIDEO)
    with pytest.raises(NoRoom):
        await api.download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4")
    assert (wire.requests, list(tmp_path.iterdir())) == ([], [])
    cdn.will(200, VIDEO)
    assert await api.download("x", cdn.url + "/a.mp4", tmp_path / "a.mp4") == len(VIDEO)
    assert (tmp_path / "a.mp4").read_bytes() == VIDEO


async def test_a_disk_that_breaks_is_not_a_full_one(api: VideoApi, wire: Wire, tmp_path: Path):
    """Other errors of the system are not told as if making room would help."""
    (tmp_path / "a.mp4").mkdir()
    (tmp_path / "a.mp4" / "taken").touch()
    wire.will(200, VIDEO)
    with pytest.raises(IsADirectoryError):
        await api.download("x", None, tmp_path / "a.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
