"""Pictures, each opened in a process of its own: whatever a file does to its decoder, the bot lives on beside it.

A thread would not do. A progressive JPEG of half a megabyte keeps its decoder busy for minutes, one of 50 MB for hours,
and a thread cannot be stopped; ten million empty segments take more than a gigabyte; and a decoder that crashes takes
its process with it. So the file goes to a child through a pipe, with bounded memory and processor time, nothing to write
to and none of the bot's secrets; what it hands back is one line of JSON, and then the picture as it is to be sent.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import warnings
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

import bot
from bot.errors import Refusal
from bot.media.environment import bare_environment
from bot.requests.base import Image
from bot.requests.image import TOO_HARD, read_image

WITHIN = 120.0
"""Seconds on the clock; a machine that is busy otherwise may need them."""
PROCESSOR_SECONDS = 20
"""Of processor time: a noisy picture of 50 MB takes 3 here."""
MEMORY = 3 * 512 * 1024**2
"""Bytes of address space: a WebP of 50 megapixels takes half of them."""

_BROKE = "The picture could not be opened: open it, save it again as PNG or JPEG and attach that."


async def open_picture(data: bytes, name: str) -> Image:
    """As `read_image`, in a process of its own, which is killed on cancellation.

    Raises:
        Refusal: as `read_image`; also a picture that takes too long, or too much, to open.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", __name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,  # Ctrl+C in a terminal is for the bot alone
    )
    assert child.stdin is not None
    try:
        async with asyncio.timeout(WITHIN):
            child.stdin.write(json.dumps(name).encode() + b"\n")
            made, _ = await child.communicate(data)
    except TimeoutError:
        raise Refusal(TOO_HARD) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _answer(made)


def _environment() -> dict[str, str]:
    """What the child needs to find the same code."""
    path = os.pathsep.join([str(Path(bot.__file__).parents[1]), *filter(None, sys.path)])
    return bare_environment() | {"PYTHONPATH": path}


def _answer(made: bytes) -> Image:
    """What the child has said; one that was ended said nothing."""
    line, _, data = made.partition(b"\n")
    if not line:
        raise Refusal(TOO_HARD)
    try:
        said = json.loads(line)
        if "refusal" in said:
            raise Refusal(str(said["refusal"]))
        return Image.model_validate({**said, "data": data})
    except (ValueError, TypeError, ValidationError):
        raise Refusal(_BROKE) from None


def serve(given: BinaryIO, answer: BinaryIO) -> None:
    """Open one picture: a line with its name, then its bytes; answer as `open_picture` reads it."""
    name: str = json.loads(given.readline())
    try:
        image = read_image(given.read(), name)
    except Refusal as refusal:
        answer.write(json.dumps({"refusal": str(refusal)}).encode())
        return
    answer.write(json.dumps(image.model_dump(exclude={"data", "url"})).encode() + b"\n")
    answer.write(image.data)


def _confine() -> None:  # pragma: no cover - as below
    """Give up what opening a picture does not take; the hard limits cannot be raised again."""
    warnings.simplefilter("ignore")  # Pillow warns of broken EXIF, which is stripped anyhow
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":  # pragma: no cover - confined, it cannot write down what it has reached
    _confine()
    serve(sys.stdin.buffer, sys.stdout.buffer)
