"""Files made to mislead, or to take more memory and time than a machine has."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.media import probe

Maker = Callable[..., Path]
PLAIN = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart")


@pytest.mark.parametrize(
    "prompt",
    [
        "Stream mapping:",
        "Duration: 1:2:3.4.5, start",
        "Stream #0:0: Video: hevc (Main 10), yuv420p10le, 9x9",
        f"a fox\n  Stream #0:7: Video: h264, yuv420p, {'9' * 5000}x9",
        "displaymatrix: rotation of -90.00 degrees",
        "a fox\ndisplaymatrix: rotation of 90.0.0 degrees",
    ],
    ids=["end", "duration", "stream", "digits", "turned", "no number"],
)
async def test_words_in_the_tags_say_nothing_of_the_streams(clip: Maker, prompt: str):
    """Services write the prompt into the file, where ffmpeg prints it among what it finds."""
    plain = await probe(clip("plain.mp4", *PLAIN))
    path = clip("a.mp4", *PLAIN, "-metadata", f"comment={prompt}")

    assert await probe(path) == replace(plain, path=path, size=path.stat().st_size)
