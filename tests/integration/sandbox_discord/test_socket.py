"""The gateway's words, said by a client that nobody has shaped: what it answers, and with what code it closes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.discord_api import DiscordSandbox

HEARTBEAT = {"op": 1, "d": None}
ACK = {"op": 11, "d": None, "s": None, "t": None}


@pytest.fixture
async def socket(discord: DiscordSandbox) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A socket that was told HELLO."""
    async with aiohttp.ClientSession() as web, web.ws_connect(discord.gateway_url) as ws:
        assert await ws.receive_json() == {"op": 10, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None}
        yield ws


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"op": 2, "d": {"token": "wrong", "intents": 0}}, 4004),
        ({"op": 6, "d": {"token": "wrong", "session_id": "x", "seq": 0}}, 4004),
        ({"op": 2, "d": {"token": "sandbox-token", "intents": 1 << 15}}, 4014),
        ({"op": 99, "d": None}, 4001),
    ],
    ids=["IDENTIFY", "RESUME", "message content", "no opcode"],
)
async def test_the_socket_is_closed_with_a_code(
    socket: aiohttp.ClientWebSocketResponse, payload: dict[str, Any], code: int
):
    """4004 for a wrong token, 4014 for an intent that is not granted, 4001 for an opcode that there is not."""
    await socket.send_json(payload)
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert socket.close_code == code


@pytest.mark.parametrize("seq", [0, 7])
async def test_an_unknown_session_is_not_resumed(
    discord: DiscordSandbox, socket: aiohttp.ClientWebSocketResponse, seq: int
):
    """INVALID_SESSION, not to be resumed; the socket stays open for an IDENTIFY."""
    await socket.send_json({"op": 6, "d": {"token": discord.token, "session_id": "x", "seq": seq}})
    assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}
    await socket.send_json({"op": 2, "d": {"token": discord.token, "intents": 0}})
    assert (await socket.receive_json())["t"] == "READY"


async def test_a_session_is_not_resumed_past_its_end(discord: DiscordSandbox, socket: aiohttp.ClientWebSocketResponse):
    """A number that no event has had yet is refused as an unknown session is."""
    await socket.send_json({"op": 2, "d": {"token": discord.token, "intents": 0}})
    session = (await socket.receive_json())["d"]["session_id"]
    assert [(await socket.receive_json())["t"] for _ in range(2)] == ["GUILD_CREATE"] * 2
    await socket.send_json({"op": 6, "d": {"token": discord.token, "session_id": session, "seq": 4}})
    assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}
    await socket.send_json({"op": 6, "d": {"token": discord.token, "session_id": session, "seq": 2}})
    assert [(await socket.receive_json())["t"] for _ in range(2)] == ["GUILD_CREATE", "RESUMED"]


async def test_only_what_the_bot_asked_for_and_sees_is_told(
    discord: DiscordSandbox, socket: aiohttp.ClientWebSocketResponse
):
    """No messages without their intent, nothing of a guild that it is not in; a presence is taken in silence."""
    await socket.send_json({"op": 2, "d": {"token": discord.token, "intents": 1}})
    assert [(await socket.receive_json())["t"] for _ in range(3)] == ["READY", "GUILD_CREATE", "GUILD_CREATE"]
    await discord.say("member", "general", "hello")
    discord.delete_channel("lounge")
    await socket.send_json({"op": 3, "d": {"status": "idle", "activities": [], "afk": False, "since": None}})
    await socket.send_json(HEARTBEAT)
    assert await socket.receive_json() == ACK
