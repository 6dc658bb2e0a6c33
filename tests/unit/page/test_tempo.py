"""The clock of the fake generation."""

from bot.sandbox.page.tempo import Tempo


def test_its_pace_changes_and_it_never_steps():
    """Ten seconds at ten times, three at rest, two at one: a hundred and two."""
    real = [1000.0]
    tempo = Tempo(10.0, real=lambda: real[0])
    real[0] += 10
    assert tempo() == 1100.0
    tempo.speed = 0.0
    assert tempo() == 1100.0
    real[0] += 3
    assert tempo() == 1100.0
    tempo.speed = 1.0
    real[0] += 2
    assert (tempo(), tempo.speed) == (1102.0, 1.0)


def test_it_stands_still_when_the_real_one_steps_back():
    """A task never becomes less done."""
    real = [1000.0]
    tempo = Tempo(10.0, real=lambda: real[0])
    real[0] -= 3600
    assert tempo() == 1000.0
