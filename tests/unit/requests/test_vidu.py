"""Vidu: the exact parts of the multipart body, and the rules of each model."""

from typing import Any

import pytest

from bot.errors import Refusal
from bot.requests.base import InputFile, Limits
from bot.requests.vidu import ViduRequest


def test_the_documents_text_example_gives_the_documented_parts():
    """`-F model -F prompt -F aspect_ratio -F duration`, and nothing else."""
    request = ViduRequest.parse(
        {
            "model": "viduq3-pro",
            "prompt": "A cat chasing butterflies on the grass",
            "aspect_ratio": "16:9",
            "duration": 5,
        }
    )
    submission = request.submission()
    assert submission.text_parts() == {
        "model": "viduq3-pro",
        "prompt": "A cat chasing butterflies on the grass",
        "aspect_ratio": "16:9",
        "duration": "5",
    }
    assert submission.files == ()
    assert (submission.upstream, submission.submit_path, submission.encoding, submission.patient) == (
        "octopusx",
        "/v1/videos",
        "multipart",
        False,
    )
    assert request.recipe() == {"model": "viduq3-pro", "aspect ratio": "16:9", "seconds": "5"}
    assert request.notes() == ()


def test_the_documents_picture_example_leaves_out_the_ratio(make_image: Any):
    """A file part `images` with name and type; the example's 9:16 has no effect beside a picture, and the person is told."""
    image = make_image()
    request = ViduRequest.parse(
        {
            "model": "viduq3-pro",
            "prompt": "Have the person walk forward and smile",
            "aspect_ratio": "9:16",
            "duration": 5,
            "image": image,
        }
    )
    submission = request.submission()
    assert submission.text_parts() == {
        "model": "viduq3-pro",
        "prompt": "Have the person walk forward and smile",
        "duration": "5",
    }
    assert submission.files == (InputFile.of("images", image),)
    (file,) = submission.files
    assert (file.field, file.name, file.content_type, file.data) == ("images", "cat.png", "image/png", b"picture")
    assert request.notes() == ("Vidu keeps the shape of your picture: the aspect ratio 9:16 is not used.",)
    assert request.recipe() == {"model": "viduq3-pro", "seconds": "5"}


def test_every_option_has_its_part():
    """Booleans are written true and false, numbers in digits."""
    request = ViduRequest.parse(
        {
            "model": "viduq2-turbo",
            "prompt": "a cat",
            "aspect_ratio": "3:4",
            "duration": 8,
            "resolution": "1080p",
            "audio": True,
            "voice_id": "calm",
            "is_rec": False,
            "bgm": True,
            "seed": 7,
            "off_peak": True,
            "watermark": True,
            "wm_position": 3,
            "wm_url": "https://example.com/logo.png",
        }
    )
    submission = request.submission()
    assert submission.text_parts() == {
        "model": "viduq2-turbo",
        "prompt": "a cat",
        "aspect_ratio": "3:4",
        "duration": "8",
        "resolution": "1080p",
        "audio": "true",
        "voice_id": "calm",
        "is_rec": "false",
        "bgm": "true",
        "seed": "7",
        "off_peak": "true",
        "watermark": "true",
        "wm_position": "3",
        "wm_url": "https://example.com/logo.png",
    }
    assert submission.patient
    assert request.recipe() == {
        "model": "viduq2-turbo",
        "aspect ratio": "3:4",
        "resolution": "1080p",
        "seconds": "8",
        "seed": "7",
    }
    assert request.notes() == ()


def test_seed_0_means_random_and_is_not_sent():
    """Model, ratio and length are sent as documented when only a prompt is given; seed 0 is left out."""
    request = ViduRequest.parse({"prompt": "a cat", "seed": 0})
    assert request.submission().text_parts() == {
        "model": "viduq3-pro",
        "prompt": "a cat",
        "aspect_ratio": "16:9",
        "duration": "5",
    }
    assert "seed" not in request.recipe()


@pytest.mark.parametrize(("width", "height"), [(400, 100), (100, 400), (100, 100)])
def test_pictures_from_1_4_to_4_1_are_taken(make_image: Any, width: int, height: int):
    """The bounds themselves are inside."""
    assert ViduRequest.parse({"prompt": "a cat", "image": make_image(width=width, height=height)}).submission().files


@pytest.mark.parametrize(("width", "height"), [(401, 100), (100, 401)])
def test_ribbons_are_refused(make_image: Any, width: int, height: int):
    """The document's sentence is inverted: what it asks for is what Vidu refuses."""
    with pytest.raises(Refusal) as refusal:
        ViduRequest.parse({"prompt": "a cat", "image": make_image(width=width, height=height)})
    assert str(refusal.value) == (
        f"Vidu takes pictures between 1:4 and 4:1: {width}x{height} is longer, so crop it first."
    )


@pytest.mark.parametrize(
    ("options", "notes"),
    [
        ({"is_rec": True}, ("With is_rec Vidu writes a prompt of its own and does not read yours.",)),
        ({"bgm": True}, ("bgm has no effect on viduq3-pro.",)),
        ({"bgm": True, "duration": 9}, ("bgm has no effect on viduq3-pro.",)),
        (
            {"bgm": True, "model": "viduq2-pro", "duration": 9},
            ("bgm has no effect on viduq2-pro at 9 or 10 seconds.",),
        ),
        ({"bgm": True, "model": "viduq2-pro", "duration": 8}, ()),
        ({"bgm": False, "is_rec": False, "off_peak": False}, ()),
    ],
)
def test_what_has_no_effect_is_told(options: dict[str, Any], notes: tuple[str, ...]):
    """Harmless wishes are sent, with a word about what Vidu makes of them."""
    assert ViduRequest.parse({"prompt": "a cat", **options}).notes() == notes


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"model": "viduq2-pro", "duration": 11}, "viduq2-pro makes 1 to 10 seconds: for 11 choose 10."),
        ({"model": "viduq2-turbo", "duration": 0}, "viduq2-turbo makes 1 to 10 seconds: for 0 choose 1."),
        ({"duration": 17}, "viduq3-pro makes 1 to 16 seconds: for 17 choose 16."),
        ({"voice_id": "calm"}, "voice_id has no effect on viduq3-pro: leave it out or choose viduq2-pro."),
        ({"wm_position": 1}, "wm_position needs a watermark: set watermark to True or leave wm_position out."),
        (
            {"wm_url": "https://example.com/a.png", "watermark": False},
            "wm_url needs a watermark: set watermark to True or leave wm_url out.",
        ),
        (
            {"wm_url": "ftp://example.com/a.png", "watermark": True},
            "wm_url must be a link such as https://example.com/file: https, a host by its name, no user or password.",
        ),
        ({"wm_position": 9, "watermark": True}, "wm_position can be 1, 2, 3 or 4: for 9 choose 4."),
        ({"aspect_ratio": "16x9"}, "aspect_ratio can be 16:9, 9:16, 3:4, 4:3 or 1:1: for 16x9 choose 16:9."),
        ({"resolution": "720P"}, "resolution can be 540p, 720p or 1080p: for 720P choose 720p."),
        ({"voice_id": "x" * 201}, "voice_id may have at most 200 characters: shorten it."),
        ({"seed": -1}, "seed starts at 0: choose 0 or more."),
        ({"seed": 2**32}, "seed ends at 4294967295: choose 4294967295 or less."),
        ({"payload": "mine"}, "This command does not take payload: leave it out."),
        (
            {"model": "viduq2-pro", "prompt": "x" * 2001},
            "Vidu takes prompts of at most 2,000 characters: shorten yours by 1.",
        ),
        ({"prompt": "x" * 5010}, "Vidu takes prompts of at most 5,000 characters: shorten yours by 10."),
    ],
)
def test_what_vidu_does_not_make_is_refused(options: dict[str, Any], sentence: str):
    """A refusal is one sentence with the nearest valid choice."""
    with pytest.raises(Refusal) as refusal:
        ViduRequest.parse({"prompt": "a cat", **options})
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(("model", "longest"), [("viduq2-pro", 10), ("viduq2-turbo", 10), ("viduq3-pro", 16)])
def test_the_longest_of_each_model_is_taken(model: str, longest: int):
    """The bounds themselves are inside."""
    for duration in (1, longest):
        request = ViduRequest.parse({"prompt": "a cat", "model": model, "duration": duration})
        assert request.submission().text_parts()["duration"] == str(duration)


def test_the_operator_bounds_q3():
    """The document gives no limit for q3: the setting does."""
    with pytest.raises(Refusal) as refusal:
        ViduRequest.parse({"prompt": "a cat", "duration": 9}, Limits(vidu_q3_max_seconds=8))
    assert str(refusal.value) == "viduq3-pro makes 1 to 8 seconds: for 9 choose 8."
