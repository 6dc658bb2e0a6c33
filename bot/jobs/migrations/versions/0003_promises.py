"""The promises of first answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create their table, empty: what an older release left unsaid is not known."""
    op.create_table(
        "promises",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("held_id", sa.String(32)),
        sa.Column("owner", sa.String(64)),
        sa.Column("made_at", sa.Double, nullable=False),
    )
