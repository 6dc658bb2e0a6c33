"""One step for each status a job can be claimed in: a coroutine that returns the next job."""

from __future__ import annotations

from collections.abc import Mapping

from bot.jobs.job import TERMINAL, Status
from bot.jobs.steps.base import Step, Tools, after_error
from bot.jobs.steps.deliver import announce, deliver
from bot.jobs.steps.poll import poll
from bot.jobs.steps.submit import interrupted, submit
from bot.jobs.steps.wait import tell

STEPS: Mapping[Status, Step] = {
    Status.QUEUED: submit,
    Status.SUBMITTING: interrupted,
    Status.IN_PROGRESS: poll,
    Status.DELIVERING: deliver,
    **dict.fromkeys(TERMINAL, announce),
}

__all__ = ["STEPS", "Step", "Tools", "after_error", "tell"]
