"""The mark by which a test is left out of what coverage measures."""

import os
import sys

import pytest


@pytest.mark.unmeasured
def test_nothing_traces_what_is_not_measured():
    """Neither pytest-cov nor what it has a worker of xdist start, and no process is told to measure itself."""
    assert sys.gettrace() is None
    monitoring = getattr(sys, "monitoring", None)  # by which coverage measures from Python 3.14 on
    assert monitoring is None or monitoring.get_tool(monitoring.COVERAGE_ID) is None
    assert "COVERAGE_PROCESS_CONFIG" not in os.environ
