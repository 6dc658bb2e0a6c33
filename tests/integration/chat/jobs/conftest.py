"""A queued job with its card, and what a person does with them."""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.util import await_only

from bot.chat.client import Reelcord
from bot.jobs.job import Job
from bot.jobs.videos import Videos
from bot.sandbox.discord_api import Call, DiscordSandbox, Message
from tests.integration.chat.conftest import PROMPT, OnlyJob, Picture, Shows, StartBot


@pytest.fixture
def videos(tmp_path: Path) -> Videos:
    """The files of DATA_DIR, none yet."""
    made = Videos(tmp_path)
    made.make_folders()
    return made


@pytest.fixture
async def bot(start_bot: StartBot, videos: Videos) -> AsyncIterator[Reelcord]:
    """A bot on the machine that has the videos."""
    async with start_bot(videos=videos) as started:
        yield started


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


def labels(message: Message) -> list[str]:
    """The buttons of a message."""
    return [part["label"] for part in message.walk() if part["type"] == 2]


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
