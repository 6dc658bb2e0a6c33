"""The one door for errors: a plain sentence for the person, never more than one, and never what is inside."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.chat.errors import BROKEN, CHANGED
from bot.jobs.store import Store
from bot.sandbox.discord_api import Call, DiscordSandbox
from tests.integration.chat.conftest import StartBot, answered, jobs_of

TROUBLE = '''
"""Commands that fail."""

from enum import Enum

from discord import app_commands
from discord.ext import commands

from bot.errors import Refusal


class Size(Enum):
    """What is offered."""

    wide = "16:9"
    tall = "9:16"


class Trouble(commands.Cog):
    """Fails."""

    @app_commands.command()
    async def broken(self, interaction, *, after: bool = False) -> None:
        """Fail with something internal, before or after an answer."""
        if after:
            await interaction.response.defer(ephemeral=True)
        raise RuntimeError("the key is sk-secret")

    @app_commands.command()
    async def wordy(self, interaction) -> None:
        """Refuse in far too many words."""
        raise Refusal("word " * 1000)

    @app_commands.command()
    async def picky(self, interaction, size: Size) -> None:
        """Take what is offered."""
        await interaction.response.send_message(size.value)


async def setup(bot):
    """Add the commands."""
    await bot.add_cog(Trouble())
'''


@pytest.fixture(autouse=True)
async def troubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start_bot: StartBot) -> AsyncIterator[None]:
    """A bot with commands that fail."""
    folder = tmp_path / f"trouble_{tmp_path.name}"
    await asyncio.to_thread(_write, folder)
    monkeypatch.syspath_prepend(str(tmp_path))
    async with start_bot(packages=("cogs", folder.name)):
        yield


def _write(folder: Path) -> None:
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "trouble.py").write_text(TROUBLE)


async def said(discord_api: DiscordSandbox, call: Call) -> str:
    """The one thing the person reads."""

    def all_of_it() -> list[str]:
        return [message.text() for message in (call.response, *call.followups) if message and message.text()]

    (only,) = await discord_api.wait_for(all_of_it)
    assert all(message.ephemeral for message in (call.response, *call.followups) if message)
    return only


@pytest.mark.parametrize("after", [False, True])
async def test_what_broke_stays_inside(after: bool, discord_api: DiscordSandbox, capsys: pytest.CaptureFixture[str]):
    """The same sentence whether or not an answer was given before; the log has the traceback."""
    call = await discord_api.command("member", "general", "broken", {"after": after})
    assert await said(discord_api, call) == BROKEN
    assert "RuntimeError" in capsys.readouterr().out


@pytest.mark.parametrize("after", [False, True])
async def test_a_yes_without_a_body_is_a_yes(after: bool, discord_api: DiscordSandbox):
    """Discord answers the callback 204, as without `with_response`: the sentence is said, and once."""
    discord_api.faults.add("/callback", after=True, status=204)
    call = await discord_api.command("member", "general", "broken", {"after": after})
    assert await said(discord_api, call) == BROKEN


async def test_a_sentence_is_cut_to_a_message(discord_api: DiscordSandbox):
    """A refusal that quotes a long option still arrives."""
    text = await said(discord_api, await discord_api.command("member", "general", "wordy"))
    assert (len(text), text[-1]) == (2000, "…")


@pytest.mark.parametrize("status", [403, 404])
async def test_a_sentence_that_cannot_be_said_is_logged(status: int, discord_api: DiscordSandbox):
    """The bot has nobody left to tell, and breaks over it no more than once."""
    with capture_logs() as logs:
        refused = discord_api.faults.add("/callback", status=status, body={"code": 0, "message": "No."})
        call = await discord_api.command("member", "general", "wordy")
        await asyncio.wait_for(refused.reached.wait(), 30)
        await answered()
    assert [(line["action"], line["interaction"]) for line in logs] == [("interaction_answer_failed", call.id)]
    assert (call.response, call.followups) == (None, [])


async def test_a_value_that_is_none_of_those_offered_says_so(discord_api: DiscordSandbox):
    """Someone's Discord still offers what an older version took."""
    call = await discord_api.command("member", "general", "picky", {"size": "wide"})
    await call.answered()
    forged = call.event_json()
    forged["data"]["options"] = [{"name": "size", "type": 3, "value": "9x9"}]
    fresh = await discord_api.command("member", "general", "picky", {"size": "wide"})
    await fresh.answered()
    discord_api._gateway.dispatch("INTERACTION_CREATE", forged | {"id": str(fresh.id), "token": fresh.token})
    (followup,) = await discord_api.wait_for(lambda: fresh.followups)
    assert followup.text() == "9x9 cannot be used here: choose one of the values offered."


async def test_a_command_that_has_changed_says_so(discord_api: DiscordSandbox, store: Store):
    """Someone's Discord still shows the command of an older version."""
    call = await discord_api.command("member", "general", "sora", {"prompt": "a fox"})
    await discord_api.wait_for(lambda: call.response and "Queued" in call.response.text())
    stale = call.event_json()
    stale["data"]["options"] = [{"name": "gone", "type": 3, "value": "x"}]
    fresh = await discord_api.command("member", "general", "jobs list")
    stale |= {"id": str(fresh.id), "token": fresh.token}
    await fresh.answered()
    discord_api._gateway.dispatch("INTERACTION_CREATE", stale)
    followup = await discord_api.wait_for(lambda: fresh.followups)
    assert followup[0].text() == CHANGED
    assert len(await jobs_of(store, discord_api)) == 1
