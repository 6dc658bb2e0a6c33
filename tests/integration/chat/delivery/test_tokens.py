"""The interaction's token: how long it lives, and that nothing waits for it longer."""

import asyncio
from dataclasses import replace

import pytest
from discord.utils import snowflake_time

from bot.chat import cards
from bot.chat.client import Reelcord
from bot.chat.tokens import TOKEN_SECONDS, Token
from bot.jobs.job import Job
from bot.sandbox.discord_api import DiscordSandbox


def token_of(bot: Reelcord, job: Job, age: float) -> Token | None:
    """The job's token when its card is that old."""
    born = snowflake_time(job.destination.card_id or 0).timestamp()
    return Token.of(bot, job.destination, born + age)


@pytest.mark.parametrize(("age", "left"), [(0, TOKEN_SECONDS), (600, 270.0), (869, 1.0), (870, None), (9000, None)])
def test_a_token_is_used_for_fourteen_and_a_half_minutes(age: float, left: float | None, bot: Reelcord, job: Job):
    """It lives 15."""
    token = token_of(bot, job, age)
    assert (token and round(token.seconds, 3)) == left


@pytest.mark.parametrize("changes", [{"token": None}, {"card_id": None}])
def test_without_a_token_or_a_card_there_is_no_way(changes: dict[str, None], bot: Reelcord, job: Job):
    """An old row has forgotten its token."""
    assert Token.of(bot, replace(job.destination, **changes), 0.0) is None


@pytest.mark.parametrize("act", ["edit", "call"])
async def test_nothing_waits_beyond_the_tokens_end(act: str, discord_api: DiscordSandbox, bot: Reelcord, job: Job):
    """discord.py would wait out the twenty seconds that the server asks for."""
    asked = discord_api.rate_limit("/webhooks/", retry_after=20)
    token = token_of(bot, job, TOKEN_SECONDS - 0.5)
    assert token is not None
    with pytest.raises(TimeoutError):
        await (token.edit(cards.status(job), list) if act == "edit" else token.call(1, "look"))
    await asyncio.wait_for(asked.reached.wait(), 30)
