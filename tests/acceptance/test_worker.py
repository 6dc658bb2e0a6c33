"""The worker as a program: it brings results without a WebSocket, or into a folder without Discord."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from PIL import Image, ImageStat

from bot.jobs.job import Destination, Job, Status, id_from
from bot.jobs.store import Store
from bot.links import Links
from bot.media import ffmpeg, probe
from bot.requests.base import LINKED, InputFile, Submission
from bot.sandbox.demo.script import picture
from tests.acceptance.stage import Stage

FADING_IN = ("-f", "lavfi", "-i", "testsrc2=size=128x72:rate=24:duration=1.5", "-vf", "fade=in:0:24")
PLAIN = ("-pix_fmt", "yuv420p", "-preset", "ultrafast", "-movflags", "+faststart")


@pytest.fixture
async def film(tmp_path: Path) -> bytes:
    """A video whose first frame is black."""
    path = tmp_path / "film.mp4"
    made = await asyncio.create_subprocess_exec(ffmpeg(), "-v", "error", *FADING_IN, *PLAIN, str(path))
    assert await made.wait() == 0
    return path.read_bytes()


def assert_shows_something(path: Path) -> None:
    """A JPEG that is neither dark nor empty."""
    with Image.open(path) as still:
        assert (still.format, still.size) == ("JPEG", (128, 72))
        figures = ImageStat.Stat(still.convert("L"))
    assert figures.mean[0] > 40
    assert figures.stddev[0] > 8


def row(**changes: Any) -> Job:
    """A row as a command leaves it."""
    fields: dict[str, Any] = {"model": "veo_3_1-fast", "prompt": "A lighthouse", "seconds": "4", "duration": 4}
    given: dict[str, Any] = {
        "id": id_from(token_hex()),
        "command": "veo",
        "prompt": "A lighthouse",
        "recipe": {"model": "veo_3_1-fast", "seconds": "4"},
        "destination": Destination(user_id=1, channel_id=2),
        "submission": Submission(upstream="octopusx", submit_path="/v1/videos", fields=fields),
        "created_at": time.time(),
        "due_at": 0.0,
    }
    return Job(**(given | changes))


async def add(stage: Stage, job: Job) -> None:
    """Write a row into the stage's database."""
    store = await Store.open(stage.settings["DATABASE_URL"])
    await store.add(job)
    await store.close()


def said(path: Path, status: str) -> Callable[[], bool]:
    """Whether the JSON at a path gives a job this status."""
    return lambda: path.exists() and json.loads(path.read_text())["status"] == status


async def test_a_worker_brings_what_a_stopped_bot_began_and_opens_no_socket(stage: Stage, film: bytes):
    """Video, still and card arrive by REST alone: neither is the gateway's address asked for, nor is it called."""
    stage.api.seconds_to_done = 3600
    stage.api.next(video=film)
    bot = await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A lighthouse"})
    await stage.until(lambda: "Generating" in card.text())
    assert await stage.stop(bot) == 0
    await stage.discord.disconnected()
    gateway = stage.discord.faults.add("/gateway", times=-1)  # spoils nothing: it counts
    before = len(stage.discord.log)

    stage.ahead = 3600
    worker = await stage.start_bot(ready=False, command="worker")
    await stage.until(lambda: "Done" in card.text())
    assert await stage.stop(worker) == 0

    (result,) = stage.results(card)
    assert [video.data for video in result.videos()] == [film]
    assert_shows_something(stage.folder / "data" / "posters" / f"{stage.rows()[0]['id']}.jpg")
    assert gateway.hits == 0
    asked = [entry.path.partition("?")[0] for entry in stage.discord.log[before:]]
    assert asked[:2] == ["/users/@me", "/oauth2/applications/@me"]
    assert not [path for path in asked if path.startswith("/gateway") or path.endswith("/commands")]
    assert len(stage.api.posts) == len(stage.api.tasks) == 1


async def test_a_worker_with_a_folder_leaves_three_files_and_needs_no_discord(stage: Stage, film: bytes):
    """From a row in the database to video, still and recipe; without a token, and without a word to Discord."""
    stage.api.next(video=film)
    job = row()
    await add(stage, job)
    out = stage.folder / "out"

    worker = await stage.start_bot(ready=False, command="worker --folder out", DISCORD_TOKEN="")
    await stage.until(said(out / f"{job.id}.json", "completed"))
    assert await stage.stop(worker) == 0

    assert sorted(path.name for path in out.iterdir()) == [f"{job.id}.jpg", f"{job.id}.json", f"{job.id}.mp4"]
    assert (out / f"{job.id}.mp4").read_bytes() == film
    assert_shows_something(out / f"{job.id}.jpg")
    card = json.loads((out / f"{job.id}.json").read_text())
    assert {name: card[name] for name in ("prompt", "recipe", "reason", "video", "poster")} == {
        "prompt": "A lighthouse",
        "recipe": {"model": "veo_3_1-fast", "seconds": "4"},
        "reason": None,
        "video": f"{job.id}.mp4",
        "poster": f"{job.id}.jpg",
    }
    assert card["created_at"] <= card["submitted_at"] <= card["finished_at"]
    assert stage.discord.log == []
    assert [(call.path, call.json) for call in stage.api.posts] == [("/v1/videos", job.submission.fields)]
    assert list((stage.folder / "data" / "spool").iterdir()) == []


async def test_the_originals_of_a_small_disk_go_oldest_first(stage: Stage):
    """ORIGINALS_MB reaches the sweep: of three videos of 1 MB it leaves the two that ended last."""
    now = time.time()
    jobs = [
        row(
            status=Status.COMPLETED,
            due_at=None,
            finished_at=now - 7200 - age,
            original_url="https://bot.example/videos",
            original_until=now + 7200,
        )
        for age in (0, 200, 100)
    ]
    originals = stage.folder / "data" / "originals"
    originals.mkdir(parents=True)
    for job in jobs:
        await add(stage, job)
        path = originals / f"{job.id}.mp4"
        path.write_bytes(bytes(1024**2))
        os.utime(path, (now - 7200, now - 7200))

    await stage.start_bot(ready=False, command="worker --folder out", ORIGINALS_MB="2")
    await stage.until(lambda: len(list(originals.iterdir())) < 3)
    assert {path.stem for path in originals.iterdir()} == {jobs[0].id, jobs[2].id}


async def test_a_worker_signs_links_anew_that_the_bot_beside_it_answers(stage: Stage):
    """The link of a picture died while its job waited; the worker has no web server, the bot has no key for the job."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    public = f"http://127.0.0.1:{port}"
    image = picture("fox", 1280, 720, 20)
    job_id = id_from(token_hex())
    dead = Links.load(public, stage.folder / "data").sign(f"/inputs/{job_id}/0", 1)
    submission = Submission(
        upstream="uniall",
        submit_path="/v1/video/generations",
        fields={"model": "veo3.1-video-720p", "prompt": "A fox", "image": dead, "size": "720p", "duration": 4},
        files=(InputFile(field=f"{LINKED}image", name="fox.png", content_type="image/png", data=image.data),),
        links=("image",),
    )
    await add(stage, row(id=job_id, command="veo31 image", submission=submission))

    stage.api.seconds_to_done = 3600

    bot = await stage.start_bot(PUBLIC_URL=public, HTTP_PORT=str(port), UNIALL_API_KEY="", UNIALL_BASE_URL="")
    await stage.start_bot(ready=False, command="worker --folder out", PUBLIC_URL=public, HTTP_PORT="0")
    await stage.until(lambda: stage.api.tasks)
    await stage.kill(bot)  # else it may be first to tell of the end, in its own way
    stage.ahead = 3600
    await stage.until(said(stage.folder / "out" / f"{job_id}.json", "completed"))

    (post,) = stage.api.posts
    link = post.json["image"]
    assert link.partition("?")[0] == dead.partition("?")[0]
    assert link != dead
    assert (await probe(stage.folder / "out" / f"{job_id}.mp4")).seconds > 0
