"""ffmpeg as a subprocess: found on PATH or in a wheel, run at low priority, and killed with its task."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from bot.errors import SettingsError
from bot.media.environment import bare_environment

#: Containers that ffmpeg may open. An allow-list, because a downloaded file is not trusted: a playlist that passes for
#: a video could make ffmpeg read other files or connect to other hosts.
_SAFE_INPUT = ("-protocol_whitelist", "file", "-format_whitelist", "mov,mp4,matroska,webm,avi,mpegts")
#: Bytes of which a disk that was written full may still have some: ffmpeg and x264 write in larger pieces.
_LEAST_ROOM = 1024**2
#: How ffmpeg takes its leave, with code 255, where it could still tidy up.
_SIGNALLED = "Exiting normally, received signal"
#: What ends a process that is not to blame: a service manager that stops all of the bot's, a system short of memory.
_ENDED = frozenset(-number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGKILL))

#: A full disk, whatever the exit code: ffmpeg before version 6 ends with 0 when only the end of a file found no room.
#: What is indented is the text of a file's own labels.
_NO_ROOM = re.compile(rf"^\S.*: {re.escape(os.strerror(errno.ENOSPC))}$", re.MULTILINE)
#: Bytes of memory for one thing, such as the list of all frames, and for the whole process: a few hundred bytes of
#: crafted file may claim a billion frames. An 8K picture with all its colours takes 200 MB; 4K with the 96 threads that x264
#: has on 64 cores was measured at 14 GB, most of them set aside for each thread and never used.
_LARGEST, _MEMORY = 256 * 1024**2, 4 * 1024**3 + 256 * 1024**2 * (os.cpu_count() or 1)
#: Bytes that are kept of what it writes, from the beginning and from the end: broken packets log more than they hold.
_HEAD, _TAIL = 4 * 1024**2, 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a run of ffmpeg ended."""

    code: int
    #: What it wrote to standard error; of much, the beginning and the end.
    log: str
    #: Seconds of video that came out.
    seconds: float
    #: Pictures that came out.
    frames: int


@cache
def ffmpeg() -> str:
    """The ffmpeg to run: the one on PATH, else the one imageio-ffmpeg brings.

    Raises:
        SettingsError: there is none.
    """
    try:
        return shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        raise SettingsError("no ffmpeg was found: install it, such as your system's package `ffmpeg`") from None


@cache
def tone_maps() -> bool:
    """Whether this ffmpeg has the filters that bring HDR down to SDR; a build without zimg has not.

    HDR then stays HDR, of 8 bits and marked as such: right where a client knows it, dark elsewhere.
    """
    told = _told("-filters")
    return b" zscale " in told and b" tonemap " in told


def lacks_encoders(*names: str) -> list[str]:
    """Which of these encoders the ffmpeg in use is without.

    Raises:
        SettingsError: there is no ffmpeg.
        OSError: it cannot be run.
    """
    listed = _told("-encoders")
    return [name for name in names if f" {name} ".encode() not in listed]


def _told(question: str) -> bytes:
    """What ffmpeg says of itself."""
    command = [ffmpeg(), "-v", "quiet", question]
    return subprocess.run(command, capture_output=True, check=False, env=bare_environment()).stdout  # noqa: S603 - our own words


async def run(source: Path, *options: str, before: Sequence[str] = (), within: float) -> Outcome:
    """Run ffmpeg on a file with the given output options; `before` goes in front of the input.

    The process has a lower priority than the bot and bounded memory where the system has `prlimit`, is killed on
    cancellation, and where the system can do that dies with the bot. Ctrl+C in a terminal is for the bot alone, which
    lets it finish.

    Raises:
        TimeoutError: it took longer than `within` seconds, and was killed.
        InterruptedError: somebody else ended it, which says nothing of the file.
        OSError: there is no room on the disk for what it writes, which is taken to be that of the file.
    """
    process = await asyncio.create_subprocess_exec(
        *await asyncio.to_thread(_leash),
        *_command(source, options, before),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=bare_environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(within):
            progress, log = await asyncio.gather(_written(process.stdout), _written(process.stderr))
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    outcome = _outcome(process.returncode, progress.decode("ascii"), log.decode("utf-8", "replace"))
    if outcome.code and await asyncio.to_thread(_is_full, source.parent):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return outcome


def _command(source: Path, options: Sequence[str], before: Sequence[str]) -> list[str]:
    """Ffmpeg and its words, held to a low priority and bounded memory by what there is for that."""
    quiet = ("-hide_banner", "-nostdin", "-nostats", "-y", "-progress", "pipe:1", "-max_alloc", str(_LARGEST))
    command = [ffmpeg(), *quiet, *_SAFE_INPUT, *before, "-i", f"file:{source}", *options]
    if nice := shutil.which("nice"):
        command = [nice, "-n", "10", *command]
    if prlimit := shutil.which("prlimit"):  # of util-linux
        command = [prlimit, f"--data={_MEMORY}", *command]
    return command


def _outcome(code: int, progress: str, log: str) -> Outcome:
    """What a run came to, where that is for the file to answer for.

    Raises:
        InterruptedError: somebody else ended it.
        OSError: it found no room on the disk.
    """
    if code in _ENDED or (code == 255 and _SIGNALLED in log):
        raise InterruptedError(errno.EINTR, "ffmpeg was ended from outside")
    if _NO_ROOM.search(log):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return Outcome(code=code, log=log, seconds=_last(progress, "out_time_us") / 1e6, frames=_last(progress, "frame"))


def _is_full(folder: Path) -> bool:
    """Whether a disk is as good as full: x264 that cannot write the notes of its first pass fails without a reason."""
    return shutil.disk_usage(folder).free < _LEAST_ROOM


@cache
def _leash() -> Sequence[str]:
    """Words in front of a command that have the kernel end it with the thread that started it, where there are any.

    Else an encode goes on for minutes after a crash, beside the same one of the next process. BusyBox has a `setpriv`
    that cannot do it, so it is tried.
    """
    leash = ("setpriv", "--pdeathsig", "KILL")
    try:
        return leash if subprocess.run([*leash, "true"], capture_output=True, check=False).returncode == 0 else ()  # noqa: S603 - our own words
    except OSError:
        return ()


async def _written(stream: asyncio.StreamReader) -> bytes:
    """All that a process writes until it closes the stream, but for the middle of a flood."""
    head, tail = bytearray(), bytearray()
    while piece := await stream.read(_TAIL):
        if len(head) < _HEAD:
            head += piece
        else:
            tail = (tail + piece)[-_TAIL:]
    return bytes(head + tail)


def _last(progress: str, key: str) -> int:
    """The last value of a key in ffmpeg's progress report; 0 where it says N/A, as it does when nothing came out."""
    values = [line.partition("=")[2] for line in progress.splitlines() if line.startswith(f"{key}=")]
    return int(values[-1]) if values and values[-1].isdigit() else 0
