"""UniAll's veo3.1-video-*: five ways to ask, links only."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.video_api.render import Renderer, Scene
from tests.integration.sandbox_video.conftest import Client, picture, refused

GENERATIONS = "/v1/video/generations"
TEXT = {
    "model": "veo3.1-video-1080p",
    "prompt": " camera, camera. ",
    "size": "1080p",
    "aspect_ratio": "16:9",
    "duration": 8,
    "extra_body": {"generate_audio": True, "negative_prompt": ", blur", "seed": 7},
}
IMAGE = {
    "model": "veo3.1-video-720p",
    "prompt": ", and. ",
    "image": "SHELF/a.png",
    "size": "720p",
    "aspect_ratio": "16:9",
    "duration": 6,
    "extra_body": {"generate_audio": False, "negative_prompt": "artifacts, "},
}
FRAMES = {
    "model": "veo3.1-fast-video-1080p",
    "prompt": ", subject, cameralanguage. ",
    "image": "SHELF/a.png",
    "last_image": "SHELF/b.png",
    "size": "1080p",
    "aspect_ratio": "16:9",
    "duration": 6,
    "extra_body": {"generate_audio": True},
}
REFERENCES = {
    "model": "veo3.1-video-1080p",
    "prompt": ", and. ",
    "images": ["SHELF/a.png", "SHELF/b.png"],
    "size": "1080p",
    "aspect_ratio": "9:16",
    "duration": 6,
    "extra_body": {"generate_audio": True, "seed": 11},
}


def on(shelf: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body with its links on the shelf."""
    return json.loads(json.dumps(body).replace("SHELF", shelf))


@pytest.mark.parametrize(
    ("body", "video", "colours"),
    [
        (TEXT, (1920, 1080, 8, True), ()),
        (IMAGE, (1280, 720, 6, False), ("red",)),
        (FRAMES, (1920, 1080, 6, True), ("red", "green")),
        (REFERENCES, (1080, 1920, 6, True), ("red", "green")),
        (TEXT | {"model": "veo3.1-video-4k", "size": "4k", "duration": "4"}, (3840, 2160, 4, True), ()),
    ],
)
async def test_a_documented_request_fetches_its_pictures_and_is_accepted(
    client: Client, shelf: str, body: dict[str, Any], video: tuple[int, int, int, bool], colours: tuple[str, ...]
):
    """The links are really fetched, and what stands there goes into the video."""
    status, text = await client.post(GENERATIONS, **on(shelf, body))
    task = next(iter(client.api.tasks.values()))
    assert (status, text) == (200, f'{{"task_id":"{task.id}"}}')
    plan = task.plan
    assert (plan.width, plan.height, plan.seconds, plan.audio) == video
    assert plan.pictures == tuple(picture(colour=colour) for colour in colours)


async def test_an_extension_fetches_the_video_and_adds_seven_seconds(client: Client, tmp_path: Path):
    """Its last frame is what the extension starts from; the duration in the document's example is not used."""
    scene = Scene(width=64, height=36, seconds=1, audio=False, prompt="x", model="x")
    source = await Renderer(tmp_path).render(scene)

    async def serve(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(source)

    app = web.Application()
    app.router.add_get("/source.mp4", serve)
    body = {"model": "veo3.1-video-720p", "prompt": "on", "size": "720p", "duration": 6}
    async with TestServer(app) as server:
        link = str(server.make_url("/source.mp4"))
        status, text = await client.post(GENERATIONS, video=link, **body)
        client.api.strict = True
        strict = await client.post(GENERATIONS, video=link, **body)

    assert status == 200, text
    plan = next(iter(client.api.tasks.values())).plan
    assert (plan.seconds, len(plan.pictures)) == (7, 1)
    assert strict == (400, refused("invalid_request", "duration is not supported for video extension"))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (TEXT | {"size": "720p"}, "size must be 1080p for model veo3.1-video-1080p"),
        (TEXT | {"aspect_ratio": "1:1"}, "aspect_ratio must be 16:9 or 9:16"),
        (TEXT | {"duration": 5}, "duration must be 4, 6 or 8"),
        (TEXT | {"duration": "6s"}, "duration must be 4, 6 or 8"),
        (TEXT | {"extra_body": "{}"}, "extra_body must be an object"),
        (TEXT | {"extra_body": {"generate_audio": "true"}}, "extra_body.generate_audio must be of type bool"),
        (TEXT | {"last_image": "SHELF/b.png"}, "last_image needs image"),
        (REFERENCES | {"image": "SHELF/a.png"}, "image, images and video exclude each other"),
        (REFERENCES | {"images": ["SHELF/a.png"]}, "images must hold 2 or 3 URLs"),
        (REFERENCES | {"images": ["SHELF/a.png"] * 4}, "images must hold 2 or 3 URLs"),
        (
            REFERENCES | {"model": "veo3.1-fast-video-1080p"},
            "fast models do not support multiple reference images",
        ),
        (IMAGE | {"image": "SHELF/dead.png?sig=1"}, "image failed to fetch SHELF/dead.png: status 404"),
        (IMAGE | {"image": "SHELF/text.png"}, "image is not a picture"),
        (
            IMAGE | {"image": "data:image/png;base64,AAAA"},
            "image must be an http(s) URL, got 'data:image/png;base64,AAAA'",
        ),
        (
            IMAGE | {"image": "http://127.0.0.1:1/a.png"},
            "image failed to fetch http://127.0.0.1:1/a.png: ClientConnectorError",
        ),
        (
            {"model": "veo3.1-video-720p", "prompt": "x", "video": "SHELF/a.png"},
            "video is not an MP4 video",
        ),
    ],
)
async def test_a_rule_of_the_document_is_kept(client: Client, shelf: str, body: dict[str, Any], message: str):
    """Each breach is a 400 that says which rule, and nothing is created."""
    answer = await client.post(GENERATIONS, **on(shelf, body))
    assert answer == (400, refused("invalid_request", message.replace("SHELF", shelf)))
    assert client.api.tasks == {}
