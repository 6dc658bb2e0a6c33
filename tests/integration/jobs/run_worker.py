"""A worker as its own process, for the tests that kill it: database URL, video API, data folder."""

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from bot.api.client import VideoApi
from bot.jobs.folder import FolderDelivery
from bot.jobs.presence import new_owner
from bot.jobs.schedule import Pace
from bot.jobs.store import Store
from bot.jobs.videos import Retention
from bot.jobs.worker import Worker


async def main(database: str, api: str, data_dir: str) -> None:
    """Work until killed."""
    worker = Worker(
        await Store.open(database),
        {"octopusx": VideoApi("octopusx", api, SecretStr("sk-sandbox"))},
        FolderDelivery(Path(data_dir, "place"), None),
        pace=Pace(poll_interval=0.05, job_timeout=3600, off_peak_timeout=7200),
        data_dir=Path(data_dir),
        links=None,
        retention=Retention(),
        owner=new_owner(),
    )
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
