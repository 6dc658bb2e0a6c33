"""What is said of a video that was made to fit."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.ladder import Limit, what_was_done
from bot.media import Fitted, Rung, Video

MIB = 1024 * 1024
LIMIT = Limit(size=10 * MIB, words="this server's 10 MB limit")
FULL = Video(
    path=Path("fox.mp4"),
    size=38 * MIB,
    seconds=8.0,
    width=1920,
    height=1080,
    video_codec="h264",
    pixel_format="yuv420p",
    audio_codec="aac",
    faststart=True,
)
SMALL = replace(FULL, size=9 * MIB)


@pytest.mark.parametrize(
    ("rung", "original", "made", "said"),
    [
        (Rung.AS_IS, SMALL, SMALL, ""),
        (Rung.REMUXED, SMALL, SMALL, "repacked without a change to the picture"),
        (Rung.REENCODED, SMALL, SMALL, "re-encoded so that it plays everywhere"),
        (Rung.REENCODED, FULL, SMALL, "re-encoded from 38 MB to fit this server's 10 MB limit"),
        (
            Rung.REENCODED,
            FULL,
            replace(SMALL, width=960, height=540),
            "re-encoded from 38 MB to fit this server's 10 MB limit, at 960x540",
        ),
        (
            Rung.REENCODED,
            replace(FULL, size=10 * MIB),
            SMALL,
            "re-encoded from 10 MB to fit this server's 10 MB limit",
        ),
        (
            Rung.REENCODED,
            replace(FULL, width=1921, height=1081),
            SMALL,
            "re-encoded from 38 MB to fit this server's 10 MB limit",
        ),
        (
            Rung.REENCODED,
            FULL,
            replace(SMALL, width=1080, height=1920),
            "re-encoded from 38 MB to fit this server's 10 MB limit",
        ),
    ],
    ids=["as is", "remuxed", "codec", "smaller", "smaller picture", "in the headroom", "odd sides", "turned"],
)
def test_what_was_done_is_said_in_a_few_words(rung: Rung, original: Video, made: Video, said: str):
    """The sizes are the person's own words for them: of the file before, and of the limit."""
    assert what_was_done(Fitted(video=made, original=original, rung=rung), LIMIT) == said
