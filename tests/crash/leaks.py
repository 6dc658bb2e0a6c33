"""Looks for secrets in all that a campaign wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """A value that must be nowhere, and what it is."""

    name: str
    value: str = field(repr=False)


def leaks(folder: Path, command_lines: Collection[bytes], secrets: Sequence[Secret]) -> Iterator[str]:
    """Where a secret was found: in a file of the folder, whatever kind it is of, or on a command line."""
    places = (
        (str(path.relative_to(folder)), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()
    )
    lines = ((f"a command line, {words[:40]!r}", words) for words in sorted(command_lines))
    for place, data in (*places, *lines):
        for secret in secrets:
            if secret.value.encode() in data:
                yield f"{secret.name} in {place}"
