"""ffmpeg as a process: how it ends with the bot, and what it means that somebody else has ended it."""

import asyncio
import errno
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from bot.media.tool import run
from tests.integration.processes import alive, children

ENDLESS = ("-stream_loop", "-1")
MPEG_TS = ("-map", "0:V:0", "-c", "copy", "-f", "mpegts")


async def begun(file: Path) -> None:
    """Wait until ffmpeg has opened its output."""
    async with asyncio.timeout(30):
        while not file.exists():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_an_end_from_outside_is_no_verdict_on_the_file(number: signal.Signals, noise: Path, tmp_path: Path):
    """A service manager that stops a unit ends all its processes; the bot, which drains, is to take the step again."""
    out = tmp_path / "out.ts"
    running = asyncio.create_task(run(noise, *MPEG_TS, str(out), before=ENDLESS, within=30))
    await begun(out)
    for child in children(os.getpid(), out):
        os.kill(child, number)
    with pytest.raises(InterruptedError):
        await running


async def test_a_signal_to_the_group_of_the_bot_is_not_one_to_ffmpeg(noise: Path, tmp_path: Path):
    """Ctrl+C in a terminal goes to the whole group of processes in front."""
    out = tmp_path / "out.ts"
    running = asyncio.create_task(run(noise, *MPEG_TS, str(out), before=ENDLESS, within=30))
    await begun(out)
    assert [os.getpgid(child) == os.getpgrp() for child in children(os.getpid(), out)] == [False]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.skipif(
    not shutil.which("setpriv") and not os.environ.get("CI"), reason="no util-linux on this machine; CI never skips"
)
async def test_ffmpeg_ends_with_a_bot_that_is_killed(noise: Path, tmp_path: Path):
    """Else it would encode for minutes beside the same work of the next process."""
    out = tmp_path / "out.ts"
    code = (
        "import asyncio, pathlib, sys; from bot.media.tool import run\n"
        f"asyncio.run(run(pathlib.Path(sys.argv[1]), *{MPEG_TS!r}, sys.argv[2], before={ENDLESS!r}, within=30))"
    )
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(noise), str(out))
    await begun(out)
    (ffmpeg,) = children(bot.pid, out)
    bot.kill()
    await bot.wait()
    async with asyncio.timeout(30):
        while alive(ffmpeg):  # noqa: ASYNC110 - it is nobody's child any more
            await asyncio.sleep(0.01)


async def test_a_disk_that_x264_found_full_says_nothing_of_the_video(
    noise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its first pass then fails without a reason, and the video would pass for one that cannot be made to fit."""
    (tmp_path / "notes-0.log.mbtree.temp").symlink_to("/dev/full")
    notes = ("-c:v", "libx264", "-b:v", "300k", "-pass", "1", "-passlogfile", str(tmp_path / "notes"))
    failed = await run(noise, *notes, "-f", "null", "-", within=30)
    assert failed.code != 0
    assert os.strerror(errno.ENOSPC) not in failed.log
    full = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    with pytest.raises(OSError, match="No space left on device"):
        await run(noise, *notes, "-f", "null", "-", within=30)


async def test_ffmpeg_is_handed_none_of_the_bots_secrets(noise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It reads files of strangers; what it need not know, a hole in it cannot give away: only paths and where programs are."""
    secrets = {"DISCORD_TOKEN": "hidden-1", "OCTOPUSX_API_KEY": "hidden-2", "UNIALL_API_KEY": "hidden-3"}
    for name, value in {**secrets, "DATABASE_URL": "postgresql://bot:hidden-4@db/x", "AWS_SECRET": "hidden-5"}.items():
        monkeypatch.setenv(name, value)
    out = tmp_path / "out.ts"
    running = asyncio.create_task(run(noise, *MPEG_TS, str(out), before=ENDLESS, within=30))
    await begun(out)
    (child,) = children(os.getpid(), out)
    environment = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
    words = Path(f"/proc/{child}/cmdline").read_bytes()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert b"hidden" not in b"".join([words, *environment])
    names = {entry.partition(b"=")[0].decode() for entry in environment if entry}
    assert {"PATH"} <= names <= {"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR"}
