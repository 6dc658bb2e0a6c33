"""What is installed is what was tested: both locks name exact versions from the index, and they agree."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKS = ["requirements.lock", "requirements-dev.lock"]
_PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)(\[[a-z0-9,-]+\])?==(?P<version>[0-9][\w.+!-]*)( ; .+)?")


def pins(lock: str) -> dict[str, str]:
    """Package to version; anything else in the file fails."""
    lines = [line for line in (ROOT / lock).read_text().splitlines() if line and not line.lstrip().startswith("#")]
    found = [_PIN.fullmatch(line) for line in lines]
    assert [line for line, pin in zip(lines, found, strict=True) if pin is None] == []
    return {pin["name"]: pin["version"] for pin in found if pin}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_one_exact_version(lock: str):
    """No range, no address, no option, no editable: nothing that brings other code tomorrow or from elsewhere."""
    assert len(pins(lock)) > 20
    assert "://" not in (ROOT / lock).read_text()


def test_what_runs_is_what_was_tested():
    """Developers have the very versions that operators have, and more packages."""
    run, dev = pins(LOCKS[0]), pins(LOCKS[1])
    assert {name: dev.get(name) for name in run} == run
    assert len(dev) > len(run)


@pytest.mark.parametrize(
    "line",
    [
        "aiohttp>=3.14",
        "aiohttp",
        "aiohttp==3.*",
        "aiohttp @ https://x/y.whl",
        "-e .",
        "--index-url https://x",
        "git+ssh://x",
    ],
)
def test_a_looser_line_would_be_found(line: str):
    """What the check above refuses."""
    assert not _PIN.fullmatch(line)
