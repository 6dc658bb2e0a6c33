"""The link to the original that a message offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the two columns; no old row has such a link."""
    op.add_column("jobs", sa.Column("original_url", sa.Text))
    op.add_column("jobs", sa.Column("original_until", sa.Double))
