"""What OctopusX's documents show is accepted, and what they forbid is refused with the right body."""

import json
from typing import Any

import aiohttp
import pytest

from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.sandbox_video.conftest import Client, data_uri, picture, refused

OUTPUT_CONFIG = {"aspect_ratio": "9:16", "audio_generation": "Disabled", "resolution": "720P"}
VEO = {
    "model": "veo_3_1-fast",
    "prompt": "Dance in the center of the square",
    "size": "720x1280",
    "seconds": "8",
    "input_reference": data_uri(picture()),
    "metadata": {"output_config": OUTPUT_CONFIG},
}
SORA = {
    "model": "sora-2",
    "prompt": "Cat nodding its head to music, heavy rain",
    "size": "720x1280",
    "seconds": "10",
    "input_reference": data_uri(picture()),
    "metadata": {"output_config": OUTPUT_CONFIG},
}
KLING = {
    "model": "kling-v1",
    "prompt": "A golden retriever running on the beach, with the camera smoothly tracking it",
    "duration": 5,
    "size": "1280x720",
    "metadata": {"style": "cinematic"},
}
PORTRAIT = {
    "model": "kling-v1",
    "prompt": "Make the person smile and wave",
    "image": data_uri(picture()),
    "duration": 5,
}
VEO_3 = {"model": "veo-3", "prompt": "A red sports car driving through a rainy night city", "seconds": "5"}


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    """The body less one field."""
    return {key: value for key, value in body.items() if key != name}


def refused_upstream(message: str, param: str) -> str:
    """The same where the service behind the gateway refused: its JSON nested as text."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": "invalid_value"}
    return refused("fail_to_fetch_task", json.dumps({"error": error}, separators=(",", ":")))


@pytest.mark.parametrize(
    ("path", "body", "video"),
    [
        # OctopusX forces a reference picture to 16:9, though its example asks for 720x1280
        ("/v1/videos", VEO, (1280, 720, 8, False, 1)),
        ("/v1/videos", without(VEO, "input_reference"), (720, 1280, 8, False, 0)),
        ("/v1/videos", VEO | {"input_reference": [data_uri(picture())] * 3}, (1280, 720, 8, False, 3)),
        ("/v1/videos", without(VEO, "metadata") | {"seconds": 6, "duration": 6}, (1280, 720, 6, True, 1)),
        ("/v1/videos", SORA, (720, 1280, 10, False, 1)),
        ("/v1/videos", {"model": "sora-2", "prompt": "x"}, (720, 1280, 4, True, 0)),
        ("/v1/video/generations", KLING, (1280, 720, 5, False, 0)),
        ("/v1/video/generations", KLING | {"size": "16:9"}, (720, 720, 5, False, 0)),
        ("/v1/video/generations", PORTRAIT, (1280, 720, 5, False, 1)),
        ("/v1/video/generations", KLING | {"images": [data_uri(picture())] * 2}, (1280, 720, 5, False, 2)),
        (
            "/v1/video/generations",
            {"model": "MiniMax-Hailuo-02", "prompt": "x", "duration": 6, "size": "720x1280"},
            (720, 1280, 6, False, 0),
        ),
        # `seconds` is billed but never sent to Google, whose default is 8
        ("/v1/video/generations", VEO_3, (1280, 720, 8, True, 0)),
    ],
)
async def test_a_documented_request_becomes_the_video_it_asks_for(
    client: Client, path: str, body: dict[str, Any], video: tuple[int, int, int, bool, int]
):
    """Size, length, sound and the number of reference pictures are those the real service would make."""
    status, text = await client.post(path, **body)
    assert status == 200, text
    task = next(iter(client.api.tasks.values()))
    plan = task.plan
    assert (plan.width, plan.height, plan.seconds, plan.audio, len(plan.pictures)) == video
    assert (task.request, client.api.posts[0].json) == (body, body)


async def test_a_reference_picture_may_be_a_link(client: Client, shelf: str):
    """The stand-in fetches it, so a dead link is found out."""
    task = await client.made(**VEO | {"input_reference": f"{shelf}/a.png"})
    dead = await client.post("/v1/videos", **VEO | {"input_reference": f"{shelf}/dead.png"})

    assert task.plan.pictures == (picture(colour="red"),)
    assert dead[0] == 400
    assert "dead.png: status 404" in json.loads(dead[1])["message"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (
            VEO | {"seconds": "5"},
            refused_upstream("Invalid value: '5'. Supported values are: '4', '6', and '8'.", "seconds"),
        ),
        (VEO | {"prompt": " "}, refused("invalid_request", "prompt is required")),
        (without(VEO, "prompt"), refused("invalid_request", "prompt is required")),
        (VEO | {"duration": 3601}, refused("invalid_seconds", "seconds must be between 1 and 3600")),
        (
            VEO | {"size": 720},
            refused("invalid_json", "json: cannot unmarshal number into Go struct field .size of type string"),
        ),
        (SORA | {"size": "1920x1080"}, refused("invalid_size", "sora-2 size is invalid")),
        (
            SORA | {"seconds": "7"},
            refused_upstream("Invalid value: '7'. Supported values are: '4', '8', '10', '12', and '15'.", "seconds"),
        ),
        (KLING | {"duration": 7}, refused("task_failed", "duration must be one of 5, 10")),
        (
            KLING | {"images": "one"},
            refused("invalid_request", "json: cannot unmarshal string into Go struct field .images of type []string"),
        ),
    ],
)
async def test_a_wrong_request_is_refused_as_the_gateway_does(client: Client, body: dict[str, Any], answer: str):
    """Status 400, the exact body, nothing created and nothing charged."""
    before = client.api.balance
    assert await client.post("/v1/videos", **body) == (400, answer)
    assert (client.api.tasks, client.api.balance) == ({}, before)
    assert [call.created for call in client.api.posts] == [False]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (
            SORA | {"seconds": 8},
            refused("invalid_json", "json: cannot unmarshal number into Go struct field .seconds of type string"),
        ),
        (
            VEO | {"input_reference": [data_uri(picture())]},
            refused(
                "invalid_json", "json: cannot unmarshal array into Go struct field .input_reference of type string"
            ),
        ),
        (SORA, refused_upstream("Invalid value: '10'. Supported values are: '4', '8', and '12'.", "seconds")),
    ],
)
async def test_stock_new_api_is_stricter(client: Client, body: dict[str, Any], answer: str):
    """What OctopusX's fork takes, stock new-api refuses: numbers, arrays, and Sora's longer videos."""
    assert (await client.post("/v1/videos", **body))[0] == 200
    client.api.strict = True
    assert await client.post("/v1/videos", **body) == (400, answer)


def vidu_form(data: bytes | None = None, content_type: str = "image/png", **fields: str) -> aiohttp.FormData:
    """The documented form, with a picture as the file part `images`."""
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in ({"model": "viduq3-pro", "prompt": "A cat", "duration": "5"} | fields).items():
        form.add_field(name, value)
    if data is not None:
        form.add_field("images", data, filename="image.png", content_type=content_type)
    return form


@pytest.mark.parametrize(
    ("form", "video"),
    [
        (vidu_form(aspect_ratio="16:9"), (1280, 720, 5, False)),
        (vidu_form(aspect_ratio="3:4", resolution="540p", audio="true", duration="16"), (540, 720, 16, True)),
        (vidu_form(picture(300, 600), aspect_ratio="16:9", audio="false"), (720, 1440, 5, False)),
        (vidu_form(model="viduq2-turbo", resolution="1080p", duration="10", bgm="true"), (1920, 1080, 10, True)),
    ],
)
async def test_vidus_documented_forms_are_accepted(
    client: Client, form: aiohttp.FormData, video: tuple[int, int, int, bool]
):
    """A form makes the video it asks for; with a picture the video follows the picture's ratio."""
    async with client.session.post(f"{client.api.url}/v1/videos", data=form) as answer:
        assert answer.status == 200, await answer.text()
    plan = next(iter(client.api.tasks.values())).plan
    assert (plan.width, plan.height, plan.seconds, plan.audio) == video


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (vidu_form(model="viduq2-pro", duration="11"), "duration must be between 1 and 10"),
        (vidu_form(duration="17"), "duration must be between 1 and 16"),
        (vidu_form(resolution="4k"), "resolution or aspect_ratio is not supported"),
        (vidu_form(aspect_ratio="21:9"), "resolution or aspect_ratio is not supported"),
        (vidu_form(watermark="true", wm_position="5"), "wm_position must be 1, 2, 3 or 4"),
        (vidu_form(picture(500, 100)), "image aspect ratio must be between 1:4 and 4:1"),
        (vidu_form(picture(kind="GIF")), "image format is not supported"),
    ],
)
async def test_vidu_refuses_what_its_document_forbids(client: Client, form: aiohttp.FormData, message: str):
    """Each limit of the document is a 400 task_failed with a reason."""
    async with client.session.post(f"{client.api.url}/v1/videos", data=form) as answer:
        assert (answer.status, await answer.text()) == (400, refused("task_failed", message))


async def test_vidu_takes_one_picture(client: Client):
    """Two in one form are refused; so is a part that calls itself a picture and is none."""
    two = vidu_form(picture())
    two.add_field("images", picture(), filename="another.png", content_type="image/png")
    async with client.session.post(f"{client.api.url}/v1/videos", data=two) as answer:
        assert (answer.status, await answer.text()) == (400, refused("task_failed", "only 1 image is supported"))
    async with client.session.post(f"{client.api.url}/v1/videos", data=vidu_form(b"no picture")) as answer:
        assert answer.status == 400
        assert "Invalid reference image" in await answer.text()
    assert client.api.tasks == {}


async def test_stock_new_api_makes_a_string_of_vidus_bgm(client: Client):
    """A form's "true" reaches the vendor's struct as text, which fails on the gateway's own side."""
    client.api.strict = True
    wrong = "json: cannot unmarshal string into Go struct field .bgm of type bool"
    async with client.session.post(f"{client.api.url}/v1/videos", data=vidu_form(bgm="true")) as answer:
        assert (answer.status, await answer.text()) == (500, refused("build_request_failed", wrong))
    async with client.session.post(f"{client.api.url}/v1/videos", data=vidu_form()) as answer:
        assert answer.status == 200


async def test_a_text_part_images_is_refused_by_stock_new_api(client: Client):
    """Stock new-api decodes the form's one text into an array and fails; the fork takes it."""
    form = {"images": data_uri(picture())}
    async with client.session.post(f"{client.api.url}/v1/videos", data=vidu_form(None, **form)) as answer:
        assert answer.status == 200
    client.api.strict = True
    async with client.session.post(f"{client.api.url}/v1/videos", data=vidu_form(None, **form)) as answer:
        wrong = "json: cannot unmarshal string into Go struct field .images of type []string"
        assert (answer.status, await answer.text()) == (400, refused("invalid_request", wrong))


async def test_a_urlencoded_form_is_accepted(client: Client):
    """The third encoding new-api reads."""
    form = {"model": "sora-2", "prompt": "a cat", "seconds": "8"}
    async with client.session.post(f"{client.api.url}/v1/videos", data=form) as answer:
        assert answer.status == 200
    assert [(part.name, part.text) for part in client.api.posts[0].parts] == list(form.items())


async def test_a_remix_takes_a_prompt_and_a_known_video(client: Client):
    """It makes a new, charged video of the same plan that names its origin."""
    origin = await client.made(**without(VEO, "input_reference"))
    status, text = await client.post(f"/v1/videos/{origin.id}/remix", prompt="the same at night")
    remix = list(client.api.tasks.values())[-1]

    assert (status, json.loads(text)["id"], json.loads(text)["remixed_from_video_id"]) == (200, remix.id, origin.id)
    assert (remix.plan, remix.model, remix.request) == (origin.plan, origin.model, {"prompt": "the same at night"})
    assert await client.post(f"/v1/videos/{origin.id}/remix", prompt="") == (
        400,
        refused("invalid_request", "prompt is required"),
    )
    assert await client.post("/v1/videos/video_nope/remix", prompt="x") == (
        400,
        refused("task_not_exist", "task_origin_not_exist"),
    )
    assert [call.created for call in client.api.posts] == [True, True, False, False]


async def test_a_model_put_on_the_list_by_hand_is_served(client: Client):
    """A new vendor of the unified route can be tried before the stand-in has heard of it."""
    client.api.models.append("brand-new-1")
    task = await client.made(model="brand-new-1", prompt="x", duration=7)
    assert (task.family, task.plan.seconds) == ("other", 7)
    assert (await client.get(f"/v1/videos/{task.id}"))[0] == 200


def test_the_stand_in_knows_every_documented_model(api: VideoApiSandbox):
    """All models of the five documents are on the list."""
    documented = {"veo_3_1", "veo_3_1-fast", "sora-2", "viduq3-pro", "viduq2-pro", "viduq2-turbo", "kling-v1", "veo-3"}
    documented |= {f"veo3.1{fast}-video-{tier}" for fast in ("", "-fast") for tier in ("720p", "1080p", "4k")}
    assert documented <= set(api.models)
