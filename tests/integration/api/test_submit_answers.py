"""What each answer to a submission means, over real sockets: every status of new-api, and those of what stands before it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.api.client import VideoApi
from bot.api.errors import Ambiguous, ApiError, Busy, Rejected, Unauthorized
from bot.requests.base import Submission
from tests.integration.api.conftest import NGINX, Wire, openai, task

VEO = Submission(upstream="octopusx", submit_path="/v1/videos", fields={"model": "veo_3_1", "prompt": "a cat"})


@pytest.mark.parametrize(
    ("status", "body", "error", "sentence"),
    [
        (400, task("invalid_size", "sora-2 size is invalid"), Rejected, "sora-2 size is invalid."),
        (400, task("invalid_json", "json: cannot unmarshal number into Go struct field .seconds"), Rejected, "change"),
        (400, task("invalid_request", "prompt is required"), Rejected, "prompt is required."),
        (400, task("task_failed", "内容违规"), Rejected, "内容违规"),
        (400, task("task_not_exist", "task_origin_not_exist"), Rejected, "does not know this video"),
        (400, task("fail_to_fetch_task", json.dumps(openai("Use '4' or '8'."))), Rejected, "Use '4' or '8'."),
        (400, openai("Model name not specified, request id: 20260712"), Rejected, "Model name not specified"),
        (401, openai("Invalid token (request id: 2026)"), Unauthorized, "operator"),
        (401, task("fail_to_fetch_task", "Incorrect API key provided"), Busy, "busy"),
        (403, openai("User banned"), Unauthorized, "operator"),
        (403, openai("no access", code="access_denied"), Unauthorized, "operator"),
        (403, openai("This token has no access to model veo_3_1"), Rejected, "model"),
        (403, task("insufficient_user_quota", "用户额度不足, 剩余额度: 0.012000"), Unauthorized, "operator"),
        (403, task("pre_consume_token_quota_failed", "x"), Unauthorized, "operator"),
        (403, task("fail_to_fetch_task", "forbidden"), Busy, "busy"),
        (403, task("fail_to_fetch_task", json.dumps(openai("Blocked by our safety system."))), Rejected, "safety"),
        (404, task("fail_to_fetch_task", "no such deployment"), Busy, "busy"),
        (404, openai("Invalid URL (POST /v1/videos)", "invalid_request_error"), Rejected, "base URL"),
        (404, openai("The model does not exist", code="model_not_found"), Rejected, "model"),
        (413, task("read_request_body_failed", "too large"), Rejected, "picture is too large"),
        (413, NGINX, Rejected, "picture is too large"),
        (429, task("fail_to_fetch_task", "当前分组上游负载已饱和"), Busy, "busy"),
        (429, b"", Busy, "busy"),
        (429, NGINX, Busy, "busy"),
        (500, task("build_request_failed", "bad bgm"), Rejected, "bad bgm"),
        (500, task("do_request_failed", 'Post "https://***.com/v1/videos": deadline'), Ambiguous, "may be charged"),
        (500, task("read_response_body_failed"), Ambiguous, "may be charged"),
        (500, task("unmarshal_response_body_failed"), Ambiguous, "may be charged"),
        (500, task("unmarshal_response_failed"), Ambiguous, "may be charged"),
        (500, task("invalid_response"), Ambiguous, "may be charged"),
        (500, task("get_channel_failed"), Ambiguous, "may be charged"),
        (500, task("fail_to_fetch_task", "oops"), Ambiguous, "may be charged"),
        (500, openai("Panic detected", "new_api_panic"), Ambiguous, "may be charged"),
        (501, task("not_implemented", "no converter"), Rejected, "no converter"),
        (502, NGINX, Ambiguous, "may be charged"),
        (502, task("fail_to_fetch_task", "oops"), Ambiguous, "may be charged"),
        (503, openai("No available channel for model x under group y", code="model_not_found"), Rejected, "model"),
        (503, openai("System is overloaded"), Busy, "busy"),
        (503, NGINX, Ambiguous, "may be charged"),
        (503, {"message": "Service Unavailable"}, Ambiguous, "may be charged"),
        (504, NGINX, Ambiguous, "may be charged"),
        (522, NGINX, Ambiguous, "may be charged"),
        (408, task("fail_to_fetch_task", "timeout"), Ambiguous, "may be charged"),
        (400, NGINX, Ambiguous, "may be charged"),
        (401, b"", Ambiguous, "may be charged"),
        (302, b"", Ambiguous, "may be charged"),
        (308, b"", Rejected, "base URL"),
        (200, NGINX, Ambiguous, "may be charged"),
        (200, b"", Ambiguous, "may be charged"),
        (200, {"status": "queued"}, Ambiguous, "may be charged"),
        (200, openai("internal error"), Ambiguous, "may be charged"),
    ],
)
async def test_each_answer_has_its_meaning(
    status: int, body: Any, error: type[ApiError], sentence: str, api: VideoApi, wire: Wire
):
    """Only answers that prove that nothing was created may be repeated; and no answer makes the client POST again."""
    headers = {"X-Oneapi-Request-Id": "2026ABC", "Location": f"{wire.url}/elsewhere"}
    wire.will(status, body, headers=headers)
    with pytest.raises(ApiError) as raised:
        await api.submit(VEO)
    assert (type(raised.value), raised.value.status) == (error, status)
    assert raised.value.request_id == "2026ABC"
    assert sentence in str(raised.value)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_an_answer_with_an_id_is_a_success_whatever_else_it_says(status: int, api: VideoApi, wire: Wire):
    """An id is a video in the making, even beside an error object and without a status."""
    wire.will(status, {"error": {"message": "internal error"}, "id": "task_x"})
    assert (await api.submit(VEO)).video_id == "task_x"


async def test_retry_after_is_carried_and_capped(api: VideoApi, wire: Wire):
    """A proxy's Retry-After reaches the caller in seconds."""
    for value in ("7", "86400"):
        wire.will(429, b"", headers={"Retry-After": value})
    with pytest.raises(Busy) as short:
        await api.submit(VEO)
    with pytest.raises(Busy) as long:
        await api.submit(VEO)
    assert (short.value.retry_after, long.value.retry_after) == (7, 120)


async def test_no_error_and_no_repr_shows_the_key(api: VideoApi, wire: Wire):
    """What is printed, logged or raised holds no part of the key, even where the service repeats it."""
    wire.will(400, task("invalid_request", "bad key sk-secret0key0of0the0operator for this"))
    with pytest.raises(Rejected) as raised:
        await api.submit(VEO)
    assert repr(api) == f"VideoApi('octopusx', '{wire.url}')"
    assert "secret" not in repr(api) + repr(raised.value) + str(vars(raised.value))
