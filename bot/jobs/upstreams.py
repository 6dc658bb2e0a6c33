"""Circuit breaker: a video service that refuses our key is paused; its jobs wait, and one probes it each minute."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import get_args

import structlog

from bot.api.client import VideoApi
from bot.api.errors import Unauthorized
from bot.requests.base import Upstream

PAUSE = 60.0
"""Seconds between two probes of a service that refuses the operator's key."""

_log = structlog.stdlib.get_logger(__name__)


class Upstreams:
    """The video services that have a key, and until when each is left alone."""

    def __init__(self, apis: Mapping[str, VideoApi], clock: Callable[[], float]) -> None:
        self._apis = apis
        self._clock = clock
        self._paused: dict[str, float] = {}

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

    def paused(self) -> frozenset[str]:
        """The services to leave alone now."""
        now = self._clock()
        return frozenset(name for name, until in self._paused.items() if now < until)

    def probing(self) -> bool:
        """Whether the next job to go is a probe, so that it should go alone."""
        return len(self.paused()) < len(self._paused)

    def claimed(self, name: str) -> None:
        """A job of this service is about to be worked on; if it is a probe, others wait for what it finds."""
        if name in self._paused:
            self._paused[name] = self._clock() + PAUSE

    def pause(self, name: str, error: Unauthorized) -> None:
        """Leave a service alone for a while; one log line until it works again."""
        if name not in self._paused:
            _log.error(
                "A video service refuses its key or is out of funds: its jobs wait until that is put right",
                action="upstream_paused",
                upstream=name,
                http_status=error.status,
                code=error.code,
                request_id=error.request_id,
            )
        self._paused[name] = self._clock() + PAUSE

    @contextmanager
    def asking(self, name: str) -> Generator[VideoApi]:
        """The client of a service, for one question: its answer ends a pause, a refused key begins one.

        Raises:
            Unauthorized: as the client does.
        """
        try:
            yield self._apis[name]
        except Unauthorized as error:
            self.pause(name, error)
            raise
        if self._paused.pop(name, None) is not None:
            _log.info("The video service takes its key again", action="upstream_resumed", upstream=name)
