"""The gate of `make test`."""

from __future__ import annotations

import pytest

from tests.coverage_gate import judge


@pytest.mark.parametrize(("lines", "branches", "code"), [(95, 190, 0), (100, 189, 1), (94, 200, 1), (0, 0, 1)])
def test_lines_and_branches_are_asked_for_apart(lines: int, branches: int, code: int):
    """Many of the one make up for none of the other."""
    totals = {"covered_lines": lines, "num_statements": 100, "covered_branches": branches, "num_branches": 200}
    assert judge(totals) == code
