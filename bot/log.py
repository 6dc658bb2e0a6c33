"""Logging: structlog over the standard library, console or JSON lines.

Each line is a sentence for people and an `action` for machines, named `<subject>_<what happened>`: `job_submitted`,
`card_failed`, `upstream_paused`. A line about a job carries `Job.log_context()`.
"""

from __future__ import annotations

import logging
import sys
from types import TracebackType

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(allow={"action", "error"}),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str, style: str) -> None:
    """Send everything, discord.py's own records included, to standard error in one format.

    Args:
        level: DEBUG, INFO, WARNING or ERROR.
        style: "console" for people, "json" for machines.
    """
    as_json = style == "json"
    # Rich's tracebacks, the default where rich is installed, print local variables, tokens among them, and hold up the
    # event loop for seconds.
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    renderer = structlog.processors.JSONRenderer() if as_json else console
    final: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        final.append(structlog.processors.format_exc_info)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=[*final, renderer]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("discord.client").addFilter(_tone)
    for noisy in ("httpx", "httpcore", "aiosqlite", "alembic", "PIL", "sqlalchemy", "discord.webhook.async_"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    for telltale in ("discord.gateway", "discord.http"):  # whose DEBUG lines quote prompts and interactions' tokens
        logging.getLogger(telltale).setLevel(max(logging.INFO, root.level))
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    sys.excepthook = _last_words


def _tone(record: logging.LogRecord) -> bool:
    """Take from discord.py's client what is no defect: a reconnect is one line and no traceback, a voice is not wanted."""
    if record.msg.startswith("Attempting a reconnect"):
        error = record.exc_info[1] if record.exc_info else None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        # Not in how many seconds: `bot.chat.pace` may wait longer than discord.py says.
        record.msg, record.args, record.exc_info = "Discord's gateway could not be reached; trying again", None, None
        record.action, record.error = "gateway_failed", f"{type(error).__name__}: {error}"
        return logging.getLogger().isEnabledFor(logging.WARNING)
    return "voice will NOT be supported" not in record.msg


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the program goes where everything else went, in the same format."""
    if not issubclass(kind, Exception):  # Ctrl+C before there is anything to drain
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger("reelcord").critical("The program broke down", action="program_crashed", exc_info=error)
