"""What the operator sees when Discord fails the bot at its start: one row, one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import discord
import pytest
from structlog.testing import capture_logs

from bot.api.client import VideoApi
from bot.chat.client import Reelcord
from bot.chat.gate import REFUSED
from bot.chat.login import NOT_INVITED, sign_in
from bot.errors import SettingsError
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import SettingsOf, StartBot
from tests.integration.chat.faults.test_rest import (
    BANNED,
    BUSY,
    BUSY_LONG,
    DOWN_FOR_MINUTES,
    GUARD,
    Arm,
    answers,
    reset,
)

LOGIN = {"method": "GET", "path": "/users/@me$"}
SYNC = {"method": "PUT", "path": "/commands$"}
AWAY = "Discord cannot be reached ({}): check the network and DISCORD_API_URL, and start again"
WAIT = "Discord asks to wait {} seconds before the bot signs in: start it again then"

#: What happens at the login, and the one line that ends the program; None: it starts all the same.
LOGINS: dict[str, tuple[Arm, str | None]] = {
    "a short limit is waited out": (BUSY, None),
    "a 500 is tried again": (answers(500), None),
    "a long limit ends it": (BUSY_LONG, WAIT.format(600)),
    "a ban of Cloudflare's ends it": (BANNED, WAIT.format(300)),
    "a Discord that is down ends it": (DOWN_FOR_MINUTES, AWAY.format("DiscordServerError")),
    "a 503 ends it": (answers(503), AWAY.format("DiscordServerError")),
    "a cut line ends it": (reset, AWAY.format("ServerDisconnectedError")),
    "the guard in front ends it": (GUARD, AWAY.format("Forbidden")),
    "a refused token ends it": (answers(401), REFUSED),
}


@pytest.fixture
async def fresh(
    start_bot: StartBot,  # noqa: ARG001 - asked for its effect: it puts discord.py's addresses back in the end
    store: Store,
    apis: dict[str, VideoApi],
    settings_of: SettingsOf,
    tmp_path: Path,
) -> AsyncIterator[Reelcord]:
    """A bot that has not signed in yet."""
    wanted: dict[str, Any] = {"store": store, "apis": apis, "wake": lambda: None, "links": None, "owner": "bot"}
    async with Reelcord(settings=settings_of(), videos=Videos(tmp_path), **wanted) as bot:
        yield bot


@pytest.mark.parametrize("name", LOGINS)
async def test_a_fault_at_the_login(name: str, fresh: Reelcord, discord_api: DiscordSandbox):
    """It is waited out where that takes seconds; else one line says what to do, and a supervisor starts the bot again."""
    arm, line = LOGINS[name]
    arm(discord_api, times=1 if line is None else -1, **LOGIN)
    if line is None:
        await sign_in(fresh, fresh.settings)
        assert discord_api.commands
        return
    with pytest.raises(SettingsError) as caught:
        await sign_in(fresh, fresh.settings)
    assert str(caught.value) == line


SYNCS: dict[str, Arm] = {
    "a long limit": BUSY_LONG,
    "a ban of Cloudflare's": BANNED,
    "the guard in front": GUARD,
    "a Discord that is down": DOWN_FOR_MINUTES,
    "a 503": answers(503),
    "a cut line": reset,
}


@pytest.mark.parametrize("name", SYNCS)
async def test_commands_that_cannot_be_registered_do_not_keep_the_bot_from_its_work(
    name: str, start_bot: StartBot, discord_api: DiscordSandbox
):
    """Discord offers those of the last start: they are answered, paid videos are brought, and it is told again later."""
    fault = SYNCS[name](discord_api, times=6 if name.endswith("down") else 1, **SYNC)
    async with start_bot(sync_again=0.01):
        await discord_api.commands_synced()
        await (await discord_api.command("member", "general", "jobs list")).answered(30)
    assert fault.times == 0


async def test_commands_are_told_again_until_they_are_taken(start_bot: StartBot, discord_api: DiscordSandbox):
    """However often Discord is away: once at the start, and then in the background."""
    fault = answers(503)(discord_api, times=3, **SYNC)
    async with start_bot(sync_again=0.01):
        await discord_api.commands_synced()
        assert discord_api.commands
    assert fault.times == 0


async def test_commands_that_are_refused_later_are_told_no_more(start_bot: StartBot, discord_api: DiscordSandbox):
    """Paid videos are still brought, so the bot goes on with the commands of its last start; the log has the mistake."""
    answers(503)(discord_api, times=1, **SYNC)
    refused = answers(400, 50035)(discord_api, times=1, **SYNC)
    with capture_logs() as logs:
        async with start_bot(sync_again=0.01) as bot:
            await asyncio.wait_for(refused.reached.wait(), 30)
            await discord_api.wait_for(lambda: len(_failures(logs)) == 2)
            assert bot.is_connected()
    assert [entry.status for entry in discord_api.log if entry.method == "PUT"] == [503, 400]
    assert _failures(logs) == [
        "The commands could not be registered; trying again",
        "The commands cannot be registered",
    ]


def _failures(logs: Sequence[Mapping[str, Any]]) -> list[str]:
    return [line["event"] for line in logs if line["action"] == "sync_failed"]


async def test_a_server_the_bot_is_not_in_is_named(fresh: Reelcord):
    """DISCORD_GUILD_ID is wrong; the 403 of the guard is not taken for that."""
    fresh.settings = fresh.settings.model_copy(update={"discord_guild_id": 4242})
    with pytest.raises(SettingsError) as caught:
        await sign_in(fresh, fresh.settings)
    assert str(caught.value) == NOT_INVITED


async def test_commands_that_discord_finds_wrong_are_our_own_mistake(fresh: Reelcord, discord_api: DiscordSandbox):
    """Nothing that waiting or another setting would mend: the program breaks down and says where."""
    answers(400, 50035)(discord_api, times=1, **SYNC)
    with pytest.raises(discord.app_commands.CommandSyncFailure):
        await sign_in(fresh, fresh.settings)
