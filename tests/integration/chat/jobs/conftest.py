"""A queued job with its card, and what a person does with them."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.util import await_only

from bot.jobs.job import Job
from bot.sandbox.discord_api import Call, DiscordSandbox, Message
from tests.integration.chat.conftest import PROMPT, OnlyJob, Picture, Shows


@pytest.fixture
async def card(bot: object, discord_api: DiscordSandbox, shows: Shows, picture: Picture) -> Message:  # noqa: ARG001 - asked for its effect
    """The card of a queued job of the member's."""
    return await shows(
        await discord_api.command("member", "general", "sora", PROMPT | {"image": picture(), "spoiler": True}), "Queued"
    )


@pytest.fixture
async def job(card: Message, only_job: OnlyJob) -> Job:  # noqa: ARG001 - asked for its effect
    """The queued job."""
    return await only_job()


async def ended(discord_api: DiscordSandbox, call: Call) -> str:
    """What the person reads in answer to a call."""
    await call.answered()

    def said() -> str:
        messages = call.followups if call.deferred else [call.response, *call.followups]
        return next((message.text() for message in reversed(messages) if message and message.text()), "")

    return await discord_api.wait_for(said, what="an answer")


def button(job: Job, action: str) -> str:
    """The custom_id of a job's button."""
    return f"reelcord:{action}:{job.id}"


def repaint(card: Message, job: Job, action: str) -> None:
    """Give the queued card another button, as an edit by the engine would."""
    for part in card.walk():
        if part.get("custom_id") == button(job, "cancel"):
            part["custom_id"] = button(job, action)


@contextmanager
def slow_database(seconds: float) -> Generator[None]:
    """Let each look at the jobs take this long, as on a machine under load."""

    def wait(_cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT jobs."):
            await_only(asyncio.sleep(seconds))

    event.listen(Engine, "do_execute", wait)
    try:
        yield
    finally:
        event.remove(Engine, "do_execute", wait)
