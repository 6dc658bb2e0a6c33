"""The first two tables: jobs and their input files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create both tables with their indexes."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("recipe", sa.JSON, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("destination", sa.JSON, nullable=False),
        sa.Column("upstream", sa.Text, nullable=False),
        sa.Column("submission", sa.JSON, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("video_id", sa.Text),
        sa.Column("video_url", sa.Text),
        sa.Column("progress", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("due_at", sa.Double),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("polls", sa.Integer, nullable=False),
        sa.Column("posting_at", sa.Double),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("message_url", sa.Text),
        sa.Column("shown", sa.Text),
        sa.Column("shown_at", sa.Double),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("submitted_at", sa.Double),
        sa.Column("deadline_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sa.Column("parent_id", sa.String(32)),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", sa.Double),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_jobs_due", "jobs", ["status", "due_at"], sqlite_where=due, postgresql_where=due)
    op.create_index("ix_jobs_user", "jobs", ["user_id", "created_at"])
    op.create_index("ix_jobs_status", "jobs", ["status"])
    op.create_table(
        "inputs",
        sa.Column("job_id", sa.String(32), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
