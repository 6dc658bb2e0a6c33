"""`python -m tests.audit`: pip-audit over requirements.lock, which says so where nothing could be looked up.

By itself pip-audit ends well, with "No known vulnerabilities found", also where the index knows none of the packages: a
check that cannot fail. Options are passed on to it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
SECONDS = 20
"""For all of it: a machine without a network is to lose no more."""


def main(options: list[str]) -> int:
    """Print one line, or one for each vulnerability; returns the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--disable-pip", "--no-deps"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "5", *options]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        lines, code = [_unheard(f"no answer within {SECONDS} s")], 0
    else:
        lines, code = verdict(ran.stdout, ran.stderr)
    print(*lines, sep="\n")
    return code


def verdict(report: str, said: str) -> tuple[list[str], int]:
    """What pip-audit's JSON, or what it said instead, comes to: the lines to print, and the exit code."""
    if not report.strip():
        if "connect" in said.lower() or "timed out" in said.lower():
            return [_unheard("the service of advisories cannot be reached")], 0
        return [f"pip-audit failed: {said.strip()}"], 1
    packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    if not packages:
        return ["pip-audit failed: it has found no package in requirements.lock"], 1
    found = [
        f"pip-audit: {each['name']} {each['version']} has {one['id']}; fixed in {', '.join(one['fix_versions']) or 'none yet'}"
        for each in packages
        for one in each.get("vulns", [])
    ]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    if len(skipped) == len(packages):
        return [_unheard("the index here knows no advisories")], 0
    rest = f"; not audited: {', '.join(skipped)}" if skipped else ""
    told = (
        f"pip-audit: {len(packages) - len(skipped)} packages audited, {len(found) or 'no'} known vulnerabilities{rest}"
    )
    return [*found, told], 1 if found else 0


def pinned() -> list[str]:
    """The lines of the lock that name a package."""
    return [line for line in LOCK.read_text().splitlines() if line[:1].isalnum()]


def _unheard(why: str) -> str:
    return f"pip-audit: {why}; {len(pinned())} packages were not audited"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
