"""Where typed links lead: to public addresses only, by everything a name server says of their hosts."""

import asyncio
import socket
from collections.abc import Collection

import pytest

from bot.chat import hosts
from bot.chat.hosts import Hosts, system_lookup
from bot.errors import Refusal

PRIVATE = "video_url leads to a private address: give a link that anybody can open."
UNKNOWN = "The host of video_url cannot be found: check the link."


async def refusal_of(addresses: Collection[str] | Exception) -> str | None:
    """What a person reads where a name server says this of the host."""
    asked: list[str] = []

    async def lookup(host: str) -> Collection[str]:
        asked.append(host)
        if isinstance(addresses, Exception):
            raise addresses
        return addresses

    try:
        await Hosts(lookup).check({"video_url": "https://Files.example:8443/a.mp4?x#y"})
    except Refusal as refusal:
        return str(refusal)
    finally:
        assert asked == ["files.example"]
    return None


@pytest.mark.parametrize(
    "addresses", [["93.184.215.14"], ["2606:2800:21f::1", "93.184.215.14"], ["64:ff9b::5db8:d70e"]]
)
async def test_a_public_host_is_taken(addresses: list[str]):
    """By IPv4, by IPv6, and where a network has translated the one into the other."""
    assert await refusal_of(addresses) is None


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
        ),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "::7f00:1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::1", "2001::1"),
    ],
)
async def test_one_private_address_is_enough_to_refuse(address: str):
    """A service takes whichever it likes, and so a public one beside it does not help."""
    assert await refusal_of([address]) == PRIVATE
    assert await refusal_of(["93.184.215.14", address]) == PRIVATE


@pytest.mark.parametrize("said", [socket.gaierror(-2, "unknown"), OSError(), UnicodeError("label too long"), []])
async def test_a_host_without_an_address_is_refused(said: Collection[str] | Exception):
    """A typing error is told while nothing has been paid."""
    assert await refusal_of(said) == UNKNOWN


async def test_a_name_server_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    """A person's own name server could hold every order for ever."""
    monkeypatch.setattr(hosts, "LOOKUP_SECONDS", 0.01)
    silent = asyncio.Event()

    async def lookup(_host: str) -> Collection[str]:
        await silent.wait()
        return []

    with pytest.raises(Refusal) as refusal:
        await Hosts(lookup).check({"wm_url": "https://files.example/a.png"})
    assert str(refusal.value) == "The host of wm_url could not be found in time: try again, or give another link."


async def test_without_a_link_nothing_is_looked_up():
    """Most orders hold none."""

    async def lookup(host: str) -> Collection[str]:
        raise AssertionError(host)

    await Hosts(lookup).check({})


async def test_the_systems_own_resolver_is_asked():
    """It knows this machine by its name, also where there is no network."""
    assert "127.0.0.1" in {address.replace("::1", "127.0.0.1") for address in await system_lookup("localhost")}
