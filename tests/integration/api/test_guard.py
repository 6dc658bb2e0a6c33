"""Links lead out to the internet only: no name, address or redirect is a way into our own network."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.api.download import Downloader
from bot.api.errors import BadFile, Unreachable
from bot.api.part import Room
from bot.api.transport import PublicResolver, is_home, is_public, open_client

if TYPE_CHECKING:
    from tests.integration.api.conftest import Wire


@pytest.mark.parametrize(
    "link", ["http://93.184.215.14/a.mp4", "https://127.0.0.1:{port}/a.mp4", "https://[::1]/a.mp4"]
)
async def test_a_public_service_cannot_lead_into_our_network(link: str, cdn: Wire, tmp_path: Path):
    """Where the service is out on the internet, links must be https and may not name a private address."""
    with pytest.raises(BadFile):
        await public_downloader().fetch(link.format(port=cdn.port), tmp_path / "a.mp4", now=0)
    assert cdn.connections == 0


@pytest.mark.parametrize("host", ["localhost", "2130706433", "127.1", "0x7f.1"])
async def test_no_name_leads_into_our_network(host: str, cdn: Wire):
    """A name is looked up first and refused for its address, so that a DNS entry is no way in either."""
    client = open_client({}, public_only=True)
    try:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://{host}:{cdn.port}/")
    finally:
        await client.aclose()
    assert cdn.connections == 0


async def test_a_public_address_is_looked_up():
    """The guard lets the internet through."""
    resolver = PublicResolver()
    found = await resolver.resolve("93.184.215.14", 443)
    await resolver.close()
    assert [(entry["host"], entry["port"]) for entry in found] == [("93.184.215.14", 443)]


class Rebinding(AbstractResolver):
    """A name server that says something else each time it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The next answer."""
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=6, flags=0)
            for address in self._answers.pop(0)
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_name_is_judged_by_the_addresses_that_are_dialled():
    """What it led to a moment before counts for nothing, and of several addresses only the public ones are tried."""
    resolver = PublicResolver()
    resolver._inner = Rebinding(
        ["93.184.215.14", "10.0.0.1", "::ffff:192.168.0.1", "64:ff9b::a9fe:a9fe"], ["127.0.0.1"]
    )
    assert [entry["host"] for entry in await resolver.resolve("cdn.example", 443)] == ["93.184.215.14"]
    with pytest.raises(OSError, match=r"cdn\.example has no public address"):
        await resolver.resolve("cdn.example", 443)


async def test_a_name_without_a_public_address_is_unreachable(cdn: Wire, tmp_path: Path):
    """The whole way through the downloader."""
    downloader = public_downloader()
    try:
        with pytest.raises(Unreachable):
            await downloader.fetch(f"https://0x7f.1:{cdn.port}/a.mp4", tmp_path / "a.mp4", now=0)
    finally:
        await downloader.world.aclose()
    assert cdn.connections == 0


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("::7f00:1", False),
        ("::ffff:0:7f00:1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("64:ff9b:1::a00:1", False),
        ("2002:7f00:1::1", False),
        ("2002:5db8:d70e::1", True),
        ("2001::1", False),
        ("fec0::1", False),
        ("ff0e::1", False),
        ("5f00::1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("198.18.0.1", False),
    ],
)
def test_public_addresses_are_told_from_private_ones(address: str, public: bool):
    """Private, loopback, link-local, shared and mapped addresses are not the internet."""
    assert is_public(address) is public
    assert is_home(address) is not public


@pytest.mark.parametrize(
    ("host", "home"),
    [("octopusx.ai", False), ("octopusx.ai.", False), ("localhost", True), ("new-api", True), ("gate.internal", True)],
)
def test_names_of_our_own_network_are_known(host: str, home: bool):
    """A name without a domain, or of a reserved one, is a machine of ours."""
    assert is_home(host) is home


def public_downloader() -> Downloader:
    """The downloader of a service out on the internet."""
    return Downloader(
        base_url=httpx.URL("https://octopusx.ai"),
        home=open_client({}, public_only=False),
        world=open_client({}, public_only=True),
        private=False,
        timeout=httpx.Timeout(30),
        patience=30,
        pace=30,
        room=Room(),
    )
