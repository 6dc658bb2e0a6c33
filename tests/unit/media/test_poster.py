"""Which frame of a video stands for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media.poster import BRIGHT, DETAILED, Look, best, later

BLACK = Look(brightness=0, detail=0)
NOISY_BLACK = Look(brightness=1, detail=1)
WHITE = Look(brightness=255, detail=0)
NIGHT = Look(brightness=25, detail=7)
DIMMER_NIGHT = Look(brightness=20, detail=6)
DAY = Look(brightness=110, detail=50)
BRIGHTER_DAY = Look(brightness=140, detail=70)

looks = st.builds(Look, brightness=st.floats(0, 255), detail=st.floats(0, 128))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([DAY], 0),
        ([BLACK], 0),
        ([DAY, BRIGHTER_DAY], 0),
        ([BLACK, NIGHT, DAY, BRIGHTER_DAY], 2),
        ([WHITE, DAY], 1),
        ([BLACK, NIGHT, BLACK], 1),
        ([BLACK, DIMMER_NIGHT, NIGHT], 2),
        ([NIGHT, NIGHT], 0),
        ([NOISY_BLACK, WHITE], 1),
        ([WHITE, NIGHT], 1),
        ([BLACK, BLACK], 0),
    ],
    ids=[
        "one good",
        "one black",
        "the first of two good ones",
        "the first good one after dark ones",
        "a picture rather than a flash",
        "a dark picture rather than black",
        "the brighter of two dark ones",
        "the first of equals",
        "white rather than noise in the dark",
        "a dark picture rather than white",
        "all black",
    ],
)
def test_the_first_good_frame_else_the_best_is_chosen(seen: list[Look], expected: int):
    """What a person would point at."""
    assert best(seen) == expected


@given(st.lists(looks, min_size=1, max_size=30))
def test_no_frame_before_the_chosen_one_is_as_good(seen: list[Look]):
    """The first of the best; where any passes both thresholds, none after the first that does."""
    chosen = best(seen)
    assert all(look.worth < seen[chosen].worth for look in seen[:chosen])
    assert all(look.worth <= seen[chosen].worth for look in seen)
    good = [number for number, look in enumerate(seen) if look.brightness >= BRIGHT and look.detail >= DETAILED]
    assert not good or chosen <= good[0]


@given(looks)
def test_only_a_frame_above_both_thresholds_is_worth_1(look: Look):
    """Neither light nor detail makes up for the other."""
    assert 0 <= look.worth <= 1
    if look.brightness < BRIGHT * 0.999 or look.detail < DETAILED * 0.999:
        assert look.worth < 1


@pytest.mark.parametrize(
    ("begin", "seconds", "expected"),
    [
        (0.25, 0.04, []),
        (4.0, 4.0, []),
        (4.0, 4.5, [4.25]),
        (4.0, 8.0, [4.5, 5.5, 6.5, 7.5]),
        (4.0, 36.0, [6.0, 10.0, 14.0, 18.0, 22.0, 26.0, 30.0, 34.0]),
        (0.0, 2.0, [0.5, 1.5]),
    ],
    ids=["one frame", "as long as the opening", "a little longer", "8 seconds", "long", "damaged from the start"],
)
def test_what_comes_after_the_opening_is_looked_at_now_and_then(begin: float, seconds: float, expected: list[float]):
    """Once a second, and at most eight times."""
    assert later(begin, seconds) == expected


@given(st.floats(0, 4), st.floats(0.001, 1e6))
def test_a_long_video_costs_no_more_than_a_short_one(begin: float, seconds: float):
    """At most eight frames, all of them inside what is left of the video and in order."""
    starts = later(begin, seconds)
    assert len(starts) <= 8
    assert starts == sorted(starts)
    assert all(begin <= start <= seconds for start in starts)
    assert bool(starts) is (seconds > begin)
