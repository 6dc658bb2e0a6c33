"""The documents' examples, typed in Discord, are saved as the documents have them."""

import pytest

from tests.integration.chat.options.conftest import FIRST, SECOND, Json, Saved, Typed

VIDEOS = ("octopusx", "/v1/videos", "json")
MULTIPART = ("octopusx", "/v1/videos", "multipart")
UNIFIED = ("octopusx", "/v1/video/generations", "json")
UNIALL = ("uniall", "/v1/video/generations", "json")

VEO = {"prompt": "Dance in the center of the square", "size": "720x1280", "seconds": 8, "audio": False}
SORA = "Cat nodding its head to music, heavy rain"
RETRIEVER = "A golden retriever running on the beach, with the camera smoothly tracking it"
KLING = {"model": "kling-v1", "prompt": RETRIEVER, "duration": 5, "size": "1280x720"}
SMILE = {"prompt": "Make the person smile and wave", "model": "kling-v1", "duration": 5}
BUTTERFLIES = "A cat chasing butterflies on the grass"
WALK = {"model": "viduq3-pro", "prompt": "Have the person walk forward and smile"}
FRAMES = ", subject, cameralanguage. "


def _output(ratio: str, **more: str) -> Json:
    return {"output_config": {"aspect_ratio": ratio, "resolution": "720P", **more}}


#: The documents' examples: the command, what is typed, and what is saved.
EXAMPLES: dict[str, tuple[str, Json, Saved]] = {
    "veo, without the picture that contradicts its size": (
        "veo",
        VEO | {"model": "veo_3_1-fast", "resolution": "720P"},
        Saved(
            to=VIDEOS,
            body={
                "model": "veo_3_1-fast",
                "prompt": "Dance in the center of the square",
                "size": "720x1280",
                "seconds": "8",
                "duration": 8,
                "metadata": _output("9:16", audio_generation="Disabled"),
            },
        ),
    ),
    "veo, its picture makes it landscape": (
        "veo",
        VEO | {"model": "veo_3_1-fast", "image": FIRST},
        Saved(
            to=VIDEOS,
            body={
                "model": "veo_3_1-fast",
                "prompt": "Dance in the center of the square",
                "size": "1280x720",
                "seconds": "8",
                "duration": 8,
                "input_reference": "data:first.png",
                "metadata": _output("16:9", audio_generation="Disabled"),
            },
            files=[("input_reference", "first.png", "image/png")],
        ),
    ),
    "sora": (
        "sora",
        {"prompt": SORA, "size": "720x1280", "seconds": 10, "audio": False, "image": FIRST},
        Saved(
            to=VIDEOS,
            body={
                "model": "sora-2",
                "prompt": SORA,
                "size": "720x1280",
                "seconds": "10",
                "duration": 10,
                "input_reference": "data:first.png",
                "metadata": _output("9:16", audio_generation="Disabled"),
            },
            files=[("input_reference", "first.png", "image/png")],
        ),
    ),
    "kling, from words": (
        "kling",
        KLING | {"style": "cinematic"},
        Saved(to=UNIFIED, body=KLING | {"seconds": "5", "metadata": {"style": "cinematic"}}),
    ),
    "kling, from words, as any model": (
        "video",
        KLING | {"metadata": '{"style": "cinematic"}'},
        Saved(to=UNIFIED, body=KLING | {"seconds": "5", "metadata": {"style": "cinematic"}}),
    ),
    "kling, from a picture": (
        "kling",
        SMILE | {"image": FIRST},
        Saved(
            to=UNIFIED,
            body=SMILE | {"seconds": "5", "image": "data:first.png"},
            files=[("image", "first.png", "image/png")],
        ),
    ),
    "vidu, from words": (
        "vidu",
        {"model": "viduq3-pro", "prompt": BUTTERFLIES, "aspect_ratio": "16:9", "duration": 5},
        Saved(
            to=MULTIPART, body={"model": "viduq3-pro", "prompt": BUTTERFLIES, "aspect_ratio": "16:9", "duration": "5"}
        ),
    ),
    "vidu, from a picture, whose shape wins": (
        "vidu",
        WALK | {"aspect_ratio": "9:16", "duration": 5, "image": FIRST},
        Saved(
            to=MULTIPART,
            body=WALK | {"duration": "5", "images": "data:first.png"},
            files=[("images", "first.png", "image/png")],
        ),
    ),
    "veo31 text": (
        "veo31 text",
        {
            "prompt": " camera, camera. ",
            "resolution": "1080p",
            "aspect_ratio": "16:9",
            "duration": 8,
            "audio": True,
            "negative_prompt": ", blur",
            "seed": 7,
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-video-1080p",
                "prompt": " camera, camera. ",
                "size": "1080p",
                "aspect_ratio": "16:9",
                "duration": 8,
                "extra_body": {"generate_audio": True, "negative_prompt": ", blur", "seed": 7},
            },
        ),
    ),
    "veo31 image": (
        "veo31 image",
        {
            "prompt": ", and. ",
            "image": FIRST,
            "resolution": "720p",
            "duration": 6,
            "audio": False,
            "negative_prompt": "artifacts, ",
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-video-720p",
                "prompt": ", and. ",
                "image": "link:first.png",
                "size": "720p",
                "duration": 6,
                "extra_body": {"generate_audio": False, "negative_prompt": "artifacts, "},
            },
        ),
    ),
    "veo31 frames": (
        "veo31 frames",
        {
            "prompt": FRAMES,
            "tier": "fast",
            "image": FIRST,
            "last_image": SECOND,
            "resolution": "1080p",
            "duration": 6,
            "audio": True,
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-fast-video-1080p",
                "prompt": FRAMES,
                "image": "link:first.png",
                "last_image": "link:second.png",
                "size": "1080p",
                "duration": 6,
                "extra_body": {"generate_audio": True},
            },
        ),
    ),
    "veo31 references": (
        "veo31 references",
        {
            "prompt": ", and. ",
            "image": FIRST,
            "image2": SECOND,
            "resolution": "1080p",
            "aspect_ratio": "9:16",
            "duration": 6,
            "audio": True,
            "seed": 11,
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-video-1080p",
                "prompt": ", and. ",
                "images": ["link:first.png", "link:second.png"],
                "size": "1080p",
                "aspect_ratio": "9:16",
                "duration": 6,
                "extra_body": {"generate_audio": True, "seed": 11},
            },
        ),
    ),
    "veo31 extend": (
        "veo31 extend",
        {
            "prompt": " video action, scenariostyle. ",
            "video_url": "https://example.com/source.mp4",
            "resolution": "720p",
            "negative_prompt": ", ",
            "seed": 9,
        },
        Saved(
            to=UNIALL,
            body={
                "model": "veo3.1-video-720p",
                "prompt": " video action, scenariostyle. ",
                "video": "https://example.com/source.mp4",
                "size": "720p",
                "extra_body": {"negative_prompt": ", ", "seed": 9},
            },
        ),
    ),
}


@pytest.mark.usefixtures("free_bot")
@pytest.mark.parametrize(("command", "options", "saved"), EXAMPLES.values(), ids=EXAMPLES)
async def test_a_documented_example_is_saved_as_the_documents_have_it(
    command: str, options: Json, saved: Saved, typed: Typed
):
    """Typed in Discord, the example becomes the documented request, whole, for the right service and path."""
    assert await typed(command, options) == saved
