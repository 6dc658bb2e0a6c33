"""Whom the client trusts: a server whose certificate is of an authority the system trusts, for the very name that was asked."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

ROOT = Path(__file__).parents[3]
ASK = """
import asyncio, sys
import httpx
from bot.api.transport import open_client

async def ask(url):
    async with open_client({"Authorization": "Bearer sk-1"}, public_only=False) as client:
        try:
            return (await client.get(url)).text
        except httpx.ConnectError as error:
            return type(error.__cause__).__name__

for url in sys.argv[1:]:
    print(asyncio.run(ask(url)))
"""
REFUSED = "ClientConnectorCertificateError"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for `localhost` alone, and its key, signed by itself."""
    file = tmp_path / "server.pem"
    asked = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    alone = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(file), "-out", str(tmp_path / "alone.pem")]
    subprocess.run(["openssl", "req", *asked, *alone], check=True, capture_output=True)
    file.write_text(file.read_text() + (tmp_path / "alone.pem").read_text())
    return file


@pytest.fixture
async def server(certificate: Path) -> AsyncIterator[TestServer]:
    """A server that shows it, and answers with what it was told of a key."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=request.headers["Authorization"])

    app = web.Application()
    app.router.add_get("/", answer)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(certificate)
    running = TestServer(app, scheme="https")
    await running.start_server(ssl=shown)
    yield running
    await running.close()


@pytest.mark.skipif(
    not shutil.which("openssl") and not os.environ.get("CI"), reason="no openssl on this machine; CI never skips"
)
@pytest.mark.parametrize(
    ("trusted", "answers"), [(False, [REFUSED, REFUSED]), (True, ["Bearer sk-1", REFUSED])], ids=["unknown", "trusted"]
)
async def test_a_key_is_told_to_nobody_else(
    certificate: Path, server: TestServer, trusted: bool, answers: list[str]
) -> None:
    """A certificate that nobody vouches for, or one for another name, ends the connection before the key is sent."""
    urls = [f"https://{host}:{server.port}/" for host in ("localhost", "127.0.0.1")]
    trust = {"SSL_CERT_FILE": str(certificate)} if trusted else {}  # which is read once, when aiohttp is imported
    env = os.environ | {"PYTHONPATH": str(ROOT)} | trust
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", ASK, *urls, env=env, stdout=PIPE)
    said, _ = await asyncio.wait_for(child.communicate(), 30)
    assert said.decode().split("\n")[:-1] == answers
