"""A real PostgreSQL for tests, on a socket and without a port."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg


@contextmanager
def postgres_server(run_folder: Path) -> Iterator[str]:
    """The socket folder of a server that ends with the block; its library keeps notes in `run_folder`.

    Its files are not there: the server's user may not read a test's own folder, and a socket's path must be short.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", str(run_folder))
    from pgserver.postgres_server import get_server  # noqa: PLC0415 - its import warns where that folder is not set

    with (
        tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder,
        get_server(folder, cleanup_mode="stop") as server,
    ):
        yield server.get_uri().split("host=")[1]


async def new_postgres(host: str) -> str:
    """The URL of an empty database on the server of a socket folder."""
    name = f"t{uuid4().hex}"
    connection = await asyncpg.connect(f"postgresql://postgres@/postgres?host={host}")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return f"postgresql://postgres@/{name}?host={host}"
