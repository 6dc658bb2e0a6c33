"""The three tables, and the mapping between a job and its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
)

from bot.jobs.job import ACTIVE, Destination, Job, Standing, Status
from bot.requests.base import InputFile, Submission

metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("command", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("recipe", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("destination", JSON, nullable=False),
    Column("upstream", Text, nullable=False),
    Column("submission", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("video_id", Text),
    Column("video_url", Text),
    Column("progress", Integer, nullable=False),
    Column("reason", Text),
    Column("due_at", Double),
    Column("attempts", Integer, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("posting_at", Double),
    Column("message_id", BigInteger),
    Column("message_url", Text),
    Column("original_url", Text),
    Column("original_until", Double),
    Column("shown", Text),
    Column("shown_at", Double),
    Column("created_at", Double, nullable=False),
    Column("submitted_at", Double),
    Column("deadline_at", Double),
    Column("finished_at", Double),
    Column("parent_id", String(32)),
    Column("revision", Integer, nullable=False),
    Column("lease_owner", String(64)),
    Column("lease_until", Double),
)

inputs = Table(
    "inputs",
    metadata,
    Column("job_id", String(32), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("field", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

promises = Table(
    "promises",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token", Text, nullable=False),
    Column("application_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("command", Text, nullable=False),
    Column("held_id", String(32)),
    Column("owner", String(64)),
    Column("made_at", Double, nullable=False),
)

# Only rows that still want a step are in this index, so a claim is no slower with a million finished ones.
Index(
    "ix_jobs_due",
    jobs.c.status,
    jobs.c.due_at,
    sqlite_where=jobs.c.due_at.is_not(None),
    postgresql_where=jobs.c.due_at.is_not(None),
)
Index("ix_jobs_user", jobs.c.user_id, jobs.c.created_at)
Index("ix_jobs_status", jobs.c.status)

FREE = {"lease_owner": None, "lease_until": None}
"""The columns of a row that nobody has leased."""

_SPECIAL = {"notes", "destination", "submission", "status"}
_PLAIN = tuple(field.name for field in fields(Job) if field.name not in _SPECIAL)


def row_of(job: Job) -> dict[str, Any]:
    """The columns of a job; its files are rows of their own, its lease belongs to the store."""
    return {name: getattr(job, name) for name in _PLAIN} | {
        "notes": list(job.notes),
        "status": job.status.value,
        "user_id": job.destination.user_id,
        "guild_id": job.destination.guild_id,
        "destination": asdict(job.destination),
        "upstream": job.upstream,
        "submission": job.submission.model_dump(mode="json", exclude={"files"}),
    }


def job_of(row: RowMapping, files: Iterable[RowMapping] = ()) -> Job:
    """The job of a row.

    What was validated at the command is not validated again: a row outlives the model that made it.
    """
    submission = row["submission"] | {
        "links": tuple(row["submission"]["links"]),
        "files": tuple(file_of(each) for each in files),
    }
    return Job(
        **{name: row[name] for name in _PLAIN},
        notes=tuple(row["notes"]),
        status=Status(row["status"]),
        destination=Destination(**row["destination"]),
        submission=Submission.model_construct(**submission),
    )


def standing_of(row: RowMapping) -> Standing:
    """What a row says of the files of its job."""
    status = Status(row["status"])
    return Standing(
        at_work=row["due_at"] is not None or status in ACTIVE,
        held=status is Status.HELD,
        ended_at=row["created_at"] if row["finished_at"] is None else row["finished_at"],
        original_until=row["original_until"],
    )


def file_rows(job: Job) -> list[dict[str, Any]]:
    """The rows of a job's input files, in order."""
    return [
        {
            "job_id": job.id,
            "position": position,
            "field": file.field,
            "name": file.name,
            "content_type": file.content_type,
            "data": file.data,
        }
        for position, file in enumerate(job.submission.files)
    ]


def file_of(row: RowMapping) -> InputFile:
    """The input file of a row."""
    return InputFile.model_construct(**{name: row[name] for name in ("field", "name", "content_type", "data")})
