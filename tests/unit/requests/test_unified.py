"""Kling and every other model: the documents' requests, and what is known of the models."""

from typing import Any

import pytest

from bot.errors import Refusal
from bot.requests.base import Limits
from bot.requests.unified import KlingRequest, UnifiedRequest

RETRIEVER = "A golden retriever running on the beach, with the camera smoothly tracking it"


def test_the_documents_example_through_kling():
    """The example comes out as printed, plus the seconds that some channels read instead of the duration."""
    request = KlingRequest.parse(
        {"model": "kling-v1", "prompt": RETRIEVER, "duration": 5, "size": "1280x720", "style": "cinematic"}
    )
    submission = request.submission()
    assert submission.json_body() == {
        "model": "kling-v1",
        "prompt": RETRIEVER,
        "duration": 5,
        "seconds": "5",
        "size": "1280x720",
        "metadata": {"style": "cinematic"},
    }
    assert (submission.upstream, submission.submit_path, submission.poll_path, submission.encoding) == (
        "octopusx",
        "/v1/video/generations",
        "/v1/videos/{id}",
        "json",
    )
    assert request.recipe() == {"model": "kling-v1", "size": "1280x720", "seconds": "5"}
    assert request.notes() == ()


def test_the_documents_example_through_video():
    """The general command gives the same body."""
    request = UnifiedRequest.parse(
        {
            "model": "kling-v1",
            "prompt": RETRIEVER,
            "duration": 5,
            "size": "1280x720",
            "metadata": '{"style": "cinematic"}',
        }
    )
    assert request.submission().json_body() == {
        "model": "kling-v1",
        "prompt": RETRIEVER,
        "duration": 5,
        "seconds": "5",
        "size": "1280x720",
        "metadata": {"style": "cinematic"},
    }


def test_the_documents_picture_example(make_image: Any):
    """One picture is a string under `image`; no size is sent, since Kling follows the picture."""
    options = {"prompt": "Make the person smile and wave", "image": make_image(), "duration": 5}
    body = {
        "model": "kling-v1",
        "prompt": "Make the person smile and wave",
        "image": "data:image/png;base64,cGljdHVyZQ==",
        "duration": 5,
        "seconds": "5",
    }
    assert KlingRequest.parse(options).submission().json_body() == body
    assert UnifiedRequest.parse({**options, "model": "kling-v1"}).submission().json_body() == body


def test_the_documents_veo_example_is_refused():
    """The document asks veo-3 for 5 seconds, which Veo does not make: it would be paid and fail."""
    with pytest.raises(Refusal) as refusal:
        UnifiedRequest.parse(
            {"model": "veo-3", "prompt": "A red sports car driving through a rainy night city", "duration": 5}
        )
    assert str(refusal.value) == "veo-3 makes 8 seconds: for 5 choose 8."


def test_several_pictures_are_an_array(make_image: Any):
    """Two or three pictures go under `images`, in their order."""
    pictures = {"image": make_image(b"1"), "image2": make_image(b"2"), "image3": make_image(b"3")}
    assert UnifiedRequest.parse({"model": "some-model", "prompt": "a cat", **pictures}).submission().json_body() == {
        "model": "some-model",
        "prompt": "a cat",
        "images": ["data:image/png;base64,MQ==", "data:image/png;base64,Mg==", "data:image/png;base64,Mw=="],
    }


def test_kling_chooses_length_and_shape_aloud():
    """Without a size the gateway makes Kling's videos square; 5 seconds are Kling's own default."""
    request = KlingRequest.parse({"prompt": "a cat"})
    assert request.submission().json_body() == {
        "model": "kling-v1",
        "prompt": "a cat",
        "duration": 5,
        "seconds": "5",
        "size": "1280x720",
    }
    assert request.recipe() == {"model": "kling-v1", "size": "1280x720", "seconds": "5"}


def test_klings_own_options_are_metadata():
    """Each goes under its own name; camera_control may be typed as Kling's own object."""
    options = {"prompt": "a cat", "negative_prompt": "blur", "style": "noir", "quality": "high"}
    camera: dict[str, Any] = {"type": "simple", "config": {"pan": 5}}
    metadata = {"style": "noir", "negative_prompt": "blur", "quality": "high"}
    typed = KlingRequest.parse({**options, "camera_control": '{"type": "simple", "config": {"pan": 5}}'})
    said = KlingRequest.parse({**options, "camera_control": "slow pan"})
    assert typed.submission().fields["metadata"] == {**metadata, "camera_control": camera}
    assert said.submission().fields["metadata"] == {**metadata, "camera_control": "slow pan"}


def test_an_unknown_model_is_sent_as_typed():
    """What this bot has never heard of is the gateway's to judge: nothing is added, nothing refused."""
    request = UnifiedRequest.parse({"model": "brand-new:v9", "prompt": "a cat", "duration": 7, "size": "16:9"})
    assert request.submission().json_body() == {
        "model": "brand-new:v9",
        "prompt": "a cat",
        "duration": 7,
        "seconds": "7",
        "size": "16:9",
    }
    assert request.notes() == ()
    bare = UnifiedRequest.parse({"model": "brand-new:v9", "prompt": "a cat"})
    assert bare.submission().json_body() == {"model": "brand-new:v9", "prompt": "a cat"}
    assert bare.recipe() == {"model": "brand-new:v9"}


def test_typed_metadata_loses_only_what_no_service_takes():
    """Half an emoji, as an old client may send it, would break the body."""
    request = UnifiedRequest.parse({"model": "m", "prompt": "a cat", "metadata": '{"style": "no\ud83dir", "cfg": 0.5}'})
    assert request.submission().fields["metadata"] == {"style": "noir", "cfg": 0.5}


@pytest.mark.parametrize(
    ("model", "size", "sent"),
    [
        ("kling-v1", "16:9", "1280x720"),
        ("kling-v1", "9:16", "720x1280"),
        ("Kling-2.6", "1:1", "1024x1024"),
        ("veo_3_1", "9:16", "720x1280"),
        ("sora-2", "16:9", "1280x720"),
    ],
)
def test_a_ratio_is_sent_in_pixels_to_a_model_that_takes_pixels(model: str, size: str, sent: str):
    """The gateway turns Kling's "16:9" into a square: the person gets the shape they asked for, and is told."""
    request = UnifiedRequest.parse({"model": model, "prompt": "a cat", "size": size})
    assert request.submission().fields["size"] == sent
    assert request.notes() == (f"{model} takes sizes in pixels: {size} is sent as {sent}.",)
    assert request.recipe()["size"] == sent


@pytest.mark.parametrize(
    ("model", "duration"),
    [
        ("kling-v1", 10),
        ("kling-v1-6", 5),
        ("Kling-2.6", 10),
        ("kling-v3", 3),
        ("Kling-3.0-Omni", 15),
        ("kling-next", 7),
        ("veo-3", 8),
        ("veo_3_1-fast", 4),
        ("veo3.1", 6),
        ("sora-2", 12),
    ],
)
def test_the_lengths_of_known_models_are_taken(model: str, duration: int):
    """Each known model with a length it makes."""
    fields = UnifiedRequest.parse({"model": model, "prompt": "a cat", "duration": duration}).submission().fields
    assert (fields["duration"], fields["seconds"]) == (duration, str(duration))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"model": "kling-v1", "duration": 7}, "kling-v1 makes 5 or 10 seconds: for 7 choose 5 or 10."),
        ({"model": "Kling-2.6", "duration": 15}, "Kling-2.6 makes 5 or 10 seconds: for 15 choose 10."),
        ({"model": "kling-v3", "duration": 2}, "kling-v3 makes 3 to 15 seconds: for 2 choose 3."),
        ({"model": "veo_3_1", "duration": 5}, "veo_3_1 makes 4, 6 or 8 seconds: for 5 choose 4 or 6."),
        ({"model": "sora-2", "duration": 5}, "sora-2 makes 4, 8, 10, 12 or 15 seconds: for 5 choose 4 or 8."),
        (
            {"model": "sora-2", "size": "1024x1024"},
            "The size for sora-2 can be 720x1280 or 1280x720: choose one of these.",
        ),
        (
            {"model": "kling-v1", "size": "1280x721"},
            "The size for kling-v1 can be 1280x720, 720x1280, 1024x1024, 1920x1080, 1080x1920 or 512x512: for 1280x721 choose 1280x720.",
        ),
        ({"model": "m", "metadata": "[1]"}, 'metadata takes a JSON object: write it like {"style": "cinematic"}.'),
        ({"model": "m", "metadata": "{style"}, 'metadata takes a JSON object: write it like {"style": "cinematic"}.'),
        (
            {"model": "m", "metadata": '{"a": NaN}'},
            'metadata takes a JSON object: write it like {"style": "cinematic"}.',
        ),
        (
            {"model": "m", "metadata": '{"a": 1e999}'},
            'metadata takes a JSON object: write it like {"style": "cinematic"}.',
        ),
        ({"model": "m", "metadata": "[" * 5000}, 'metadata takes a JSON object: write it like {"style": "cinematic"}.'),
        (
            {"model": "m", "metadata": '{"a":' * 32 + "1" + "}" * 32},
            'metadata takes a JSON object: write it like {"style": "cinematic"}.',
        ),
        (
            {"model": "m", "metadata": "[" * 6000},
            'metadata takes a JSON object: write it like {"style": "cinematic"}.',
        ),
        ({"model": "m", "metadata": "[" * 100_000}, "metadata may have at most 6,000 characters: shorten it."),
        ({"model": "m", "metadata": '{"a":"' + "x" * 2**20}, "metadata may have at most 6,000 characters: shorten it."),
        (
            {"model": "m", "metadata": '{"a": "\\ud800"}'},
            'metadata takes a JSON object: write it like {"style": "cinematic"}.',
        ),
        (
            {"model": "m", "metadata": '{"a": ' + "9" * 5000 + "}"},
            'metadata takes a JSON object: write it like {"style": "cinematic"}.',
        ),
        ({"model": "m", "duration": 0}, "duration starts at 1: choose 1 or more."),
        ({"model": "two words"}, "model may not hold spaces: choose one of those on offer."),
        ({"model": ""}, "model is empty: write something or leave it out."),
        ({}, "Please give model: this command needs it."),
        (
            {"model": "kling-v1", "prompt": "x" * 2501},
            "This model takes prompts of at most 2,500 characters: shorten yours by 1.",
        ),
    ],
)
def test_what_a_known_model_does_not_make_is_refused(options: dict[str, Any], sentence: str):
    """A refusal is one sentence with the nearest valid choice."""
    with pytest.raises(Refusal) as refusal:
        UnifiedRequest.parse({"prompt": "a cat", **options})
    assert str(refusal.value) == sentence


def test_kling_offers_only_sizes_that_kling_understands():
    """A bare ratio would come back as a square."""
    with pytest.raises(Refusal) as refusal:
        KlingRequest.parse({"prompt": "a cat", "size": "16:9"})
    assert str(refusal.value).startswith("size can be 1280x720, 720x1280, 1024x1024, 1920x1080, 1080x1920 or 512x512:")


def test_the_operators_seconds_hold_for_sora_here_too():
    """The same model by another command has the same limits."""
    limits = Limits(sora_seconds=(4,))
    with pytest.raises(Refusal) as refusal:
        UnifiedRequest.parse({"model": "sora-2", "prompt": "a cat", "duration": 10}, limits)
    assert str(refusal.value) == "sora-2 makes 4 seconds: for 10 choose 4."
