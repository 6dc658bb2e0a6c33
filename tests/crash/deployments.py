"""The ways in which people run the bot: which processes, on which database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.postgres import new_postgres, postgres_server


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """One of them."""

    name: str
    #: Its processes; the first word of each is the command that it runs. They share DATA_DIR, as the README asks for.
    programs: tuple[str, ...]
    database: Literal["SQLite", "PostgreSQL"]
    #: Seconds after which another takes the rows of one that died: long enough for a busy machine to renew them.
    #: None: as it is, since there is no other.
    lease: float | None = None
    #: Seconds that the service takes for a video. A worker sees within a second that there is one to ask for, and from
    #: then on asks as often as `run`, and brings what it was told of.
    making: float = 0.2

    @property
    def what(self) -> str:
        """All of it in a line."""
        return f"{' + '.join(self.programs)} on {self.database}"


ALONE = Deployment(name="alone", programs=("run",), database="SQLite")
PAIR = Deployment(name="pair", programs=("run", "worker"), database="SQLite", lease=6.0, making=1.2)
POSTGRES = Deployment(
    name="postgres", programs=("run", "worker", "worker 2"), database="PostgreSQL", lease=6.0, making=1.2
)
DEPLOYMENTS = (ALONE, PAIR, POSTGRES)


@asynccontextmanager
async def database_of(deployment: Deployment, folder: Path) -> AsyncIterator[str]:
    """The URL of a new database, whose server, if it needs one, ends with the block."""
    if deployment.database == "SQLite":
        yield f"sqlite+aiosqlite:///{folder.resolve()}/reelcord.db"
        return
    with postgres_server(folder / "run") as host:
        yield (await new_postgres(host)).replace("postgresql:", "postgresql+asyncpg:", 1)
