"""A promise: what a first answer owes a person, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import ReelcordError
from bot.jobs.job import id_from

TOKEN_SECONDS = 14.5 * 60
"""An interaction's token lives 15 minutes; what begins in the last half minute might end after them."""


class BrokenPromise(ReelcordError):  # noqa: N818 - what happened, caught by name
    """The promise was given up, and the person is told that nothing came of it: so nothing may."""


class TooMany(ReelcordError):  # noqa: N818 - as above
    """The person has as many jobs at work as one may have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """A card that says "Checking": written down before it is shown, so that no death leaves it standing for ever."""

    #: The interaction's token, by which the card is changed. A secret: it goes with the row.
    token: str = field(repr=False)
    application_id: int
    user_id: int
    command: str
    #: The held job whose video was asked for; None: a new video is ordered.
    held_id: str | None = None
    #: The process that answers; None: nobody does any more, and the person is to be told.
    owner: str | None
    made_at: float

    @property
    def id(self) -> str:
        """One for each interaction; a job that is ordered by it has the same."""
        return id_from(self.token)
