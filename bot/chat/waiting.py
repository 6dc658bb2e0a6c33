"""What is said to somebody who orders a video that has to wait: why, and whose videos are made meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from bot.jobs.breaker import Scope
from bot.jobs.job import Job
from bot.jobs.upstreams import Trouble

Makers: TypeAlias = Mapping[Scope, str]
"""Whose videos a command orders at a service, as people call them; in the order in which they are told."""


def sentence(job: Job, troubles: Sequence[Trouble], makers: Makers) -> str | None:
    """Why a new job waits and who works; None: it need not wait."""
    scope = Scope(upstream=job.upstream, command=job.family)
    trouble = next((each for each in troubles if each.holds_up(scope)), None)
    if trouble is None:
        return None
    works = [who for at, who in makers.items() if not any(each.holds_up(at) for each in troubles)]
    if not works:
        return trouble.sentence
    return f"{trouble.opening}, so this waits; {_listed(works)} {'work' if len(works) > 1 else 'works'}."


def _listed(names: Iterable[str]) -> str:
    """Names as people list them: `Veo, Sora and Vidu`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
