"""The plan that makes a video fit, as pure arithmetic."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.media import Video
from bot.media.plan import FRAMES_PER_SECOND, LEAST_BITS, Encode, Remux, encode, plays_everywhere, remux

MB = 2**20

GOOD = {
    "path": Path("a.mp4"),
    "size": 4 * MB,
    "seconds": 8.0,
    "width": 1920,
    "height": 1080,
    "video_codec": "h264",
    "pixel_format": "yuv420p",
    "audio_codec": "aac",
    "faststart": True,
}

videos = st.builds(
    Video,
    path=st.just(Path("a.mp4")),
    size=st.integers(1_000, 500 * MB),
    seconds=st.floats(0.04, 600),
    width=st.integers(16, 4096),
    height=st.integers(16, 4096),
    video_codec=st.sampled_from(["h264", "hevc", "av1", "vp9"]),
    pixel_format=st.sampled_from(["yuv420p", "yuv420p10le", "yuv444p"]),
    audio_codec=st.sampled_from([None, "aac", "opus"]),
    faststart=st.booleans(),
)


def video(**changes: object) -> Video:
    return Video(**{**GOOD, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"audio_codec": None}, True),
        ({"pixel_format": "yuvj420p"}, True),
        ({"video_codec": "hevc"}, False),
        ({"pixel_format": "yuv420p10le"}, False),
        ({"audio_codec": "opus"}, False),
        ({"faststart": False}, False),
    ],
)
def test_what_plays_everywhere(changes: dict[str, object], expected: bool):
    """H.264 8-bit 4:2:0 with AAC or no sound, in an MP4 that starts at once, and nothing else."""
    assert plays_everywhere(video(**changes)) is expected


def test_a_wrong_container_is_only_repacked():
    """When only the order of the boxes is wrong, both streams are copied."""
    assert remux(video(faststart=False), 10 * MB) == Remux(copy_audio=True)


def test_a_wrong_sound_leaves_the_picture_alone():
    """Opus is turned into AAC while the picture is copied."""
    assert remux(video(audio_codec="opus"), 10 * MB) == Remux(copy_audio=False)


def test_a_strange_picture_that_fits_keeps_its_size_and_takes_twice_its_rate():
    """HEVC of 4 MB and 8 s, with 10 MB of room: twice 4 MB is enough, more would only be a longer upload."""
    assert encode(video(video_codec="hevc"), 10 * MB, 0.97) == Encode(
        video_rate=2 * 8 * 4 * MB // 8, audio_rate=128_000, scale=1.0
    )


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (8.0, Encode(video_rate=10_014_382, audio_rate=128_000, scale=1.0)),
        (60.0, Encode(video_rate=1_202_796, audio_rate=128_000, scale=0.5)),
        (120.0, Encode(video_rate=571_360, audio_rate=81_622, scale=360 / 1080)),
    ],
)
def test_a_large_video_is_brought_down_to_the_size_that_still_looks_good(seconds: float, expected: Encode):
    """38 MB of 1080p for a limit of 10 MB: 8 s keep their size, a minute comes down to 540p, two to 360p."""
    assert encode(video(size=38 * MB, seconds=seconds), 10 * MB, 0.97) == expected


@pytest.mark.parametrize("changes", [{"video_codec": "hevc"}, {"pixel_format": "yuv444p"}, {"size": 10 * MB + 1}])
def test_what_repacking_cannot_mend(changes: dict[str, object]):
    """A picture few clients know, or a file over the limit, needs more."""
    assert remux(video(**changes), 10 * MB) is None


def test_nothing_is_planned_when_nothing_watchable_fits():
    """Ten minutes do not go into half a megabyte."""
    assert encode(video(size=38 * MB, seconds=600.0), MB // 2, 0.97) is None


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # for most small limits there is no plan
@given(videos, st.integers(1, 200 * MB), st.floats(0.001, 0.97))
def test_every_plan_stays_within_the_limit_and_watchable(film: Video, limit: int, share: float):
    """Whatever the video and the limit: rates fit, pictures are never enlarged, never under the least bits a pixel."""
    plan = encode(film, limit, share)
    assume(plan is not None)
    assert plan is not None
    assert (plan.video_rate + plan.audio_rate) * film.seconds / 8 <= limit * share
    assert plan.video_rate > 0
    assert 0 < plan.scale <= 1
    assert (plan.audio_rate == 0) == (film.audio_codec is None)
    if plan.video_rate < int(16 * film.size / film.seconds):
        pixels = film.width * film.height * plan.scale**2 * FRAMES_PER_SECOND
        assert plan.video_rate >= LEAST_BITS * pixels


@given(videos, st.integers(1, 200 * MB), st.floats(0.001, 0.97), st.floats(0.001, 0.97))
def test_a_smaller_share_never_asks_for_more(film: Video, limit: int, one: float, other: float):
    """A try after an overshoot goes down."""
    low, high = encode(film, limit, min(one, other)), encode(film, limit, max(one, other))
    assert low is None or (high is not None and low.video_rate <= high.video_rate)
