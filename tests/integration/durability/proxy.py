"""A line to PostgreSQL that breaks in the very moment of a COMMIT."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from enum import StrEnum

HEAD = 5  # bytes: a message's kind, and its length without the kind
MAY_WE_ENCRYPT = (80877103).to_bytes(4, "big")


class Break(StrEnum):
    """What becomes of a COMMIT on a line that breaks."""

    BEFORE = "the server never hears of it"
    AFTER = "it is carried out, and nobody hears of that"
    LATE = "the line breaks first, and it is carried out once the bot has looked what became of it"
    SILENCE = "it is carried out, the answer is swallowed, and the line stays open"
    HUSH = "the server never hears of it, and the line stays open"


class Proxy:
    """A loopback port that leads to the server's socket; `broken` is how the next COMMIT of a certain statement ends."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._server: asyncio.Server | None = None
        self._lines: set[StreamWriter] = set()
        self._break: Break | None = None
        self._after = b""
        #: Set once the COMMIT has been held up.
        self.reached = asyncio.Event()
        #: Set by the test once a late COMMIT may go on its way.
        self.gate = asyncio.Event()
        self._stopped = asyncio.Event()

    async def start(self) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut every line."""
        assert self._server is not None
        self._stopped.set()
        self.gate.set()
        self._server.close()
        for line in self._lines:
            line.close()

    def spoil(self, how: Break, *, after: str) -> None:
        """Have the next COMMIT that follows a statement with these words end so."""
        self._break, self._after = how, after.encode()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self._socket)
        self._lines |= {writer, server_writer}
        answers = asyncio.create_task(_copy(server_reader, writer))
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._pass_on(reader, writer, server_writer, answers)
        for line in (writer, server_writer):
            line.close()
        await asyncio.gather(answers, return_exceptions=True)

    async def _pass_on(
        self, reader: StreamReader, writer: StreamWriter, server: StreamWriter, answers: asyncio.Task[None]
    ) -> None:
        greeted, seen = False, False
        while True:
            if greeted:
                head = await reader.readexactly(HEAD)
                body = await reader.readexactly(int.from_bytes(head[1:], "big") - 4)
            else:  # the first message has no kind
                head = await reader.readexactly(4)
                body = await reader.readexactly(int.from_bytes(head, "big") - 4)
                greeted = body != MAY_WE_ENCRYPT
            seen = seen or (self._break is not None and self._after in body)
            if seen and self._break and head[:1] == b"Q" and body.startswith(b"COMMIT"):
                await self._spoilt(self._break, head + body, writer, server, answers)
                return
            server.write(head + body)

    async def _spoilt(
        self, how: Break, commit: bytes, writer: StreamWriter, server: StreamWriter, answers: asyncio.Task[None]
    ) -> None:
        self._break = None
        answers.cancel()
        if how in (Break.AFTER, Break.SILENCE):
            server.write(commit)
        self.reached.set()
        if how in (Break.SILENCE, Break.HUSH):
            await self._stopped.wait()
            return
        writer.transport.abort()
        if how is Break.LATE:
            await self.gate.wait()
            server.write(commit)
        if how is not Break.BEFORE:
            await server.drain()
            await asyncio.sleep(0.05)  # what is closed too soon is not read to its end


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
        writer.close()
