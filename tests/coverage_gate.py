"""Whether what the tests have just reached is enough: lines and branches apart, of which coverage.py knows one sum."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from coverage import Coverage

LEAST = 95.0
"""Percent, of lines and of branches."""


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
        f"Reached: {lines:.2f} % of the lines and {branches:.2f} % of the branches; {LEAST:.0f} % of each is asked for."
    )
    return int(min(lines, branches) < LEAST)


if __name__ == "__main__":
    sys.exit(main())
