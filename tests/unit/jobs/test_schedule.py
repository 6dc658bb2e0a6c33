"""The poll schedule and the backoff."""

from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.schedule import LONGEST, next_poll, retry_at

seconds = st.floats(0, 1e6)
rolls = st.floats(0, 1)


def test_a_young_job_is_polled_every_interval_and_an_old_one_half_as_often():
    """new-api looks at its upstreams every 15 to 30 s, so asking faster brings nothing."""
    assert next_poll(100.0, 100.0, 15.0, 0.0) == 115.0
    assert next_poll(100.0, 100.0, 15.0, 1.0) == 118.0
    assert next_poll(399.9, 100.0, 15.0, 0.0) == 414.9
    assert next_poll(400.0, 100.0, 15.0, 0.0) == 430.0


@given(now=seconds, submitted_at=seconds, interval=st.floats(0.01, 3600), roll=rolls)
def test_two_polls_are_never_closer_than_the_interval(now: float, submitted_at: float, interval: float, roll: float):
    """Whatever the clock did since the submit, forwards or backwards."""
    wait = next_poll(now, submitted_at, interval, roll) - now
    assert interval * 0.999 <= wait <= interval * 2.401


def test_waits_double_up_to_the_longest():
    """5, 10, 20, … and then for ever the same."""
    waits = [retry_at(0.0, attempts, 0.0, first=5.0, longest=60.0) for attempts in (0, 1, 2, 3, 4, 1000)]
    assert waits == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]


@given(attempts=st.integers(0, 10_000), roll=rolls, retry_after=st.none() | st.floats(-1e9, 1e9))
def test_retry_after_is_obeyed_within_reason(attempts: int, roll: float, retry_after: float | None):
    """A service may ask for more patience, up to ten minutes; a silly value strands no job."""
    wait = retry_at(0.0, attempts, roll, first=5.0, longest=60.0, retry_after=retry_after)
    assert 5.0 <= wait <= LONGEST
    assert wait >= min(retry_after or 0.0, LONGEST)
