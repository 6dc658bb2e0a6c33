"""The plan that makes a video fit, as pure arithmetic."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media import Video
from bot.media.plan import (
    LONGEST_SIDE,
    MOST_RATE,
    Encode,
    Measured,
    Remux,
    Sound,
    encodes,
    plays_everywhere,
    rate_that_looks_good,
    remux,
    seconds_allowed,
    video_rate,
)

MB = 2**20

GOOD = Video(
    path=Path("a.mp4"),
    size=4 * MB,
    seconds=8.0,
    width=1920,
    height=1080,
    video_codec="h264",
    pixel_format="yuv420p",
    audio_codec="aac",
    faststart=True,
    profile="High",
    frame_rate=24.0,
    audio_rate=128_000,
)

videos = st.builds(
    Video,
    path=st.just(Path("a.mp4")),
    size=st.integers(1_000, 500 * MB),
    seconds=st.floats(0.04, 600),
    width=st.integers(16, 8192),
    height=st.integers(16, 8192),
    video_codec=st.sampled_from(["h264", "hevc", "av1", "vp9"]),
    pixel_format=st.sampled_from(["yuv420p", "yuv420p10le", "yuv444p"]),
    audio_codec=st.sampled_from([None, "aac", "opus"]),
    faststart=st.booleans(),
    frame_rate=st.floats(1, 240),
    variable_rate=st.booleans(),
    audio_rate=st.sampled_from([None, 96_000, 256_000]),
)
limits = st.integers(1, 200 * MB)


def video(**changes: object) -> Video:
    return replace(GOOD, **changes)  # type: ignore[arg-type]


def pixels(plan: Encode) -> int:
    return plan.width * plan.height


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"audio_codec": None}, True),
        ({"pixel_format": "yuvj420p"}, True),
        ({"profile": "Constrained Baseline"}, True),
        ({"profile": None}, True),
        ({"frame_rate": 60.0}, True),
        ({"variable_rate": True}, True),
        ({"video_codec": "hevc"}, False),
        ({"pixel_format": "yuv420p10le"}, False),
        ({"pixel_format": "yuv422p"}, False),
        ({"profile": "High 4:4:4 Predictive"}, False),
        ({"transfer": "smpte2084"}, False),
        ({"width": 7680, "height": 4320}, False),
        ({"audio_codec": "opus"}, False),
        ({"faststart": False}, False),
        ({"extra_streams": True}, False),
    ],
)
def test_what_plays_everywhere(changes: dict[str, object], expected: bool):
    """H.264 8-bit 4:2:0 of a usual profile with AAC or no sound, in an MP4 that starts at once, and nothing else."""
    assert plays_everywhere(video(**changes)) is expected


@pytest.mark.parametrize(
    ("changes", "limit", "expected"),
    [
        ({"faststart": False}, 10 * MB, Remux(copy_audio=True)),
        ({"extra_streams": True}, 10 * MB, Remux(copy_audio=True)),
        ({"audio_codec": "opus"}, 10 * MB, Remux(copy_audio=False)),
        ({"audio_codec": "pcm_s16le"}, 3 * MB, Remux(copy_audio=False)),
        ({"extra_streams": True}, 3 * MB, Remux(copy_audio=True)),
        ({"faststart": False}, 3 * MB, None),
        ({"video_codec": "hevc"}, 10 * MB, None),
        ({"pixel_format": "yuv444p"}, 10 * MB, None),
        ({}, 3 * MB, None),
    ],
)
def test_what_repacking_mends(changes: dict[str, object], limit: int, expected: Remux | None):
    """A wrong container or sound, also where these alone make it too large; never a wrong picture."""
    assert remux(video(**changes), limit) == expected


def test_a_strange_picture_that_fits_keeps_its_size_and_takes_twice_its_rate():
    """HEVC of 4 MB and 8 s, with 10 MB of room: twice 4 MB is enough, more would only be a longer upload."""
    assert encodes(video(video_codec="hevc"), 10 * MB)[0] == Encode(
        video_rate=2 * 8 * 4 * MB // 8,
        sound=Sound(rate=128_000, copied=True),
        width=1920,
        height=1080,
        frame_rate=None,
        preset="medium",
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seconds": 8.0}, (1920, 1080, None)),
        ({"seconds": 60.0}, (960, 540, None)),
        ({"seconds": 240.0}, (426, 240, None)),
        ({"seconds": 8.0, "frame_rate": 60.0}, (1920, 1080, None)),
        ({"seconds": 20.0, "frame_rate": 60.0}, (1920, 1080, 30.0)),
        ({"seconds": 8.0, "frame_rate": 120.0}, (1920, 1080, 60.0)),
        ({"seconds": 8.0, "variable_rate": True}, (1920, 1080, 24.0)),
        ({"seconds": 8.0, "width": 3840, "height": 2160}, (3840, 2160, None)),
        ({"seconds": 16.0, "width": 3840, "height": 2160}, (2560, 1440, None)),
        ({"seconds": 8.0, "width": 4320, "height": 7680}, (2304, 4096, None)),
    ],
)
def test_a_large_video_is_brought_down_to_what_still_looks_good(
    changes: dict[str, object], expected: tuple[int, int, float | None]
):
    """38 MB for a limit of 10 MB: first fewer frames, then fewer pixels, and neither while there are bits enough."""
    plan = encodes(video(size=38 * MB, **changes), 10 * MB)[0]

    assert (plan.width, plan.height, plan.frame_rate) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"audio_codec": None, "audio_rate": None}, None),
        ({"audio_rate": 256_000}, Sound(rate=256_000, copied=True)),
        ({"audio_rate": None}, Sound(rate=128_000, copied=False)),
        ({"audio_codec": "opus"}, Sound(rate=128_000, copied=False)),
        ({"seconds": 240.0}, Sound(rate=42_504, copied=False)),
        ({"seconds": 600.0}, Sound(rate=32_000, copied=False)),
    ],
)
def test_the_sound_takes_an_eighth_at_most_and_is_left_alone_within_that(
    changes: dict[str, object], expected: Sound | None
):
    """AAC is copied where it can be; else it is encoded at 32 to 128 kbit/s."""
    assert encodes(video(size=38 * MB, **changes), 10 * MB)[0].sound == expected


def test_much_work_takes_a_quick_preset_and_more_time():
    """A 4K film of half a minute must not block the others for long, nor be given up too early."""
    short, long = (
        video(width=3840, height=2160, size=900 * MB),
        video(width=3840, height=2160, size=900 * MB, seconds=30.0),
    )
    quick, slow = encodes(long, 100 * MB)[0], encodes(short, 100 * MB)[0]

    assert (slow.preset, quick.preset) == ("medium", "veryfast")
    assert 300 < seconds_allowed(short, slow) < seconds_allowed(long, quick) <= 3600


def test_nothing_is_planned_when_nothing_watchable_fits():
    """Ten minutes do not go into half a megabyte."""
    assert encodes(video(size=38 * MB, seconds=600.0), MB // 2) == []


@given(videos, limits)
def test_plans_keep_to_their_arithmetic(film: Video, limit: int):
    """Whatever the video and the limit: rates fit, sides are even, nothing is enlarged, each plan is less than the last."""
    plans = encodes(film, limit)
    for plan in plans:
        sound = plan.sound.rate if plan.sound else 0
        assert (plan.video_rate + sound) * film.seconds / 8 < limit
        assert plan.video_rate > 0
        assert (plan.sound is None) == (film.audio_codec is None)
        assert plan.width % 2 == plan.height % 2 == 0
        assert plan.width <= min(film.width, LONGEST_SIDE)
        assert plan.height <= min(film.height, LONGEST_SIDE)
        assert (plan.frame_rate or film.frame_rate) <= min(film.frame_rate, MOST_RATE) * 1.001
        assert plan.frame_rate is not None or not film.variable_rate
    for larger, smaller in pairwise(plans):
        one, other = larger.frame_rate or film.frame_rate, smaller.frame_rate or film.frame_rate
        assert pixels(smaller) * other < pixels(larger) * one


@given(videos, limits, limits)
def test_a_larger_limit_is_never_worse(film: Video, one: int, other: int):
    """More room gives at least the same picture at at least the same rate."""
    low, high = encodes(film, min(one, other))[:1], encodes(film, max(one, other))[:1]
    assert len(high) >= len(low)
    for poor, rich in zip(low, high, strict=False):
        assert pixels(poor) <= pixels(rich)
        assert (poor.frame_rate or film.frame_rate) <= (rich.frame_rate or film.frame_rate)


@given(videos, limits, st.integers(1, 30_000), st.integers(0, 10 * MB), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_the_second_pass_stays_within_the_limit(
    film: Video, limit: int, frames: int, sound: int, one: float, other: float
):
    """What the first pass has measured is left room for, and a smaller share never asks for more."""
    measured = Measured(frames=frames, seconds=frames / film.frame_rate, sound=sound)
    low, high = (video_rate(film, measured, limit, share) for share in sorted((one, other)))

    assert low <= high
    assert high == 0 or high * measured.seconds / 8 + sound < limit


def test_what_looks_good_is_what_streaming_services_send():
    """Bits per second at 30 frames: pixels count less the more there are."""
    sizes = {(1920, 1080): 3.1e6, (854, 480): 0.92e6, (3840, 2160): 8.8e6}
    for (width, height), rate in sizes.items():
        assert rate_that_looks_good(width, height, 30) == pytest.approx(rate, rel=0.02)
    assert rate_that_looks_good(1920, 1080, 60) == pytest.approx(1.5 * 3.1e6, rel=0.02)
