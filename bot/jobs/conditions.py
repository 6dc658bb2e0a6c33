"""Which rows of jobs a statement is about: the conditions that several statements share."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, not_, or_

from bot.jobs.breaker import Scope
from bot.jobs.job import Status
from bot.jobs.tables import jobs


def has_status(statuses: Collection[Status]) -> ColumnElement[bool]:
    """Whether a job stands in one of these statuses."""
    return jobs.c.status.in_(sorted(status.value for status in statuses))


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """Whether a job belongs to a scope; a command's own includes those of its subcommands."""
    of_service = jobs.c.upstream == scope.upstream
    if scope.command is None:
        return of_service
    subcommand = jobs.c.command.startswith(f"{scope.command} ", autoescape=True)
    return and_(of_service, or_(jobs.c.command == scope.command, subcommand))


def may_be_claimed(statuses: Collection[Status], skip: Collection[Scope], now: float) -> ColumnElement[bool]:
    """Whether a row of these statuses, but not of these scopes, could be leased if it were due; `now` in Unix seconds."""
    unleased = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now)
    return and_(has_status(statuses), *(not_(in_scope(scope)) for scope in skip), unleased)
