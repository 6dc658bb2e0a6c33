"""The circuit breaker: a pure state, pushed on by a clock that the test passes in."""

from __future__ import annotations

import pytest

from bot.jobs.breaker import FIRST, LONGEST, LONGEST_RISKED, PAUSE, THRESHOLD, Breaker, Cause

WHO = "Kling"


def _open(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    news = [breaker.fail(WHO, now) for _ in range(THRESHOLD)]
    assert news == [False, False, True]
    return breaker


def _probed(breaker: Breaker, seconds: float, *, longest: float = LONGEST) -> list[float]:
    """When each probe went in that time, all of them failing at once."""
    probes: list[float] = []
    for now in range(int(seconds)):
        if breaker.ready(now):
            probes.append(now)
            breaker.probe(now)
            breaker.fail(WHO, now, longest=longest)
    return probes


def test_it_opens_at_the_third_failure_in_a_row():
    """Two of them are an accident."""
    breaker = Breaker()
    assert [(breaker.fail(WHO, 5.0), breaker.cause) for _ in range(3)] == [
        (False, None),
        (False, None),
        (True, Cause.DOWN),
    ]
    assert (breaker.who, breaker.since, breaker.until) == (WHO, 5.0, 5.0 + FIRST)


def test_probes_grow_rarer_up_to_one_a_minute():
    """An hour costs some sixty questions, however many jobs wait."""
    probes = _probed(_open(), 3600)
    assert probes[:6] == [5, 15, 35, 75, 135, 195]
    assert len(probes) == 62


def test_probes_that_cost_a_job_its_certainty_are_rarer_still():
    """At most one in ten minutes, when it has lasted."""
    probes = _probed(_open(), 3600, longest=LONGEST_RISKED)
    assert len(probes) == 11
    assert probes[-1] - probes[-2] == LONGEST_RISKED


def test_what_was_under_way_when_it_opened_is_no_news():
    """Sixty-four polls fail together: that is one failure more, and not sixty-four."""
    breaker = _open()
    assert [breaker.fail(WHO, 1.0) for _ in range(61)] == [False] * 61
    assert (breaker.failures, breaker.until) == (THRESHOLD, FIRST)


def test_while_a_probe_is_under_way_no_other_goes():
    """Unless it is lost: then another goes after a minute."""
    breaker = _open()
    breaker.probe(10.0)
    times = (10.0, 10.0 + PAUSE - 1, 10.0 + PAUSE, 10.0 + PAUSE + 1)
    assert [breaker.ready(now) for now in times] == [False, False, True, True]


def test_a_service_that_asks_for_a_longer_wait_has_it():
    """Retry-After of a 503."""
    breaker = Breaker()
    for _ in range(THRESHOLD):
        breaker.fail(WHO, 0.0, wait=90.0)
    assert breaker.until == 90.0


def test_a_refused_key_opens_it_at_once():
    """Nothing but a key is wrong: one probe a minute; a second refusal is no news."""
    breaker = Breaker()
    assert [breaker.refuse(WHO, 1.0), breaker.refuse(WHO, 2.0)] == [True, False]
    assert (breaker.cause, breaker.since, breaker.until) == (Cause.KEY, 1.0, 2.0 + PAUSE)


def test_a_closed_breaker_wants_no_probe():
    """Nothing is wrong."""
    assert not Breaker().ready(1e9)


@pytest.mark.parametrize(("back", "ready"), [(LONGEST_RISKED, False), (3600.0, True)], ids=["minutes", "an hour"])
def test_a_clock_set_back_leaves_nothing_shut_for_hours(back: float, ready: bool):
    """A time further off than any wait was set by another clock."""
    breaker = _open(now=10_000.0)
    assert breaker.ready(10_000.0 + FIRST - back) is ready
