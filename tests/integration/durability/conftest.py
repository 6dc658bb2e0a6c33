"""The engine's bench, and small programs to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.integration.jobs.conftest import Bench, bench, clock, make_job, new_database, postgres

__all__ = ["Bench", "bench", "clock", "make_job", "new_database", "postgres", "start"]

ROOT = Path(__file__).parents[3]
Start: TypeAlias = Callable[..., Awaitable[Any]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts `child.py` with a task and its arguments; what still runs at the end is killed."""
    children: list[Process] = []

    async def begin(*words: object) -> Process:
        program = str(Path(__file__).with_name("child.py"))
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        child = await asyncio.create_subprocess_exec(
            sys.executable, program, *map(str, words), env=env, stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        children.append(child)
        return child

    yield begin
    for child in children:
        with suppress(ProcessLookupError):  # it may have died unseen
            if child.returncode is None:
                os.killpg(child.pid, 9)
        await child.communicate()
