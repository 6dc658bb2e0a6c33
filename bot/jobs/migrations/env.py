"""What Alembic runs: the revisions, on the connection and in the transaction that `bot.jobs.migrate` opened."""

from __future__ import annotations

from alembic import context

from bot.jobs.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
