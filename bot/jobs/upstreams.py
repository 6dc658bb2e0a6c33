"""The video services, and what is left alone of them: one that is down or refuses our key, one command's channel.

Every call through `asking` or `sending` is evidence. A POST that was sent speaks for its command alone, since a
gateway's channels fail separately; whatever else happens speaks for the whole service. A 429, a refusal and any word
of the gateway itself are signs of life.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import get_args

import structlog

from bot.api.client import VideoApi
from bot.api.errors import Ambiguous, ApiError, Busy, NoRoom, Rejected, Unauthorized, Unreachable
from bot.jobs.breaker import LONGEST, LONGEST_RISKED, Breaker, Cause, Scope
from bot.jobs.job import Job, Status
from bot.requests.base import Upstream

SERVICE = "The video service"
_OPENINGS = {
    Cause.DOWN: "{who} does not answer at the moment",
    Cause.KEY: "{who} does not accept the bot's key at the moment",
}
_ENDS = {
    Cause.DOWN: "; this goes on by itself once it does.",
    Cause.KEY: "; this goes on by itself once that is put right.",
}

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A service, or a command's channel, that is left alone at the moment."""

    scope: Scope
    cause: Cause
    #: Who is in trouble, as a sentence begins: "Kling", or "The video service".
    who: str
    #: Since when, in Unix seconds.
    since: float

    @property
    def opening(self) -> str:
        """How every sentence about it begins, by which a job is known to have been told."""
        return _OPENINGS[self.cause].format(who=self.who)

    @property
    def sentence(self) -> str:
        """What the cards of waiting jobs say."""
        return self.opening + _ENDS[self.cause]

    def holds_up(self, scope: Scope) -> bool:
        """Whether what belongs to this scope has to wait for it."""
        return self.scope in (scope, Scope(upstream=scope.upstream))


class Upstreams:
    """The video services that have a key, and what is left alone of them for the moment."""

    def __init__(self, apis: Mapping[str, VideoApi], clock: Callable[[], float]) -> None:
        self._apis = apis
        self._clock = clock
        self._breakers: dict[Scope, Breaker] = {}
        #: Models that a service has taken: one that it no longer knows is out of order, and no wrong name.
        self._taken: set[tuple[str, object]] = set()

    @property
    def missing(self) -> frozenset[str]:
        """The services that have no key: their jobs wait until they have one again."""
        return frozenset(get_args(Upstream)) - self._apis.keys()

    def has(self, name: str) -> bool:
        """Whether there is a client of this service."""
        return name in self._apis

    def client(self, name: str) -> VideoApi:
        """The client of a service that is not missing."""
        return self._apis[name]

    def troubles(self) -> list[Trouble]:
        """All that is left alone at the moment, whole services first."""
        found = [
            Trouble(scope=scope, cause=breaker.cause, who=breaker.who, since=breaker.since)
            for scope, breaker in self._breakers.items()
            if breaker.cause is not None
        ]
        return sorted(found, key=lambda trouble: (trouble.scope.upstream, trouble.scope.command or ""))

    def why(self, job: Job) -> str | None:
        """Why a job waits, in a sentence; None: its service is not known to be in trouble."""
        command = job.family if job.status in (Status.QUEUED, Status.SUBMITTING) else None
        scope = Scope(upstream=job.upstream, command=command)
        return next((trouble.sentence for trouble in self.troubles() if trouble.holds_up(scope)), None)

    def is_down(self, name: str) -> bool:
        """Whether a whole service is in trouble."""
        return any(trouble.scope == Scope(upstream=name) for trouble in self.troubles())

    def shut(self, *, sends: bool) -> frozenset[Scope]:
        """What is to be left alone; only what `sends` hangs on the channel of a single command."""
        open_scopes = (scope for scope, breaker in self._breakers.items() if breaker.cause is not None)
        missing = (Scope(upstream=name) for name in self.missing)
        return frozenset((*missing, *(scope for scope in open_scopes if sends or scope.command is None)))

    def ready(self) -> frozenset[Scope]:
        """The scopes of which one job may go all the same, to find out whether they answer again."""
        now = self._clock()
        return frozenset(scope for scope, breaker in self._breakers.items() if breaker.ready(now))

    def probe(self, scope: Scope) -> None:
        """One job of this scope is about to be worked on: others wait for what it finds."""
        self._breakers[scope].probe(self._clock())

    def may_ask(self, name: str) -> bool:
        """Whether a job that was claimed all the same may ask this service; it is then a probe where one is wanted."""
        scope = Scope(upstream=name)
        if scope in self.ready():
            self.probe(scope)
            return True
        return not self.is_down(name)

    @contextmanager
    def asking(self, name: str) -> Generator[VideoApi]:
        """The client of a service, for one question: what comes of it is remembered.

        Raises:
            ApiError: as the client does.
        """
        scope = Scope(upstream=name)
        try:
            yield self._apis[name]
        except Unauthorized as error:
            self.refused(scope, error)
            raise
        except NoRoom:
            raise  # our own disk
        except ApiError as error:
            if _is_silence(error):
                self._fail(scope, SERVICE, error)
            else:
                self._answers(scope)
            raise
        self._answers(scope)

    @contextmanager
    def sending(self, job: Job) -> Generator[VideoApi]:
        """The client of a job's service, for its POST: what comes of it is remembered.

        Raises:
            ApiError: as the client does; Busy also for a model that the service has taken before and now does not know.
        """
        name, model = job.upstream, job.submission.fields.get("model")
        scope = Scope(upstream=name, command=job.family)
        try:
            yield self._apis[name]
        except Unauthorized as error:
            # new-api answers 401 to every call of a bad key, but 402 and 403, as for want of funds, to POSTs alone.
            self.refused(Scope(upstream=name) if error.status == 401 else scope, error)
            raise
        except Unreachable as error:
            self._fail(Scope(upstream=name), SERVICE, error)
            raise
        except (Ambiguous, Busy) as error:
            if error.status == 429:
                self._answers(scope)
            else:
                self._fail(scope, job.submission.maker, error)
            raise
        except Rejected as error:
            if error.code == "model_not_found" and (name, model) in self._taken:
                # new-api switches a channel off that fails too often, and then has none for its models.
                self._fail(scope, job.submission.maker, error)
                raise Busy(error.sentence, status=error.status, code=error.code) from error
            self._answers(scope)
            raise
        self._taken.add((name, model))
        self._answers(scope)

    def refused(self, scope: Scope, error: Unauthorized) -> None:
        """Leave a scope alone that refuses our key; one log line until it works again."""
        breaker = self._breakers.setdefault(scope, Breaker())
        if breaker.refuse(SERVICE, self._clock()):
            _log.error(
                "A video service refuses its key or is out of funds: its jobs wait until that is put right",
                action="upstream_paused",
                **_context(scope, error),
            )

    def _fail(self, scope: Scope, who: str, error: ApiError) -> None:
        breaker = self._breakers.setdefault(scope, Breaker())
        longest = LONGEST_RISKED if isinstance(error, Ambiguous) else LONGEST
        if breaker.fail(who, self._clock(), longest=longest, wait=error.retry_after or 0.0):
            _log.error(
                "A video service does not answer: its jobs wait, and one probes it now and then",
                action="upstream_down",
                **_context(scope, error),
            )
            if scope.command is None:
                self._apis[scope.upstream].down = True

    def _answers(self, scope: Scope) -> None:
        """A sign of life, which whoever sends has from the whole service too."""
        self._apis[scope.upstream].down = False
        for alive in {scope, Scope(upstream=scope.upstream)}:
            breaker = self._breakers.pop(alive, None)
            if breaker is not None and breaker.cause is not None:
                _log.info(
                    "The video service works again",
                    action="upstream_resumed",
                    upstream=alive.upstream,
                    command=alive.command,
                    was=breaker.cause.value,
                    seconds=round(self._clock() - breaker.since),
                )


def _is_silence(error: ApiError) -> bool:
    """Whether an answer to a GET, if there was one, holds no word of the service itself."""
    if not isinstance(error, Busy) or error.status is None:
        return isinstance(error, Busy)
    return error.code is None and not 400 <= error.status < 500


def _context(scope: Scope, error: ApiError) -> dict[str, object]:
    return {
        "upstream": scope.upstream,
        "command": scope.command,
        "error": type(error).__name__,
        "http_status": error.status,
        "code": error.code,
        "request_id": error.request_id,
    }
