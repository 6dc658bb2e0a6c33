"""The bot's own table of jobs, read beside it from its database file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

LATEST = """
    SELECT id, command, prompt, CAST(user_id AS TEXT) AS user_id, upstream, status, progress, video_id, due_at, lease_owner, lease_until,
           polls, attempts, created_at, submitted_at, finished_at, reason, CAST(message_id AS TEXT) AS message_id,
           CAST(json_extract(destination, '$.channel_id') AS TEXT) AS place, CAST(json_extract(destination, '$.card_id') AS TEXT) AS card
    FROM jobs ORDER BY created_at DESC LIMIT 100
"""


def jobs(database: Path) -> list[dict[str, Any]] | None:
    """The latest jobs as they stand, newest first; None while they cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=0)) as opened:
            opened.row_factory = sqlite3.Row
            return [dict(row) for row in opened.execute(LATEST)]
    except sqlite3.OperationalError:
        return None
