"""A circuit breaker: what has failed several times in a row is left alone, and probed now and then until it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

THRESHOLD = 3
"""Failures in a row that open a breaker; a refused key opens it at once."""
FIRST, LONGEST = 5.0, 60.0
"""Seconds until the first probe, doubled by each that fails, and the most between two."""
LONGEST_RISKED = 600.0
"""The same where a probe that fails leaves a job unconfirmed: a person is asked to look after each."""
PAUSE = 60.0
"""Seconds between two probes of a service that refuses the operator's key, and for which a probe is waited for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What one breaker stands for: a video service, or the sending of one command's jobs to it.

    A gateway such as new-api has a channel behind it for each family, and they fail separately.
    """

    upstream: str
    #: The command without its subcommand, such as "veo31"; None: the whole service.
    command: str | None = None


class Cause(StrEnum):
    """Why a breaker is open."""

    DOWN = "down"
    KEY = "key"


@dataclass(kw_only=True, slots=True)
class Breaker:
    """The state of one scope; times in Unix seconds. Closed as long as `cause` is None."""

    cause: Cause | None = None
    #: Who does not answer, as a sentence begins.
    who: str = ""
    #: When it opened.
    since: float = 0.0
    #: Until when all is left alone.
    until: float = 0.0
    failures: int = 0
    _probing: bool = False

    def ready(self, now: float) -> bool:
        """Whether it is time for a probe; a time further off than any was set by a clock that has since stepped back."""
        return self.cause is not None and not 0 < self.until - now <= LONGEST_RISKED

    def probe(self, now: float) -> None:
        """One job goes; the others wait for what it finds."""
        self._probing = True
        self.until = now + PAUSE

    def fail(self, who: str, now: float, *, longest: float = LONGEST, wait: float = 0.0) -> bool:
        """Count a failure, after which the next probe is `wait` seconds away at least; true where this one opens it."""
        if self.cause is not None and not self._probing:
            return False  # it was under way when the breaker opened, and is no news
        self.failures += 1
        if self.failures < THRESHOLD:
            return False
        doubled = FIRST * 2.0 ** min(self.failures - THRESHOLD, 10)
        return self._open(Cause.DOWN, who, now, max(min(doubled, longest), wait))

    def refuse(self, who: str, now: float) -> bool:
        """The key is refused; true where this is news."""
        return self._open(Cause.KEY, who, now, PAUSE)

    def _open(self, cause: Cause, who: str, now: float, wait: float) -> bool:
        news = self.cause is not cause
        if self.cause is None:
            self.since = now
        self.cause, self.who, self.until, self._probing = cause, who, now + wait, False
        return news
