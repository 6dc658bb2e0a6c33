"""Runs a module's tests against one mutant after the other, each in a fork of a process that has the libraries loaded."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import cosmic_ray.plugins
import pytest
from cosmic_ray.mutating import use_mutation
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkResult

ORIGINAL = Path(__file__).parents[2]
QUIETLY = (
    "-x",
    "-q",
    "--assert=plain",
    "--hypothesis-seed=1",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:cov",
)
#: What takes a second to import, and nothing of which knows of the code that is mutated.
LIBRARIES = (
    *("aiohttp.web", "aiosqlite", "alembic.command", "asyncpg", "discord.ext.commands", "httpx", "httpx_aiohttp"),
    *("hypothesis.strategies", "PIL.Image", "prometheus_client", "pydantic_settings", "rich.progress"),
    *("sqlalchemy.ext.asyncio", "structlog", "typer"),
)


def load() -> None:
    """Import the libraries, and what is here is then in every fork."""
    for name in LIBRARIES:
        importlib.import_module(name)


def run(tests: Sequence[str], timeout: float) -> tuple[TestOutcome, str]:
    """Whether the tests notice anything, and what they print; "timeout" where they never end."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            _be_tested(tests, output.fileno())
        ended = _ended(child, time.monotonic() + timeout)
        output.seek(0)
        said = output.read().decode(errors="replace")
    if ended is None:
        return TestOutcome.KILLED, "timeout"
    return (TestOutcome.SURVIVED if ended == 0 else TestOutcome.KILLED), said


def judge(mutation: MutationSpec, tests: Sequence[str], timeout: float) -> WorkResult:
    """Plant one mutant and run the tests; the file is as it was afterwards."""
    operator = cosmic_ray.plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        outcome, said = run(tests, timeout)
    assert after is not None
    changed = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return WorkResult(
        worker_outcome=WorkerOutcome.NORMAL, output=said, test_outcome=outcome, diff="\n".join([*changed][2:])
    )


def _be_tested(tests: Iterable[str], output: int) -> None:
    """The child: what it starts dies with its session; it leaves no bytecode behind that the next could take for its own."""
    code: int = pytest.ExitCode.INTERNAL_ERROR
    try:
        os.setsid()
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        _forget_the_original()
        code = pytest.main([*QUIETLY, *tests])
        sys.stdout.flush()
    finally:
        os._exit(int(code))


def _forget_the_original() -> None:
    """The tree from which this was started is not the one that is tested."""
    sys.path[:] = [str(Path.cwd()), *(path for path in sys.path if path and Path(path) != ORIGINAL)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]


def _ended(child: int, until: float) -> int | None:
    """The exit code of a child, or None where it was ended for taking too long."""
    try:
        while time.monotonic() < until:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what it started itself
