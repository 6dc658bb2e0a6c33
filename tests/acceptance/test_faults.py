"""What people see when one of the two services misbehaves on the wire."""

import pytest

from tests.acceptance.stage import Stage

pytestmark = pytest.mark.unmeasured


async def test_a_lost_answer_ends_unconfirmed_with_exactly_one_post(stage: Stage):
    """The order arrived, its answer did not: nobody can know, so the person is asked and nothing is repeated."""
    stage.api.faults.add("^/v1/videos$", method="POST", after=True, drop=True)
    await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A hill of snow"})
    await stage.until(lambda: "Unconfirmed" in card.text())
    assert len(stage.api.posts) == len(stage.api.tasks) == 1
    assert [row["status"] for row in stage.rows()] == ["unconfirmed"]


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 502}, {"status": 503}, {"after": True, "drop": True}, {"drop": True}],
    ids=["500", "502", "503", "answer lost", "dropped before"],
)
async def test_a_result_appears_once_whatever_happens_to_its_post(stage: Stage, fault: dict):
    """Discord fails or its answer is lost while the video is posted: one message, and the card links to it."""
    stage.discord.faults.add(r"/channels/\d+/messages$", method="POST", **fault)
    await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A red kite"})
    await stage.until(lambda: "Done" in card.text())
    assert len(stage.results(card)) == 1
    assert len(stage.api.tasks) == 1


async def test_a_refused_key_pauses_the_service_and_keeps_its_jobs(stage: Stage):
    """A key that is refused mid-flight is the operator's matter: one line in the log, and the job waits."""
    stage.api.seconds_to_done = 3600
    await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A long road"})
    await stage.until(lambda: "Generating" in card.text())
    body = {"error": {"message": "Invalid token (request id: x)", "type": "new_api_error", "code": ""}}
    fault = stage.api.faults.add("^/v1/videos/", method="GET", status=401, body=body, times=-1)
    await fault.reached.wait()
    await stage.until(lambda: "action=upstream_paused" in (stage.folder / "bot.log").read_text())
    loud = [line for line in (stage.folder / "bot.log").read_text().splitlines() if "[warn" in line or "[error" in line]
    assert len(loud) == 1
    assert "Generating" in card.text()
    assert [row["status"] for row in stage.rows()] == ["in_progress"]


async def test_a_busy_service_is_asked_again_and_paid_once(stage: Stage):
    """429 and 503 prove that nothing was created: the POST is repeated and one video is made."""
    stage.api.faults.add("^/v1/videos$", method="POST", status=429, headers={"Retry-After": "0"})
    await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A busy street"})
    await stage.until(lambda: "Done" in card.text())
    assert len(stage.api.tasks) == 1
    assert len(stage.results(card)) == 1
    log = (stage.folder / "bot.log").read_text().splitlines()
    job = stage.rows()[0]["id"]
    assert [f"job={job}" in line for line in log if "api_submit_failed" in line] == [True]
    assert sum(f"job={job}" in line and "[info" in line for line in log) == 4  # ordered, submitted, made, delivered


async def test_a_failed_video_says_why_in_one_sentence(stage: Stage):
    """The provider's reason is on the card, and nothing internal is."""
    stage.api.next(fail="Your request was blocked by our moderation system.")
    await stage.start_bot()
    card = await stage.type("sora", {"prompt": "Something blocked", "seconds": 4})
    await stage.until(lambda: "Failed" in card.text())
    assert "Your request was blocked by our moderation system." in card.text()
    assert stage.api.key not in card.text()
    assert stage.results(card) == []
    (line,) = [line for line in (stage.folder / "bot.log").read_text().splitlines() if "action=job_failed" in line]
    assert "error='Your request was blocked by our moderation system'" in line
