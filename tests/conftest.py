"""What every test shares: plain log lines, Hypothesis without a deadline for each example, and what is not measured."""

import gc
import os
from collections.abc import Generator, Iterator

import pytest
import structlog
from coverage import Coverage
from hypothesis import settings

# A busy machine is no defect of the code. On CI Hypothesis itself takes the same examples each time; elsewhere fresh ones.
settings.register_profile("reelcord", deadline=None)
settings.load_profile("reelcord")

_TELLS_CHILDREN = "COVERAGE_PROCESS_CONFIG"
"""By which coverage tells a process that it is measured, too."""


@pytest.fixture(autouse=True, scope="session")
def plain_log() -> Iterator[None]:
    """Tracebacks as Python prints them: structlog's own take seconds, which a first answer does not have."""
    plain = [structlog.processors.add_log_level, structlog.processors.format_exc_info]
    structlog.configure(processors=[*plain, structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


def pytest_collection_finish() -> None:
    """Search what is loaded by now for garbage once: again and again it would take a tenth of the tests' time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that is marked as unmeasured run at full speed, and the processes that it starts."""
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    told = os.environ.pop(_TELLS_CHILDREN, None)
    stopped: list[Coverage] = []
    while measuring := Coverage.current():  # two in a worker of xdist: it is a child, and pytest-cov has its own
        measuring.stop()
        stopped.append(measuring)
    try:
        return (yield)
    finally:
        for each in reversed(stopped):
            each.start()
        if told is not None:
            os.environ[_TELLS_CHILDREN] = told
