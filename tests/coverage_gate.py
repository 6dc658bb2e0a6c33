"""Whether what the tests have just reached is enough: lines and branches apart, of which coverage.py knows one sum."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from coverage import Coverage

LINES, BRANCHES = 95.0, 95.0
"""Percent that are asked for."""


def main() -> int:
    """Print both shares of the last `--cov` run; 1 where one of them is too low."""
    coverage = Coverage()
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(report))
        return judge(json.loads(report.read_text())["totals"])


def judge(totals: dict[str, int]) -> int:
    """The exit code for the totals of coverage.py's JSON report."""
    lines = 100 * totals["covered_lines"] / totals["num_statements"]
    branches = 100 * totals["covered_branches"] / totals["num_branches"]
    print(
        f"Reached: {lines:.2f} % of the lines, of which {LINES:.0f} are asked for, "
        f"and {branches:.2f} % of the branches, of which {BRANCHES:.0f} are."
    )
    return int(lines < LINES or branches < BRANCHES)


if __name__ == "__main__":
    sys.exit(main())
