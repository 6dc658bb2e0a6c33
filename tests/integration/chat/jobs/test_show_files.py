"""What /jobs show adds to a card: the video of a held job, the still of one that is done."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.media import ffmpeg
from bot.sandbox.discord_api import Call, DiscordSandbox, Message
from tests.integration.chat.conftest import Shows, pictures, results
from tests.integration.chat.jobs.conftest import labels

REASON = "The channel is gone."
NOT_HERE = "The video is not at hand just now"
SHOWN_NOT = "could not be shown in this answer: press **Post it here**."


@pytest.fixture
async def held(job: Job, store: Store) -> Job:
    """A job whose video could not be posted."""
    return await store.save(job.evolve(status=Status.HELD, video_id="v1", reason=REASON))


async def show(discord_api: DiscordSandbox, job: Job, channel: str = "after-dark") -> Call:
    """Ask for the job."""
    return await discord_api.command("member", channel, "jobs show", {"job": job.id})


async def with_files(discord_api: DiscordSandbox, call: Call) -> Message:
    """The answer, as soon as it shows a file."""
    await discord_api.wait_for(lambda: call.response and call.response.files(), what="a file in the answer")
    assert call.response is not None
    return call.response


async def test_a_held_video_is_given_to_its_owner(discord_api: DiscordSandbox, held: Job, videos: Videos, video: Path):
    """Untouched, with alt text and spoiler, beside the button that posts it; nobody else sees it."""
    shutil.copyfile(video, videos.spooled(held.id))
    answer = await with_files(discord_api, await show(discord_api, held))
    assert answer.ephemeral
    assert answer.videos()[0].data == await asyncio.to_thread(video.read_bytes)
    assert pictures(answer) == [("AI video: a red fox in the snow", True)]
    assert f"{REASON} Here it is, for you alone; **Post it here** posts it where you are." in answer.text()
    assert labels(answer) == ["Post it here"]
    for channel in ("general", "after-dark"):
        assert results(discord_api, channel, viewer="owner") == []


async def test_a_held_video_that_needs_work_is_promised_at_once(
    discord_api: DiscordSandbox, held: Job, videos: Videos, late: Path, shows: Shows
):
    """The card comes first and says what is going on; then the video, and what was done to it."""
    shutil.copyfile(late, videos.spooled(held.id))
    wait = asyncio.Event()
    discord_api.faults.add("/messages/@original", method="PATCH", hold=wait)
    call = await show(discord_api, held)
    first = await shows(call, f"{REASON} The video is being made ready …")
    assert (labels(first), first.videos()) == (["Post it here"], [])
    wait.set()
    answer = await with_files(discord_api, call)
    assert "-# repacked without a change to the picture" in answer.text()
    assert "being made ready" not in answer.text()


async def test_a_held_video_that_discord_finds_too_large_is_made_smaller(
    discord_api: DiscordSandbox, held: Job, videos: Videos, video: Path
):
    """The limit is that of the answer; should it not hold, the next size is tried."""
    shutil.copyfile(video, videos.spooled(held.id))
    too_large = discord_api.faults.add(
        "/messages/@original", method="PATCH", status=413, body={"code": 40005, "message": "Request entity too large"}
    )
    answer = await with_files(discord_api, await show(discord_api, held, "screening"))
    assert too_large.reached.is_set()
    assert labels(answer) == ["Post it here"]


@pytest.mark.parametrize("data", [b"", b"<html>Bad gateway</html>"], ids=["empty", "a page"])
async def test_a_file_that_is_no_video_does_not_spoil_the_card(
    data: bytes, discord_api: DiscordSandbox, held: Job, videos: Videos, shows: Shows
):
    """The card says that it could not be shown, and keeps its button."""
    videos.spooled(held.id).write_bytes(data)
    answer = await shows(await show(discord_api, held), SHOWN_NOT)
    assert (labels(answer), answer.videos()) == (["Post it here"], [])
    assert "Held" in answer.text()


async def test_a_video_that_discord_does_not_take_does_not_spoil_the_card(
    discord_api: DiscordSandbox, held: Job, videos: Videos, video: Path, shows: Shows
):
    """As above; the person is told nothing of the inside."""
    shutil.copyfile(video, videos.spooled(held.id))
    discord_api.faults.add("/messages/@original", method="PATCH", status=403, body={"code": 50001, "message": "No"})
    answer = await shows(await show(discord_api, held), SHOWN_NOT)
    assert labels(answer) == ["Post it here"]


async def test_a_held_video_whose_file_is_elsewhere_can_still_be_posted(
    discord_api: DiscordSandbox, held: Job, shows: Shows
):
    """On another machine, or swept: the card promises no more than is true."""
    answer = await shows(await show(discord_api, held), f"{REASON} {NOT_HERE}")
    assert labels(answer) == ["Post it here"]


@pytest.mark.parametrize("swept", [False, True])
async def test_a_video_posted_meanwhile_is_not_called_held(
    swept: bool, discord_api: DiscordSandbox, held: Job, store: Store, videos: Videos, video: Path, shows: Shows
):
    """Making it fit takes minutes, in which its owner may have pressed the button, and its file may be gone again."""
    shutil.copyfile(video, videos.spooled(held.id))
    wait = asyncio.Event()
    answering = discord_api.faults.add("/callback", method="POST", hold=wait)
    call = await show(discord_api, held)
    await asyncio.wait_for(answering.reached.wait(), 30)
    await store.save(held.evolve(status=Status.DELIVERING, reason=None))
    if swept:
        videos.forget(held.id)
    wait.set()
    answer = await shows(call, "Posting")
    assert (labels(answer), answer.videos()) == ([], [])


async def test_another_persons_held_video_is_not_given(
    discord_api: DiscordSandbox, held: Job, videos: Videos, video: Path, shows: Shows
):
    """Whoever knows its id."""
    shutil.copyfile(video, videos.spooled(held.id))
    call = await discord_api.command("owner", "general", "jobs show", {"job": held.id})
    answer = await shows(
        call, "You have no such job: only whoever ordered a video may do this. `/jobs list` shows yours."
    )
    assert answer.videos() == []


@pytest.fixture
async def done(job: Job, store: Store, videos: Videos, video: Path) -> Job:
    """A job whose video was posted, with a still and a link to the original."""
    still = [ffmpeg(), "-v", "error", "-y", "-i", str(video), "-frames:v", "1", str(videos.poster(job.id))]
    await asyncio.to_thread(subprocess.run, still, check=True)
    return await store.save(
        job.evolve(
            status=Status.COMPLETED,
            message_url="https://discord.com/channels/1/2/3",
            original_url="https://bot.example/videos/x.mp4",
            original_until=job.created_at + 7 * 86_400,
        )
    )


async def test_a_done_job_shows_its_still(discord_api: DiscordSandbox, done: Job, videos: Videos):
    """A thumbnail with alt text and spoiler, the way to the video, and to its full quality."""
    answer = await with_files(discord_api, await show(discord_api, done))
    assert [file.data for file in answer.files()] == [await asyncio.to_thread(videos.poster(done.id).read_bytes)]
    assert pictures(answer) == [("Still of an AI video: a red fox in the snow", True)]
    assert [file.description for file in answer.attachments] == ["Still of an AI video: a red fox in the snow"]
    assert labels(answer) == ["Watch", "Full quality"]
    assert f"Full quality until <t:{int(done.original_until or 0)}:f>" in answer.text()


async def test_a_still_that_is_not_taken_leaves_the_card(discord_api: DiscordSandbox, done: Job, shows: Shows):
    """The card stood already."""
    lost = discord_api.faults.add("/messages/@original", method="PATCH", status=400, body={"code": 0, "message": "No"})
    answer = await shows(await show(discord_api, done), "Done")
    await asyncio.wait_for(lost.reached.wait(), 30)
    assert labels(answer) == ["Watch", "Full quality"]


async def test_a_link_that_has_ended_is_not_offered(discord_api: DiscordSandbox, done: Job, store: Store, shows: Shows):
    """After its seven days nobody is sent to a page that says no."""
    await store.save(done.evolve(original_until=done.created_at - 1))
    answer = await shows(await show(discord_api, done), "Done")
    assert labels(answer) == ["Watch"]


async def test_a_person_is_given_one_video_at_a_time(
    discord_api: DiscordSandbox, held: Job, videos: Videos, video: Path, shows: Shows
):
    """Each may take minutes to be made ready: those asked for meanwhile keep nobody else waiting."""
    shutil.copyfile(video, videos.spooled(held.id))
    upload = discord_api.faults.add("/messages/@original", method="PATCH", hold=asyncio.Event())
    first = await show(discord_api, held)
    await asyncio.wait_for(upload.reached.wait(), 30)
    await shows(await show(discord_api, held), "Another answer of yours is being given its video")
    assert upload.hold is not None
    upload.hold.set()
    await with_files(discord_api, first)
