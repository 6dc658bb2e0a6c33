"""The wrappers of GET /v1/video/generations/{id}, the models and the balance, as the gateways write them."""

import json

import pytest

from tests.integration.sandbox_video.conftest import START, Client, Clock, filled, finished

NOW = int(START)
VEO = {"model": "veo_3_1-fast", "prompt": "x", "seconds": "8", "size": "720x1280"}
VIDU = {"model": "viduq3-pro", "prompt": "x"}
KLING = {"model": "kling-v1", "prompt": "x"}
GOOGLE = {"model": "veo-3.1-generate-preview", "prompt": "x"}


async def test_the_wrapper_of_a_running_task(still_client: Client, clock: Clock):
    """E12, running: the whole row, with the upstream's own words inside."""
    task = await still_client.made(**VIDU)
    clock.now = START + 30
    status, text = await still_client.get(f"/v1/video/generations/{task.id}")
    assert (status, text) == (
        200,
        filled(
            '{"code":"success","message":"","data":{"id":4711,"created_at":1768489641,"updated_at":1768489671,"task_id":"ID",'
            '"platform":"52","user_id":12,"group":"default","channel_id":3,"quota":250000,"action":"textGenerate",'
            '"status":"IN_PROGRESS","fail_reason":"","submit_time":1768489641,"start_time":1768489641,"finish_time":0,'
            '"progress":"34%","properties":{"input":"","upstream_model_name":"viduq3-pro","origin_model_name":"viduq3-pro"},'
            '"data":{"state":"processing","err_code":"","credits":0,"payload":"","creations":[]}}}',
            task,
        ),
    )


@pytest.mark.parametrize(
    ("body", "inner"),
    [
        (VEO, {"status": "completed", "video_url": "URL"}),
        (
            VIDU,
            {
                "state": "success",
                "err_code": "",
                "credits": 0,
                "payload": "",
                "creations": [{"id": "1", "url": "URL", "cover_url": ""}],
            },
        ),
        (
            KLING,
            {
                "code": 0,
                "data": {
                    "task_status": "succeed",
                    "task_result": {"videos": [{"id": "1", "url": "URL", "duration": "5.1"}]},
                },
            },
        ),
    ],
)
async def test_the_wrapper_of_a_finished_task(
    still_client: Client, clock: Clock, body: dict[str, str], inner: dict[str, object]
):
    """E12, success: the gateway's own link above, the upstream's link somewhere below."""
    task, url = await finished(still_client, clock, **body)
    _, text = await still_client.get(f"/v1/video/generations/{task.id}")
    data = json.loads(text)["data"]
    assert {name: data[name] for name in ("status", "fail_reason", "result_url", "progress", "finish_time")} == {
        "status": "SUCCESS",
        "fail_reason": "",
        "result_url": f"{still_client.api.url}/v1/videos/{task.id}/content",
        "progress": "100%",
        "finish_time": NOW + 149,
    }
    assert data["data"] == json.loads(json.dumps(inner).replace("URL", url))


async def test_the_wrapper_of_a_failed_task_has_the_reason_where_the_link_should_be(still_client: Client, clock: Clock):
    """E12, failure: new-api's `result_url` falls back to `fail_reason`, and the upstream still says in progress."""
    still_client.api.next(fail="任务超时（1440分钟）")  # noqa: RUF001 - new-api's own words
    task = await still_client.made(**VEO)
    clock.now = START + 149
    _, text = await still_client.get(f"/v1/video/generations/{task.id}")
    data = json.loads(text)["data"]
    assert (data["status"], data["fail_reason"], data["result_url"]) == ("FAILURE", *["任务超时（1440分钟）"] * 2)  # noqa: RUF001
    assert data["data"] == {"id": "video_up", "status": "in_progress", "progress": 40}


@pytest.mark.parametrize(
    ("fail", "after", "word", "url"),
    [(None, 47, "processing", ""), (None, 149, "succeeded", "PROXY"), ("Why", 149, "failed", "Why")],
)
async def test_the_realtime_wrapper(
    still_client: Client, clock: Clock, fail: str | None, after: float, word: str, url: str
):
    """E13: its own words, an error that is always null, and the reason in the link's place."""
    still_client.api.next(fail=fail)
    task = await still_client.made(**GOOGLE)
    await still_client.api.wait_for(lambda: fail or task.ready_at)
    clock.now = START + after
    url = url.replace("PROXY", f"{still_client.api.url}/v1/videos/{task.id}/content")
    assert await still_client.get(f"/v1/video/generations/{task.id}") == (
        200,
        (
            f'{{"code":"success","message":"","data":{{"task_id":"{task.id}","status":"{word}","url":"{url}","format":"mp4",'
            '"metadata":null,"error":null}}'
        ),
    )


async def test_the_balance(still_client: Client):
    """E18: `code` is a boolean here, and what was spent has moved from available to used."""
    still_client.api.granted = 1_000_000
    await still_client.made(**VIDU)
    assert await still_client.get("/api/usage/token/") == (
        200,
        (
            '{"code":true,"message":"ok","data":{"object":"token_usage","name":"default-token","total_granted":1000000,'
            '"total_used":250000,"total_available":750000,"unlimited_quota":false,"model_limits":{},"model_limits_enabled":false,'
            '"expires_at":0}}'
        ),
    )


async def test_the_models(still_client: Client):
    """The list holds what the key may use; an unknown model is OpenAI's 404."""
    still_client.api.models = ["sora-2"]
    one = '{"id":"sora-2","object":"model","created":1626777600,"owned_by":"custom"}'
    assert await still_client.get("/v1/models") == (200, '{"success":true,"object":"list","data":[' + one + "]}")
    assert await still_client.get("/v1/models/sora-2") == (200, one)
    assert await still_client.get("/v1/models/nope") == (
        404,
        (
            '{"error":{"message":"The model \'nope\' does not exist","type":"invalid_request_error","param":"model",'
            '"code":"model_not_found"}}'
        ),
    )
