"""A video that could not be posted, from the order to the place where its owner wanted it then."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.api.client import VideoApi
from bot.jobs.schedule import Pace
from bot.jobs.store import Store
from bot.jobs.videos import Retention, Videos
from bot.jobs.worker import Worker
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.conftest import PROMPT, OnlyJob, Shows, StartBot, results
from tests.integration.chat.jobs.conftest import button, labels


@pytest.fixture
async def at_work(start_bot: StartBot, store: Store, videos: Videos, tmp_path: Path) -> AsyncIterator[VideoApiSandbox]:
    """The bot and the engine, joined as the command line joins them, and their video service."""
    workers: list[Worker] = []

    def wake() -> None:
        workers[0].wake()

    async with VideoApiSandbox(quality="tiny", seconds_to_done=0.05) as service:
        apis = {"octopusx": VideoApi("octopusx", service.url, SecretStr(service.key))}
        async with start_bot(apis=apis, wake=wake, videos=videos) as bot:
            worker = Worker(
                store,
                apis,
                bot.delivery,
                pace=Pace(poll_interval=0.05, job_timeout=60, off_peak_timeout=60),
                data_dir=tmp_path,
                links=None,
                retention=Retention(),
            )
            workers.append(worker)
            running = asyncio.create_task(worker.run())
            yield service
            worker.stop()
            await running
        await apis["octopusx"].aclose()


async def test_a_held_video_is_given_then_posted_where_its_owner_is(
    at_work: VideoApiSandbox, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob
):
    """Paid once: held where the bot may not post, given by /jobs show, posted for all at one press, and linked to."""
    old = await shows(await discord_api.command("member", "announcements", "sora", PROMPT), "· Held")
    job = await only_job()
    asked = await discord_api.command("member", "general", "jobs show", {"job": job.id})
    await discord_api.wait_for(lambda: asked.response and asked.response.videos(), what="the video, for its owner")
    assert asked.response is not None
    mine = asked.response.videos()[0].data
    card = await shows(await discord_api.press("member", asked.response, button(job, "bring")), "· Done")
    (posted,) = results(discord_api, "general", viewer="owner")
    assert (posted.reply_to, posted.videos()[0].data) == (card.id, mine)
    assert [part["url"].rpartition("/")[2] for part in card.walk() if part.get("style") == 5] == [str(posted.id)]
    await discord_api.wait_for(lambda: "· Moved" in old.text(), what="the old card's news")
    assert labels(old) == ["Go to it"]
    assert results(discord_api, "announcements") == []
    assert len(at_work.posts) == 1
