"""The money rule: whatever dies in between, a job is paid for once at most, and what was paid for is not lost."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.jobs.delivery import LinkExpired
from bot.jobs.job import Job, Status
from bot.jobs.worker import LEASE
from bot.requests.base import InputFile, Submission
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.jobs.conftest import VIDEO

MakeJob = Callable[..., Job]
POST = {"path": "/v1/videos$", "method": "POST"}


def _on_disk(database: Path) -> list[tuple[str, str | None]]:
    """What another program reads in the file."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT status, video_id FROM jobs").fetchall()
    finally:
        connection.close()


async def test_a_job_goes_from_the_row_to_its_place(bench: Any, make_job: MakeJob):
    """One POST, the video byte for byte, the card done, the spool empty, and no secret left in the row."""
    job = await bench.add(make_job())
    async with bench.working():
        done = await bench.settled(job)
    assert done.status is Status.COMPLETED
    assert done.destination.token is None
    assert [call.json for call in bench.api.posts] == [job.submission.json_body()]
    (task,) = bench.api.tasks.values()
    assert done.video_id == task.id
    assert (bench.place.folder / f"{job.id}.mp4").read_bytes() == task.video.read_bytes()
    assert json.loads((bench.place.folder / f"{job.id}.json").read_text())["status"] == "completed"
    assert bench.place.posts == [job.id]
    assert list((bench.data_dir / "spool").iterdir()) == []


async def test_the_row_says_submitting_before_the_post_is_seen(bench: Any, make_job: MakeJob):
    """Read by another connection while the service holds its answer, so it is on disk and not in a cache of ours."""
    await bench.add(make_job())
    fault = bench.api.faults.add(**POST, hold=asyncio.Event())
    async with bench.working():
        await asyncio.wait_for(fault.reached.wait(), 30)
        assert _on_disk(bench.database) == [("submitting", None)]
        fault.hold.set()


async def test_the_links_are_renewed_before_the_row_says_submitting(bench: Any, make_job: MakeJob):
    """A crash while Discord is asked costs nothing; and what is sent is what the row then holds."""
    fields = {
        "model": "veo3.1-video-720p",
        "prompt": "p",
        "size": "720p",
        "image": "https://cdn/old",
        "images": ["https://cdn/2"],
    }
    submission = Submission(
        upstream="uniall", submit_path="/v1/video/generations", fields=fields, links=("image", "images", "video")
    )
    job = await bench.add(make_job(submission=submission))
    bench.place.fresh = {"https://cdn/old": "https://cdn/new", "https://cdn/2": "https://cdn/3"}
    bench.place.hold = asyncio.Event()
    fault = bench.api.faults.add(
        "/v1/video/generations$", method="POST", after=True, status=400, body={"code": "x", "message": "no"}
    )
    async with bench.working(names=["uniall"]):
        await bench.until(job, Status.QUEUED)
        bench.place.hold.set()
        ended = await bench.settled(job)
    assert fault.hits == 1
    sent = fields | {"image": "https://cdn/new", "images": ["https://cdn/3"]}
    assert [call.json for call in bench.api.posts] == [sent]
    assert ended.submission.fields == sent
    assert ended.status is Status.FAILED


async def test_nothing_is_paid_for_with_a_dead_link(bench: Any, make_job: MakeJob):
    """The service could not fetch the picture: the job ends before anything is sent, and says what to do."""
    submission = Submission(
        upstream="uniall",
        submit_path="/v1/video/generations",
        fields={"model": "veo3.1-video-720p", "prompt": "p", "size": "720p", "image": "https://cdn/old"},
        links=("image", "images", "video"),
    )
    bench.place.refuse_renew = [LinkExpired("A picture's link has expired.")]
    job = await bench.add(make_job(submission=submission))
    async with bench.working(names=["uniall"]):
        ended = await bench.settled(job)
    assert (ended.status, ended.reason, ended.video_id) == (Status.FAILED, "A picture's link has expired.", None)
    assert bench.api.posts == []


@pytest.mark.parametrize(
    "fault",
    [
        {"after": True, "drop": True},
        {"drop": True},
        {"after": True, "status": 502, "body": "<html>Bad Gateway</html>"},
        {"after": True, "status": 200, "body": "<html>Welcome</html>"},
        {"after": True, "status": 200, "body": {"object": "video"}},
        {
            "after": True,
            "status": 500,
            "body": {"code": "do_request_failed", "message": "do request failed", "data": None},
        },
    ],
    ids=["lost answer", "cut off", "bad gateway", "a web page", "no id", "the service's own time-out"],
)
async def test_a_lost_answer_is_unconfirmed_and_never_sent_again(bench: Any, make_job: MakeJob, fault: dict[str, Any]):
    """The person is told and may press Again; the engine leaves it, however long it lives."""
    job = await bench.add(make_job())
    armed = bench.api.faults.add(**POST, **fault)
    async with bench.working():
        ended = await bench.settled(job)
        bench.advance(10 * LEASE)
        another = await bench.add(make_job())
        await bench.settled(another)
    assert ended.status is Status.UNCONFIRMED
    assert "press Again" in str(ended.reason)
    assert armed.hits == 1
    assert (await bench.store.get(job.id)) == ended
    assert json.loads((bench.place.folder / f"{job.id}.json").read_text())["status"] == "unconfirmed"


async def test_a_worker_killed_in_the_midst_of_a_post_sends_nothing_again(bench: Any, make_job: MakeJob):
    """Kill -9 while the service holds its answer: after the restart the job is unconfirmed, and there was one POST."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add(**POST, after=True, hold=asyncio.Event())
    process = await bench.process()
    await asyncio.wait_for(fault.reached.wait(), 30)
    process.kill()
    await process.wait()
    fault.hold.set()
    assert _on_disk(bench.database) == [("submitting", None)]
    bench.clock.ahead = LEASE + 1
    async with bench.working():
        ended = await bench.settled(job)
    assert ended.status is Status.UNCONFIRMED
    assert "interrupted" in str(ended.reason)
    assert len(bench.api.posts) == 1


async def test_two_workers_on_one_file_send_each_job_once(bench: Any, make_job: MakeJob):
    """Whoever claims a row has it alone."""
    jobs = [await bench.add(make_job()) for _ in range(12)]
    async with bench.working(), bench.working():
        for job in jobs:
            assert (await bench.settled(job)).status is Status.COMPLETED
    assert len(bench.api.posts) == len(jobs)
    assert sorted(bench.place.posts) == sorted(job.id for job in jobs)


async def test_a_worker_that_lost_its_lease_still_brings_the_paid_id_home(bench: Any, make_job: MakeJob):
    """Its process slept through its lease, another called the row unconfirmed; then the answer came after all."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add(**POST, hold=asyncio.Event())
    async with bench.working():
        await asyncio.wait_for(fault.reached.wait(), 30)
        late = LEASE + 1
        async with bench.working(clock=lambda: bench.clock() + late):
            await bench.until(job, Status.UNCONFIRMED)
        fault.hold.set()
        done = await bench.until(job, Status.COMPLETED)
    assert done.video_id == bench.api.posts[0].task_id
    assert len(bench.api.posts) == 1


async def test_a_database_in_trouble_after_the_post_loses_no_id(bench: Any, make_job: MakeJob):
    """The save is refused for a while, as by a full disk; the id is written once that is over."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add(**POST, hold=asyncio.Event())
    trouble = sqlite3.connect(bench.database, isolation_level=None)
    async with bench.working():
        await asyncio.wait_for(fault.reached.wait(), 30)
        trouble.execute("CREATE TRIGGER full BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        fault.hold.set()
        await bench.api.wait_for(lambda: bench.api.posts and bench.api.posts[0].status == 200)
        await asyncio.sleep(0.05)
        assert _on_disk(bench.database) == [("submitting", None)]
        trouble.execute("DROP TRIGGER full")
        done = await bench.settled(job)
    trouble.close()
    assert done.status is Status.COMPLETED
    assert len(bench.api.posts) == 1


async def test_a_drain_waits_for_the_answer_of_a_post(bench: Any, make_job: MakeJob):
    """Told to stop in the midst of a POST, the worker takes its answer home first and claims nothing more."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add(**POST, hold=asyncio.Event())
    async with bench.working() as worker:
        await asyncio.wait_for(fault.reached.wait(), 30)
        worker.stop()
        await bench.add(make_job())
        fault.hold.set()
    assert sorted(_on_disk(bench.database), key=str) == sorted(
        [("in_progress", bench.api.posts[0].task_id), ("queued", None)], key=str
    )
    assert (await bench.store.get(job.id)).status is Status.IN_PROGRESS


async def test_a_drain_that_runs_out_of_time_leaves_the_row_as_it_is(bench: Any, make_job: MakeJob):
    """The row stays `submitting`, its lease is given back, and the next start calls it unconfirmed."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add(**POST, after=True, hold=asyncio.Event())
    async with bench.working(drain=0.02):
        await asyncio.wait_for(fault.reached.wait(), 30)
    fault.hold.set()
    assert _on_disk(bench.database) == [("submitting", None)]
    async with bench.working():
        assert (await bench.settled(job)).status is Status.UNCONFIRMED
    assert len(bench.api.posts) == 1


async def test_a_drain_that_runs_out_of_time_tries_once_more_to_save_a_paid_id(bench: Any, make_job: MakeJob):
    """The disk has room again, but the next try is seconds away when the worker is broken off."""
    await bench.add(make_job())
    with closing(sqlite3.connect(bench.database, isolation_level=None)) as trouble, capture_logs() as logs:
        trouble.execute(
            "CREATE TRIGGER full BEFORE UPDATE OF video_id ON jobs WHEN NEW.video_id IS NOT NULL "
            "BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        async with bench.working(drain=0.0):
            async with asyncio.timeout(30):
                while sum(line["action"] == "save_failed" for line in logs) < 4:  # noqa: ASYNC110 - a log tells nobody
                    await asyncio.sleep(0.01)
            trouble.execute("DROP TRIGGER full")
    assert _on_disk(bench.database) == [("in_progress", bench.api.posts[0].task_id)]
    assert "video_id_lost" not in [line["action"] for line in logs]


async def test_a_refused_connection_is_tried_again_and_paid_once(bench: Any, make_job: MakeJob):
    """Nothing can have been created, so the job goes back to the queue until the service is there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    job = await bench.add(make_job())
    async with bench.working(url=f"http://127.0.0.1:{port}"):
        waiting = await bench.until(job, lambda seen: seen.reason is not None)
        assert (waiting.status, waiting.video_id, waiting.attempts) == (Status.QUEUED, None, 0)
        assert waiting.reason == "The video service does not answer; trying again."
        async with VideoApiSandbox(seconds_to_done=0.05, quality="tiny", port=port) as api:
            api.next(video=VIDEO)
            bench.advance(10)
            assert (await bench.settled(job)).status is Status.COMPLETED
            assert len(api.posts) == 1


async def test_a_busy_service_is_asked_again_when_it_says(bench: Any, make_job: MakeJob):
    """Retry-After is honoured; the card says why nothing happens."""
    job = await bench.add(make_job())
    busy = {"code": "fail_to_fetch_task", "message": "saturated", "data": None}
    fault = bench.api.faults.add(**POST, status=429, body=busy, headers={"Retry-After": "40"})
    async with bench.working():
        waiting = await bench.until(job, lambda seen: seen.attempts == 1)
        assert waiting.due_at - bench.clock() > 35
        assert waiting.reason == "The video service is busy; trying again."
        bench.advance(45)
        assert (await bench.settled(job)).status is Status.COMPLETED
    assert fault.hits == 1
    assert len([call for call in bench.api.posts if call.created]) == 1


async def test_a_service_that_stays_busy_ends_the_job_unpaid(bench: Any, make_job: MakeJob):
    """After about half an hour of trying, with a sentence that says nothing was charged."""
    job = await bench.add(make_job())
    fault = bench.api.faults.add(**POST, status=429, times=-1, body={"code": "x", "message": "saturated", "data": None})
    started = bench.clock()
    async with bench.working():
        ended = await bench.rushed(job)
    assert ended.status is Status.FAILED
    assert "nothing was charged" in str(ended.reason)
    assert 15 <= fault.hits <= 30
    assert 1500 < ended.finished_at - started < 3600
    assert not any(call.created for call in bench.api.posts)


async def test_a_refused_request_fails_with_the_services_sentence(bench: Any, make_job: MakeJob):
    """400 at submit: nothing was created, and nothing would change if it were sent again."""
    job = await bench.add(make_job())
    body = {"code": "invalid_size", "message": "sora-2 size is invalid", "data": None}
    fault = bench.api.faults.add(**POST, status=400, body=body)
    async with bench.working():
        ended = await bench.settled(job)
    assert ended.status is Status.FAILED
    assert "size" in str(ended.reason)
    assert fault.hits == 1


async def test_a_cancel_before_the_post_is_free(bench: Any, make_job: MakeJob):
    """The person is quicker than the step that was about to send it."""
    job = make_job(
        submission=Submission(
            upstream="octopusx", submit_path="/v1/videos", fields={"image": "https://cdn/1"}, links=("image",)
        )
    )
    bench.place.hold = asyncio.Event()
    async with bench.working():
        await bench.add(job)
        await bench.until(job, lambda _: True)
        assert (await bench.store.cancel(job.id, job.destination.user_id)).status is Status.CANCELLED
        bench.wake()
        await bench.settled(job)
        bench.place.hold.set()
        await asyncio.sleep(0.05)
    assert bench.api.posts == []
    assert (await bench.store.get(job.id)).status is Status.CANCELLED


async def test_the_patience_of_a_submission_sets_its_deadline(bench: Any, make_job: MakeJob):
    """Off-peak jobs may take two days."""
    patient = make_job().submission.model_copy(update={"patient": True})
    jobs = [await bench.add(make_job()), await bench.add(make_job(submission=patient))]
    bench.api.faults.add("/v1/videos/", times=-1, status=503)
    async with bench.working():
        running = [await bench.until(job, Status.IN_PROGRESS) for job in jobs]
    assert [round(job.deadline_at - job.submitted_at) for job in running] == [3600, 7200]


async def test_submitting_rows_are_settled_without_a_key(bench: Any, make_job: MakeJob):
    """The key was taken away after the crash: the person is told all the same."""
    job = await bench.add(make_job(status=Status.SUBMITTING))
    async with bench.working(names=[]):
        assert (await bench.settled(job)).status is Status.UNCONFIRMED


async def test_whatever_goes_wrong_once_the_row_says_submitting_is_never_put_back(bench: Any, make_job: MakeJob):
    """A defect of ours while the request is written: nobody can say how far it came, so it is not repeated."""
    picture = InputFile.model_construct(field="image[]", name="a.png", content_type="image/png", data=b"x")
    broken = Submission(upstream="octopusx", submit_path="/v1/videos", fields={"image": "no array"}, files=(picture,))
    job = await bench.add(make_job(submission=broken))
    async with bench.working():
        ended = await bench.settled(job)
    assert ended.status is Status.UNCONFIRMED
    assert bench.api.posts == []
