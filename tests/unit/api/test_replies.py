"""The tolerant reader: every documented body, every status word, and whatever bytes a service may send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.api.replies import Reply, State, read

CDN = "https://cdn.example/out.mp4"
NO_REASON = "no reason was given."


def reply(body: Any, **context: Any) -> Reply:
    """Read a body given as an object."""
    return read(json.dumps(body).encode(), **context)


def running(video_id: str | None, word: str, progress: int | None = None) -> Reply:
    """What a reply of a running job says."""
    return Reply(video_id=video_id, state=State.RUNNING, word=word, progress=progress)


def done(video_id: str | None, word: str, progress: int | None, url: str | None) -> Reply:
    """What a reply of a finished job says."""
    return Reply(video_id=video_id, state=State.DONE, word=word, progress=progress, video_url=url)


def failed(video_id: str | None, word: str, progress: int | None, reason: str) -> Reply:
    """What a reply of a failed job says."""
    return Reply(video_id=video_id, state=State.FAILED, word=word, progress=progress, reason=reason)


OBJECT = {
    "id": "video_abc123",
    "object": "video",
    "model": "veo_3_1-fast",
    "created_at": 1735689600,
    "expires_at": 1735776000,
    "seconds": "8",
    "size": "720x1280",
    "remixed_from_video_id": "",
    "error": {"message": "", "code": ""},
}
TASK = {
    "id": 4711,
    "created_at": 1768489641,
    "task_id": "task_x",
    "platform": "52",
    "user_id": 12,
    "group": "default",
    "channel_id": 3,
    "quota": 250000,
    "action": "textGenerate",
    "fail_reason": "",
    "properties": {"input": "", "upstream_model_name": "viduq3-pro"},
}
TIMED_OUT = "任务超时(1440分钟)"


def task(**data: Any) -> dict[str, Any]:
    """new-api's TaskDto in its wrapper."""
    return {"code": "success", "message": "", "data": TASK | data}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            {"id": "task_A", "task_id": "task_A", "object": "video", "status": "queued", "progress": 0},
            running("task_A", "queued", 0),
            id="submit, vendor channel",
        ),
        pytest.param(
            OBJECT | {"status": "queued", "progress": 0},
            running("video_abc123", "queued", 0),
            id="submit, pass-through channel",
        ),
        pytest.param({"task_id": "cgt-2026-x8k2m"}, running("cgt-2026-x8k2m", ""), id="submit, bare"),
        pytest.param(
            {"created_at": "2025-11-08T23:07:57.5+08:00", "status": "processing", "task_id": "48038932-0ff5"},
            running("48038932-0ff5", "processing"),
            id="submit, RFC 3339 time",
        ),
        pytest.param(
            {"id": "task_x", "object": "video", "model": "", "status": "unknown", "progress": 0, "completed_at": 17},
            running("task_x", "unknown", 0),
            id="right after submit",
        ),
        pytest.param(
            OBJECT | {"status": "processing", "progress": 50, "completed_at": 0, "video_url": ""},
            running("video_abc123", "processing", 50),
            id="running",
        ),
        pytest.param(
            OBJECT | {"status": "completed", "progress": 100, "video_url": CDN},
            done("video_abc123", "completed", 100, CDN),
            id="completed, video_url",
        ),
        pytest.param(
            {"id": "task_x", "status": "completed", "progress": 100, "metadata": {"url": CDN}},
            done("task_x", "completed", 100, CDN),
            id="completed, metadata.url",
        ),
        pytest.param(
            {"id": "task_x", "object": "video", "status": "completed", "progress": 100},
            done("task_x", "completed", 100, None),
            id="completed without a link",
        ),
        pytest.param(
            {
                "id": "video_abc123",
                "status": "failed",
                "progress": 0,
                "error": {
                    "message": "Your request was blocked by our moderation system.",
                    "code": "moderation_blocked",
                },
            },
            failed("video_abc123", "failed", 0, "Your request was blocked by our moderation system."),
            id="failed with a message",
        ),
        pytest.param(
            {"id": "t", "status": "failed", "error": {"message": "AuditSubmitIllegal", "code": "AuditSubmitIllegal"}},
            failed("t", "failed", None, "AuditSubmitIllegal."),
            id="failed, message is the code",
        ),
        pytest.param(
            {"id": "t", "status": "failed", "error": {"message": "", "code": "AuditSubmitIllegal"}},
            failed("t", "failed", None, "AuditSubmitIllegal."),
            id="failed with a code only",
        ),
        pytest.param(
            {"id": "task_x", "status": "failed", "progress": 100},
            failed("task_x", "failed", 100, NO_REASON),
            id="failed",
        ),
        pytest.param(
            {
                "error": {"message": "internal error", "type": "server_error", "param": None, "code": None},
                "id": "task_x",
            },
            running("task_x", ""),
            id="an error without a status",
        ),
        pytest.param(
            task(status="IN_PROGRESS", progress="30%", data={"state": "processing", "creations": []}),
            running("task_x", "IN_PROGRESS", 30),
            id="TaskDto, running",
        ),
        pytest.param(
            task(
                status="SUCCESS",
                progress="100%",
                result_url="https://octopusx.ai/v1/videos/task_x/content",
                data={"status": "completed", "video_url": CDN},
            ),
            done("task_x", "SUCCESS", 100, CDN),
            id="TaskDto, a direct link beside the content route",
        ),
        pytest.param(
            task(status="SUCCESS", progress="100%", result_url="http://localhost:3000/v1/videos/task_x/content"),
            done("task_x", "SUCCESS", 100, None),
            id="TaskDto, only the content route",
        ),
        pytest.param(
            task(
                status="FAILURE",
                progress="100%",
                fail_reason=TIMED_OUT,
                result_url=TIMED_OUT,
                data={"id": "video_up", "status": "in_progress", "progress": 40, "video_url": CDN},
            ),
            failed("task_x", "FAILURE", 100, "The video service gave up on it after too long."),
            id="TaskDto, failed though the upstream still runs",
        ),
        pytest.param(
            task(status="IN_PROGRESS", progress="30%", data={"status": "failed", "error": {"message": "no"}}),
            running("task_x", "IN_PROGRESS", 30),
            id="TaskDto, running though the upstream failed",
        ),
        pytest.param(
            task(status="SUCCESS", fail_reason=CDN), done("task_x", "SUCCESS", None, CDN), id="TaskDto, an old row"
        ),
        pytest.param(
            {
                "code": "success",
                "message": "",
                "data": {"task_id": "task_x", "status": "processing", "url": "", "metadata": None, "error": None},
            },
            running("task_x", "processing"),
            id="realtime wrapper, running",
        ),
        pytest.param(
            {"code": "success", "message": "", "data": {"task_id": "task_x", "status": "succeeded", "url": CDN}},
            done("task_x", "succeeded", None, CDN),
            id="realtime wrapper, done",
        ),
        pytest.param(
            {
                "code": "success",
                "message": "",
                "data": {"task_id": "t", "status": "failed", "url": "blocked by filter"},
            },
            failed("t", "failed", None, "blocked by filter."),
            id="realtime wrapper, the reason where the link would be",
        ),
        pytest.param(
            {"task_id": "abcd", "status": "completed", "url": CDN, "error": {"code": 0, "message": ""}},
            done("abcd", "completed", None, CDN),
            id="flat",
        ),
        pytest.param(
            {"id": "sora-2:task_01k", "status": "pending", "progress": "0", "detail": {"input": {"prompt": "x"}}},
            running("sora-2:task_01k", "pending", 0),
            id="query",
        ),
        pytest.param(
            {"code": "task_not_exist", "message": "task_not_exist", "data": None}, running(None, ""), id="an error body"
        ),
    ],
)
def test_every_documented_body_is_read(body: Any, expected: Reply):
    """Each shape of each route says the same few things."""
    assert reply(body) == expected


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.DONE, "completed complete success succeeded succeed done finished SUCCESS Completed"),
        (State.FAILED, "failed failure error FAILURE cancelled canceled expired rejected timeout Timeout"),
        (
            State.RUNNING,
            "unknown NOT_START pending submitted queued QUEUED queueing created processing in_progress brand-new 处理中",
        ),
    ],
)
def test_every_status_word_has_its_meaning(state: State, words: str):
    """In any case, flat and wrapped; a word nobody documented is a running job."""
    for word in words.split():
        assert reply({"id": "x", "status": f" {word} "}).state is state
        assert reply(task(status=word)).state is state


@pytest.mark.parametrize("status", ["", None, 3, True, [], {}])
def test_no_status_is_a_running_job(status: Any):
    """Empty, absent or of another type: the job's own deadline decides."""
    assert reply({"id": "x", "status": status}) == running("x", "")
    assert reply({"id": "x"}) == running("x", "")
