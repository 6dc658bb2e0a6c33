"""What other libraries may write into our log."""

import subprocess
import sys

import pytest

SCRIPT = """
import logging, sys
from bot import log
log.configure(sys.argv[1], "json")
logger = logging.getLogger(sys.argv[2])
print(*(logging.getLevelName(level) for level in (10, 20, 30, 40) if logger.isEnabledFor(level)))
"""


@pytest.mark.parametrize(
    ("chosen", "logger", "written"),
    [
        ("DEBUG", "discord.gateway", "INFO WARNING ERROR"),
        ("DEBUG", "discord.http", "INFO WARNING ERROR"),
        ("DEBUG", "httpx", "WARNING ERROR"),
        ("DEBUG", "discord.webhook.async_", "WARNING ERROR"),
        ("DEBUG", "sqlalchemy.engine", "WARNING ERROR"),
        ("DEBUG", "bot.jobs.worker", "DEBUG INFO WARNING ERROR"),
        ("ERROR", "discord.gateway", "ERROR"),
    ],
)
def test_no_level_shows_tokens_links_or_prompts(chosen: str, logger: str, written: str):
    """At DEBUG discord.py quotes every event and answer, httpx every address, SQLAlchemy every row."""
    command = [sys.executable, "-c", SCRIPT, chosen, logger]

    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)

    assert told.stdout.strip() == written
