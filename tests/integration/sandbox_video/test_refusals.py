"""The errors that every route can answer, byte for byte, and what is not routed."""

import json
import re

import aiohttp
import pytest

from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.sandbox_video.conftest import Client

SORA = {"model": "sora-2", "prompt": "x", "seconds": "8"}
REQUEST_ID = r"\d{20}[0-9A-Za-z]{8}"


def routing(message: str, code: str = "") -> str:
    """A pattern for an error of new-api's auth and routing layer, which carries the request's id."""
    return (
        re.escape('{"error":{"message":"' + message + " (request id: ")
        + REQUEST_ID
        + re.escape(')","type":"new_api_error","code":"' + code + '"}}')
    )


@pytest.mark.parametrize("bearer", [None, "Bearer sk-wrong", "Bearer "])
@pytest.mark.parametrize("path", ["/v1/videos/x", "/v1/videos/x/content", "/v1/models", "/api/usage/token/"])
async def test_a_wrong_key_is_401_on_every_route(api: VideoApiSandbox, path: str, bearer: str | None):
    """The body is new-api's, and carries the id that is also in the header."""
    headers = {"Authorization": bearer} if bearer is not None else {}
    async with aiohttp.ClientSession() as session, session.get(api.url + path, headers=headers) as answer:
        text = await answer.text()
        assert (answer.status, bool(re.fullmatch(routing("Invalid token"), text))) == (401, True)
        assert answer.headers["X-Oneapi-Request-Id"] in text


async def test_an_exhausted_key_is_401_in_mid_flight(client: Client):
    """A key that has run dry can no longer ask about tasks it has paid for, until it is filled again."""
    task = await client.made(**SORA)
    client.api.key_exhausted = True
    assert (await client.get(f"/v1/videos/{task.id}"))[0] == 401
    client.api.key_exhausted = False
    assert (await client.get(f"/v1/videos/{task.id}"))[0] == 200


@pytest.mark.parametrize(
    ("body", "status", "message", "code"),
    [
        ({"model": "nope", "prompt": "x"}, 503, "No available channel for model nope under group default (distributor)", "model_not_found"),
        ({"prompt": "x"}, 400, "Model name not specified, model name cannot be empty", ""),
        ({"model": 2, "prompt": "x"}, 400, "Invalid request: field model must be a string", ""),
    ],
)  # fmt: skip
async def test_a_request_that_cannot_be_routed(
    client: Client, body: dict[str, object], status: int, message: str, code: str
):
    """A wrong model looks like an outage; a missing one is a bad request."""
    answered, text = await client.post("/v1/videos", **body)
    assert (answered, bool(re.fullmatch(routing(message, code), text))) == (status, True), text


async def test_a_body_that_is_not_json(client: Client):
    """It is refused before anything else is looked at."""
    async with client.session.post(f"{client.api.url}/v1/videos", data=b"{") as answer:
        text = await answer.text()
    assert (answer.status, bool(re.fullmatch(routing("Invalid request: the body is not valid JSON"), text))) == (
        400,
        True,
    )


async def test_an_empty_account_is_403(client: Client):
    """The balance is checked before a task is made, in the localised words of new-api."""
    client.api.balance = 6_000
    assert await client.post("/v1/videos", **SORA) == (
        403,
        '{"code":"insufficient_user_quota","message":"用户额度不足, 剩余额度: \uff040.012000","data":null}',
    )
    assert client.api.tasks == {}


@pytest.mark.parametrize("path", ["/v1/videos/video_nope", "/v1/video/generations/video_nope"])
async def test_an_unknown_task_is_400(client: Client, path: str):
    """new-api answers 400 task_not_exist, not 404."""
    assert await client.get(path) == (400, '{"code":"task_not_exist","message":"task_not_exist","data":null}')


async def test_content_of_an_unknown_or_unfinished_task(still_client: Client):
    """E17: OpenAI's error shape without a code."""
    task = await still_client.made(**SORA)
    assert await still_client.get("/v1/videos/nope/content") == (
        404,
        '{"error":{"message":"Task not found","type":"invalid_request_error"}}',
    )
    assert await still_client.get(f"/v1/videos/{task.id}/content") == (
        400,
        '{"error":{"message":"Task is not completed yet, current status: NOT_START","type":"invalid_request_error"}}',
    )


@pytest.mark.parametrize("path", ["/v1/videos", "/v1/nothing", "/api/nothing"])
async def test_an_unrouted_api_path_is_404(client: Client, path: str):
    """new-api has no list of videos; the error names method and path, with or without a key."""
    assert await client.get(path) == (
        404,
        f'{{"error":{{"message":"Invalid URL (GET {path})","type":"invalid_request_error","param":"","code":""}}}}',
    )


async def test_any_other_path_is_a_web_page(client: Client):
    """A wrong base URL looks like success: 200 and HTML."""
    async with client.session.get(f"{client.api.url}/videos/x") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")


ODD_VALUES = (None, True, 0, -5, 2.5, "", "x", "99999", [], [None], [1], ["x"], {}, {"a": 1})
FIELDS = ("prompt", "image", "images", "input_reference", "last_image", "video", "size", "duration", "seconds")
MORE_FIELDS = ("metadata", "extra_body", "aspect_ratio", "resolution", "mode", "audio", "wm_position")


ONE_OF_EACH = ["veo_3_1", "sora-2", "viduq3-pro", "kling-v1", "veo-3", "MiniMax-Hailuo-02", "veo3.1-video-4k"]


@pytest.mark.parametrize(("model", "strict"), [*((model, False) for model in ONE_OF_EACH), ("sora-2", True)])
async def test_no_value_of_any_field_breaks_the_stand_in(client: Client, model: str, strict: bool):
    """Whatever stands in a field, the answer is an acceptance or a refusal in one of the gateway's shapes."""
    client.api.strict = strict
    client.api.next(insert_failed=True, times=1000)
    answers: set[int] = set()
    for field in FIELDS + MORE_FIELDS:
        for value in ODD_VALUES:
            status, text = await client.post("/v1/videos", **{"model": model, "prompt": "x", field: value})
            answers.add(status)
            assert json.loads(text), (field, value)
    assert answers == {200, 400}
