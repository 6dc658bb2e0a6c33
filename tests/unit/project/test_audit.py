"""`make check` audits what is installed, and says so where it cannot."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.audit import pinned, verdict

ROOT = Path(__file__).parents[3]
SOUND = '{"name": "aiohttp", "version": "3.14.5", "vulns": []}'
UNKNOWN = '{"name": "yarl", "skip_reason": "Dependency not found on PyPI and could not be audited: yarl (1.22)"}'
HOLED = '{"name": "pillow", "version": "13.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["13.1"], "aliases": []}]}'


@pytest.mark.parametrize(
    ("packages", "lines", "code"),
    [
        ([SOUND], ["pip-audit: 1 packages audited, no known vulnerabilities"], 0),
        ([SOUND, UNKNOWN], ["pip-audit: 1 packages audited, no known vulnerabilities; not audited: yarl"], 0),
        ([UNKNOWN], [f"pip-audit: the index here knows no advisories; {len(pinned())} packages were not audited"], 0),
        (
            [HOLED, UNKNOWN],
            [
                "pip-audit: pillow 13.0 has PYSEC-1; fixed in 13.1",
                "pip-audit: 1 packages audited, 1 known vulnerabilities; not audited: yarl",
            ],
            1,
        ),
        ([], ["pip-audit failed: it has found no package in requirements.lock"], 1),
    ],
)
def test_a_report_comes_to_plain_lines(packages: list[str], lines: list[str], code: int):
    """A vulnerability fails the check; what was not audited is always said."""
    assert verdict(f'{{"dependencies": [{", ".join(packages)}], "fixes": []}}', "") == (lines, code)


@pytest.mark.parametrize(
    ("said", "line", "code"),
    [
        (
            "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed",
            f"pip-audit: the service of advisories cannot be reached; {len(pinned())} packages were not audited",
            0,
        ),
        ("No module named pip_audit", "pip-audit failed: No module named pip_audit", 1),
    ],
)
def test_no_report_is_told_from_a_broken_tool(said: str, line: str, code: int):
    """Without a network the check goes on; without the tool it fails."""
    assert verdict("", said) == ([line], code)


@pytest.fixture
async def advisories() -> AsyncIterator[str]:
    """A service of advisories that knows one, of a package that is in the lock."""

    async def query(request: web.Request) -> web.Response:
        name = (await request.json())["package"]["name"]
        events = [{"introduced": "0"}, {"fixed": "99999"}]
        affected = {
            "package": {"name": "pillow", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": events}],
        }
        known = {"id": "PYSEC-2026-1", "summary": "A hole", "details": "A hole", "affected": [affected]}
        return web.json_response({"vulns": [known]} if name == "pillow" else {})

    app = web.Application()
    app.router.add_post("/v1/query", query)
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}/v1/query"


async def test_a_known_vulnerability_fails_the_check(advisories: str):
    """The real pip-audit over the real lock, with one advisory."""
    command = [sys.executable, "-m", "tests.audit", "--vulnerability-service", "osv", "--osv-url", advisories]
    ran = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=False)
    first, last = ran.stdout.splitlines()
    assert re.fullmatch(r"pip-audit: pillow [\d.]+ has PYSEC-2026-1; fixed in 99999", first), ran
    assert re.fullmatch(r"pip-audit: \d+ packages audited, 1 known vulnerabilities", last)
    assert ran.returncode == 1


def test_make_check_audits():
    """The target that CI runs has the line."""
    check = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    assert "\t$(BIN)/python -m tests.audit\n" in f"{check}\n"
