"""What every test shares: plain log lines, and Hypothesis without a deadline for each example."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

# A busy machine is no defect of the code. On CI Hypothesis itself takes the same examples each time; elsewhere fresh ones.
settings.register_profile("reelcord", deadline=None)
settings.load_profile("reelcord")


@pytest.fixture(autouse=True, scope="session")
def plain_log() -> Iterator[None]:
    """Tracebacks as Python prints them: structlog's own take seconds, which a first answer does not have."""
    plain = [structlog.processors.add_log_level, structlog.processors.format_exc_info]
    structlog.configure(processors=[*plain, structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()
