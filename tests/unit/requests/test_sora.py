"""Sora: the document's request, and the operator's list of seconds."""

from typing import Any

import pytest

from bot.errors import Refusal
from bot.requests.base import Limits
from bot.requests.sora import SoraRequest


def test_the_documents_example_gives_the_documented_body(make_image: Any):
    """The example comes out as printed, plus the integer duration."""
    request = SoraRequest.parse(
        {
            "prompt": "Cat nodding its head to music, heavy rain",
            "size": "720x1280",
            "seconds": 10,
            "audio": False,
            "image": make_image(b"BASE64_IMAGE"),
        }
    )
    submission = request.submission()
    assert submission.json_body() == {
        "model": "sora-2",
        "prompt": "Cat nodding its head to music, heavy rain",
        "size": "720x1280",
        "seconds": "10",
        "duration": 10,
        "input_reference": "data:image/png;base64,QkFTRTY0X0lNQUdF",
        "metadata": {
            "output_config": {"aspect_ratio": "9:16", "audio_generation": "Disabled", "resolution": "720P"},
        },
    }
    assert (submission.upstream, submission.submit_path, submission.encoding) == ("octopusx", "/v1/videos", "json")
    assert request.recipe() == {"model": "sora-2", "size": "720x1280", "seconds": "10"}
    assert request.notes() == ()


def test_what_is_not_given_is_chosen_aloud():
    """Size, ratio and seconds are always sent, so that no channel can choose otherwise."""
    assert SoraRequest.parse({"prompt": "a cat"}).submission().json_body() == {
        "model": "sora-2",
        "prompt": "a cat",
        "size": "720x1280",
        "seconds": "4",
        "duration": 4,
        "metadata": {"output_config": {"aspect_ratio": "9:16", "resolution": "720P"}},
    }


@pytest.mark.parametrize(
    ("width", "height", "size", "sent"),
    [
        (1600, 900, None, "1280x720"),
        (900, 1600, None, "720x1280"),
        (900, 900, None, "720x1280"),
        (1600, 900, "720x1280", "720x1280"),
    ],
)
def test_without_a_size_the_picture_decides(make_image: Any, width: int, height: int, size: str | None, sent: str):
    """A landscape picture makes a landscape video unless the person says otherwise."""
    request = SoraRequest.parse({"prompt": "a cat", "size": size, "image": make_image(width=width, height=height)})
    assert request.submission().fields["size"] == sent


def test_the_operator_chooses_the_seconds():
    """The list of the settings replaces the built-in one; its first is the default."""
    limits = Limits(sora_seconds=(8, 12))
    assert SoraRequest.parse({"prompt": "a cat"}, limits).submission().fields["seconds"] == "8"
    with pytest.raises(Refusal) as refusal:
        SoraRequest.parse({"prompt": "a cat", "seconds": 10}, limits)
    assert str(refusal.value) == "Sora makes 8 or 12 seconds: for 10 choose 8 or 12."


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"seconds": 5}, "Sora makes 4, 8, 10, 12 or 15 seconds: for 5 choose 4 or 8."),
        ({"seconds": 60}, "Sora makes 4, 8, 10, 12 or 15 seconds: for 60 choose 15."),
        ({"seconds": "ten"}, "seconds takes a whole number: choose one."),
        ({"size": "1024x1792"}, "size can be 720x1280 or 1280x720: choose one of these."),
    ],
)
def test_what_sora_does_not_make_is_refused(options: dict[str, Any], sentence: str):
    """A refusal is one sentence with the nearest valid choice."""
    with pytest.raises(Refusal) as refusal:
        SoraRequest.parse({"prompt": "a cat", **options})
    assert str(refusal.value) == sentence
