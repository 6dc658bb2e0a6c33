"""What a kill has to do with: the stage, its people, the processes, and all that is held at the moment."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bot.sandbox.faults import Fault
from tests.acceptance.stage import PATIENCE, Stage
from tests.crash.databases import Database
from tests.crash.deployments import Deployment
from tests.crash.ledger import Death
from tests.crash.moments import Moment
from tests.crash.people import Crowd
from tests.crash.plan import Victims
from tests.crash.service import Service
from tests.integration.processes import children

RUN = "run"


@dataclass(kw_only=True)
class Scene:
    """All of it; one for each lane."""

    stage: Stage
    service: Service
    crowd: Crowd
    database: Database
    deployment: Deployment
    #: The living processes, by their names.
    bots: dict[str, Process] = field(default_factory=dict[str, Process])
    #: Those that have ended otherwise than by a kill.
    ended: list[str] = field(default_factory=list[str])
    held: list[tuple[Moment, Fault]] = field(default_factory=list[tuple[Moment, Fault]])
    #: Command lines of the bots' children.
    seen: set[bytes] = field(default_factory=set[bytes])

    async def start(self, *, ready: bool = True) -> None:
        """Start the processes that are not there; with `ready`, until commands are answered."""
        self._notice()
        missing = [name for name in self.deployment.programs if name not in self.bots]
        for name in sorted(missing, key=lambda each: each == RUN):  # last, since it is what is waited for
            self.bots[name] = await self.stage.start_bot(ready=ready and name == RUN, command=name.split()[0])

    async def stop(self) -> None:
        """End all of them politely."""
        self._notice()
        for name, bot in self.bots.items():
            await heeds(bot)
            if code := await self.stage.stop(bot):
                self.ended.append(f"{name}, by SIGTERM with exit code {code}")

    def _notice(self) -> None:
        for name, bot in [*self.bots.items()]:
            if bot.returncode is not None:
                self.ended.append(f"{name}, with exit code {bot.returncode}")
                del self.bots[name]

    def hold(self, moment: Moment, **more: object) -> Fault:
        """Have a stand-in hold the next request of a moment."""
        side = self.stage.discord if moment.side == "discord" else self.stage.api
        what = {"hold": asyncio.Event(), "after": moment.after, "drop": moment.lost} | more
        fault = side.faults.add(moment.path, method=moment.method, **what)
        self.held.append((moment, fault))
        return fault

    def holders(self) -> list[str]:
        """Who has a request held, or an encoder at work; where nobody has, a worker, if there is one."""
        clients = {fault.client for _, fault in self.held if fault.reached.is_set()}
        found = [name for name, bot in self.bots.items() if clients & ports(bot) or self._encodes(bot)]
        return found or [name for name in self.deployment.programs if name in self.bots][-1:]

    def _encodes(self, bot: Process) -> bool:
        return any(b"libx264" in words for words in self._children_of(bot))

    async def kill(self, victims: Victims) -> tuple[tuple[str, ...], Death]:
        """SIGKILL; the stand-ins have then seen that they are gone. Returns the names of the dead."""
        self.children()
        chosen = {"holder": self.holders(), "run": [RUN], "all": [*self.bots]}[victims]
        dying = {name: self.bots.pop(name) for name in chosen if name in self.bots}
        spared = frozenset[int]().union(*map(ports, self.bots.values()))
        death = Death(at=time.time(), spared=spared)
        for bot in dying.values():
            with contextlib.suppress(ProcessLookupError):  # it was draining
                bot.kill()
        for bot in dying.values():
            await bot.wait()
        if RUN in dying:
            await self.stage.discord.disconnected()
        return tuple(dying), death

    async def release(self) -> None:
        """Let everything go: what was held is carried out now, unless it is to be lost."""
        await self.database.release()
        self.stage.discord.faults.clear()
        self.stage.api.faults.clear()
        for _, fault in self.held:
            if fault.hold:
                fault.hold.set()
        self.held.clear()

    @property
    def is_connected(self) -> bool:
        """Whether the bot has come as far as Discord's gateway."""
        return self.stage.discord._gateway.connected

    def children(self) -> list[bytes]:
        """The command lines of the bots' own ffmpeg processes, as anybody on the machine can read them."""
        found = [words for bot in self.bots.values() for words in self._children_of(bot)]
        self.seen.update(found)
        return found

    def _children_of(self, bot: Process) -> list[bytes]:
        found: list[bytes] = []
        for process in children(bot.pid, self.stage.folder):
            with contextlib.suppress(OSError):
                found.append(Path(f"/proc/{process}/cmdline").read_bytes())
        return found

    async def until(self, test: Callable[[], bool | Awaitable[bool]], every: float = 0.01) -> None:
        """Wait for something that the stand-ins, the machine or the database show."""
        while not (found if isinstance(found := test(), bool) else await found):
            await self.stage.discord.world.changed(within=every)


async def heeds(bot: Process) -> None:
    """Wait until a process that is still being loaded minds SIGTERM, which would just end it."""
    async with asyncio.timeout(PATIENCE):
        while bot.returncode is None and not _caught(bot) >> (signal.SIGTERM - 1) & 1:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)


def _caught(bot: Process) -> int:
    """The signals that a process has a handler for, a bit each."""
    try:
        lines = Path(f"/proc/{bot.pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0
    return int(next(line for line in lines if line.startswith("SigCgt")).split()[1], 16)


def ports(bot: Process) -> set[int]:
    """The TCP ports of a process; none where it has ended."""
    try:
        return {each.laddr.port for each in psutil.Process(bot.pid).net_connections("tcp4")}
    except psutil.NoSuchProcess:
        return set()
