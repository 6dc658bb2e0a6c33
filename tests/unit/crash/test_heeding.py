"""A process of a campaign is told to end only once it minds that."""

import asyncio
import sys
from asyncio.subprocess import PIPE

import pytest

from tests.crash.scene import heeds

pytestmark = pytest.mark.unmeasured  # coverage minds SIGTERM in each process that it measures

CHILD = "import signal; input(); signal.signal(signal.SIGTERM, lambda *_: exit(0)); input()"


async def test_a_process_is_waited_for_until_it_minds_sigterm():
    """While it is being loaded the signal would just end it, as if it had ended by itself."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, stdin=PIPE)
    assert child.stdin is not None
    waiting = asyncio.create_task(heeds(child))
    await asyncio.sleep(0.05)
    assert not waiting.done()

    child.stdin.write(b"\n")
    await waiting
    child.terminate()
    assert await child.wait() == 0


async def test_a_process_that_has_ended_is_not_waited_for():
    """There is nothing left to be told."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await asyncio.wait_for(asyncio.gather(heeds(child), child.wait()), 30)
