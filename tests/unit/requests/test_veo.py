"""Veo: the document's request, and the rules of a paid one."""

from typing import Any

import pytest

from bot.errors import Refusal
from bot.requests.veo import VeoRequest


def test_the_documents_example_gives_the_documented_body():
    """Without its picture, which contradicts its own size, the example comes out as printed, plus the integer duration."""
    request = VeoRequest.parse(
        {
            "model": "veo_3_1-fast",
            "prompt": "Dance in the center of the square",
            "size": "720x1280",
            "seconds": 8,
            "audio": False,
            "resolution": "720P",
        }
    )
    submission = request.submission()
    assert submission.json_body() == {
        "model": "veo_3_1-fast",
        "prompt": "Dance in the center of the square",
        "size": "720x1280",
        "seconds": "8",
        "duration": 8,
        "metadata": {
            "output_config": {"aspect_ratio": "9:16", "audio_generation": "Disabled", "resolution": "720P"},
        },
    }
    assert (submission.upstream, submission.submit_path, submission.poll_path, submission.encoding) == (
        "octopusx",
        "/v1/videos",
        "/v1/videos/{id}",
        "json",
    )
    assert (submission.links, submission.patient) == ((), False)
    assert request.notes() == ()


def test_the_documents_example_with_its_picture_is_sent_as_landscape(make_image: Any):
    """The document forces 16:9 with a picture, so its example's 720x1280 becomes 1280x720, and the person is told."""
    request = VeoRequest.parse(
        {
            "model": "veo_3_1-fast",
            "prompt": "Dance in the center of the square",
            "size": "720x1280",
            "seconds": 8,
            "audio": False,
            "image": make_image(b"BASE64_IMAGE"),
        }
    )
    assert request.submission().json_body() == {
        "model": "veo_3_1-fast",
        "prompt": "Dance in the center of the square",
        "size": "1280x720",
        "seconds": "8",
        "duration": 8,
        "input_reference": "data:image/png;base64,QkFTRTY0X0lNQUdF",
        "metadata": {
            "output_config": {"aspect_ratio": "16:9", "audio_generation": "Disabled", "resolution": "720P"},
        },
    }
    assert request.notes() == ("With a reference picture Veo always makes landscape videos: 1280x720 (16:9).",)
    assert request.recipe() == {"model": "veo_3_1-fast", "size": "1280x720", "seconds": "8"}


def test_several_pictures_are_an_array(make_image: Any):
    """Two or three pictures go as an array of data URIs, in their order, also where the first place is empty."""
    request = VeoRequest.parse({"prompt": "a cat", "image2": make_image(b"2"), "image3": make_image(b"3")})
    assert request.submission().json_body() == {
        "model": "veo_3_1",
        "prompt": "a cat",
        "size": "1280x720",
        "seconds": "8",
        "duration": 8,
        "input_reference": ["data:image/png;base64,Mg==", "data:image/png;base64,Mw=="],
        "metadata": {"output_config": {"aspect_ratio": "16:9", "resolution": "720P"}},
    }


@pytest.mark.parametrize(
    ("size", "sent", "ratio"),
    [("720x1280", "1080x1920", "9:16"), ("1280x720", "1920x1080", "16:9"), (None, "1920x1080", "16:9")],
)
def test_1080p_sends_the_size_of_1080p(size: str | None, sent: str, ratio: str):
    """Size and resolution never contradict each other."""
    request = VeoRequest.parse({"prompt": "a cat", "size": size, "resolution": "1080P", "audio": True, "seconds": 4})
    assert request.submission().json_body() == {
        "model": "veo_3_1",
        "prompt": "a cat",
        "size": sent,
        "seconds": "4",
        "duration": 4,
        "metadata": {
            "output_config": {"aspect_ratio": ratio, "audio_generation": "Enabled", "resolution": "1080P"},
        },
    }
    assert request.recipe() == {"model": "veo_3_1", "size": sent, "seconds": "4"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, True),
        ({"size": "720x1280"}, True),
        ({"size": "1280x720", "resolution": "1080P"}, True),
        ({"size": "1280x720"}, False),
    ],
)
def test_with_a_picture_the_person_is_told_unless_it_is_what_they_asked(
    make_image: Any, options: dict[str, Any], told: bool
):
    """Every request with a picture is 1280x720; the note is left out only where just that was chosen."""
    request = VeoRequest.parse({"prompt": "a cat", "image": make_image(), **options})
    body = request.submission().json_body()
    assert (body["size"], body["metadata"]) == (
        "1280x720",
        {"output_config": {"aspect_ratio": "16:9", "resolution": "720P"}},
    )
    assert bool(request.notes()) is told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"seconds": 5}, "Veo makes 4, 6 or 8 seconds: for 5 choose 4 or 6."),
        ({"seconds": 10}, "Veo makes 4, 6 or 8 seconds: for 10 choose 8."),
        ({"seconds": 1}, "Veo makes 4, 6 or 8 seconds: for 1 choose 4."),
        ({"size": "1280x721"}, "size can be 720x1280 or 1280x720: for 1280x721 choose 1280x720."),
        ({"resolution": "1080p"}, "resolution can be 720P or 1080P: for 1080p choose 1080P."),
        ({"model": "sora-2"}, "model can be veo_3_1 or veo_3_1-fast: choose one of these."),
        ({"style": "noir"}, "This command does not take style: leave it out."),
        ({"audio": "yes"}, "audio takes True or False: choose one."),
        ({"image": "cat.png"}, "image takes a picture: attach a PNG, JPEG or WebP."),
    ],
)
def test_what_veo_does_not_make_is_refused(options: dict[str, Any], sentence: str):
    """A refusal is one sentence with the nearest valid choice."""
    with pytest.raises(Refusal) as refusal:
        VeoRequest.parse({"prompt": "a cat", **options})
    assert str(refusal.value) == sentence
