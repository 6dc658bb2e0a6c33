"""What other libraries may write into our log."""

import json
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


LOST = """
import logging, sys
from bot import log
log.configure(sys.argv[1], "json")
try:
    raise ConnectionResetError("the line was cut")
except ConnectionResetError:
    logging.getLogger("discord.client").exception("Attempting a reconnect in %.2fs", 6.3)
"""


@pytest.mark.parametrize("chosen", ["INFO", "ERROR"])
def test_a_lost_gateway_is_one_line_without_a_traceback(chosen: str):
    """Discord closes sockets every day; discord.py logs each as an ERROR of forty lines."""
    told = subprocess.run([sys.executable, "-c", LOST, chosen], check=True, capture_output=True, text=True, timeout=30)

    lines = [{**json.loads(line), "timestamp": ""} for line in told.stderr.splitlines()]
    line = {
        "event": "Discord's gateway could not be reached; trying again",
        "level": "warning",
        "logger": "discord.client",
        "timestamp": "",
        "action": "gateway_failed",
        "error": "ConnectionResetError: the line was cut",
    }
    assert lines == ([line] if chosen == "INFO" else [])
