"""Hypothesis without its per-example deadline: a busy machine is no defect of the code."""

from hypothesis import settings

settings.register_profile("reelcord", deadline=None)
settings.load_profile("reelcord")
