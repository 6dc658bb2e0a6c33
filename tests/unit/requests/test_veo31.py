"""veo3.1-video-* on UniAll: the document's five examples, and what each mode refuses."""

from typing import Any

import pytest

from bot.errors import Refusal
from bot.requests.base import Limits, Request
from bot.requests.veo31 import Veo31Extend, Veo31Frames, Veo31Image, Veo31References, Veo31Text


def test_the_documents_text_example():
    """The example comes out as printed, with extra_body a literal object."""
    request = Veo31Text.parse(
        {
            "prompt": " camera, camera. ",
            "resolution": "1080p",
            "aspect_ratio": "16:9",
            "duration": 8,
            "audio": True,
            "negative_prompt": ", blur",
            "seed": 7,
        }
    )
    submission = request.submission()
    assert submission.json_body() == {
        "model": "veo3.1-video-1080p",
        "prompt": " camera, camera. ",
        "size": "1080p",
        "aspect_ratio": "16:9",
        "duration": 8,
        "extra_body": {"generate_audio": True, "negative_prompt": ", blur", "seed": 7},
    }
    assert (submission.upstream, submission.submit_path, submission.poll_path, submission.encoding) == (
        "uniall",
        "/v1/video/generations",
        "/v1/videos/{id}",
        "json",
    )
    assert (submission.links, submission.files, submission.patient) == ((), (), False)
    assert request.recipe() == {
        "model": "veo3.1-video-1080p",
        "size": "1080p",
        "aspect ratio": "16:9",
        "seconds": "8",
        "seed": "7",
    }


def test_the_documents_image_example(make_image: Any):
    """As printed but for the aspect_ratio, which the picture overrides."""
    request = Veo31Image.parse(
        {
            "prompt": ", and. ",
            "image": make_image(url="https://example.com/keyframe.png"),
            "resolution": "720p",
            "duration": 6,
            "audio": False,
            "negative_prompt": "artifacts, ",
        }
    )
    assert request.submission().json_body() == {
        "model": "veo3.1-video-720p",
        "prompt": ", and. ",
        "image": "https://example.com/keyframe.png",
        "size": "720p",
        "duration": 6,
        "extra_body": {"generate_audio": False, "negative_prompt": "artifacts, "},
    }
    assert request.submission().links == ("image",)
    assert request.recipe() == {"model": "veo3.1-video-720p", "size": "720p", "seconds": "6"}


def test_the_documents_frames_example(make_image: Any):
    """As printed but for the aspect_ratio."""
    request = Veo31Frames.parse(
        {
            "prompt": ", subject, cameralanguage. ",
            "tier": "fast",
            "image": make_image(url="https://example.com/start-frame.png"),
            "last_image": make_image(url="https://example.com/end-frame.png"),
            "resolution": "1080p",
            "duration": 6,
            "audio": True,
        }
    )
    assert request.submission().json_body() == {
        "model": "veo3.1-fast-video-1080p",
        "prompt": ", subject, cameralanguage. ",
        "image": "https://example.com/start-frame.png",
        "last_image": "https://example.com/end-frame.png",
        "size": "1080p",
        "duration": 6,
        "extra_body": {"generate_audio": True},
    }
    assert request.submission().links == ("image", "last_image")


def reference_options(make_image: Any) -> dict[str, Any]:
    """The document's reference example as a command's options."""
    return {
        "prompt": ", and. ",
        "image": make_image(url="https://example.com/ref-1.png"),
        "image2": make_image(url="https://example.com/ref-2.png"),
        "resolution": "1080p",
        "aspect_ratio": "9:16",
        "duration": 6,
        "audio": True,
        "seed": 11,
    }


def test_the_documents_reference_example_where_the_operator_allows_it(make_image: Any):
    """With the switch set the example comes out as printed."""
    limits = Limits(veo31_references_free=True)
    request = Veo31References.parse(reference_options(make_image), limits)
    assert request.submission().json_body() == {
        "model": "veo3.1-video-1080p",
        "prompt": ", and. ",
        "images": ["https://example.com/ref-1.png", "https://example.com/ref-2.png"],
        "size": "1080p",
        "aspect_ratio": "9:16",
        "duration": 6,
        "extra_body": {"generate_audio": True, "seed": 11},
    }
    assert request.notes() == ()


def test_the_documents_reference_example_as_google_makes_it(make_image: Any):
    """Google's reference mode is 16:9 and 8 seconds only: so it is sent, and the person is told."""
    request = Veo31References.parse(reference_options(make_image))
    assert request.submission().json_body() == {
        "model": "veo3.1-video-1080p",
        "prompt": ", and. ",
        "images": ["https://example.com/ref-1.png", "https://example.com/ref-2.png"],
        "size": "1080p",
        "aspect_ratio": "16:9",
        "duration": 8,
        "extra_body": {"generate_audio": True, "seed": 11},
    }
    assert request.submission().links == ("images",)
    assert request.notes() == ("With reference pictures Veo 3.1 always makes videos of 8 seconds in 16:9.",)
    assert request.recipe()["seconds"] == "8"


def test_three_references_without_a_wish_need_no_note(make_image: Any):
    """What is made anyway is not worth a word."""
    pictures = {name: make_image(url=f"https://example.com/{name}") for name in ("image", "image2", "image3")}
    request = Veo31References.parse({"prompt": "a cat", **pictures})
    assert request.submission().json_body() == {
        "model": "veo3.1-video-720p",
        "prompt": "a cat",
        "images": ["https://example.com/image", "https://example.com/image2", "https://example.com/image3"],
        "size": "720p",
        "aspect_ratio": "16:9",
        "duration": 8,
    }
    assert request.notes() == ()


def test_the_documents_extension_example():
    """As printed but for the duration, which the document's own table says is not used."""
    request = Veo31Extend.parse(
        {
            "prompt": " video action, scenariostyle. ",
            "video_url": "https://example.com/source.mp4",
            "resolution": "720p",
            "negative_prompt": ", ",
            "seed": 9,
        }
    )
    assert request.submission().json_body() == {
        "model": "veo3.1-video-720p",
        "prompt": " video action, scenariostyle. ",
        "video": "https://example.com/source.mp4",
        "size": "720p",
        "extra_body": {"negative_prompt": ", ", "seed": 9},
    }
    assert request.submission().links == ("video",)
    assert request.recipe() == {"model": "veo3.1-video-720p", "size": "720p", "seed": "9"}


@pytest.mark.parametrize("resolution", ["720p", "1080p", "4k"])
@pytest.mark.parametrize(("tier", "middle"), [("standard", ""), ("fast", "fast-")])
def test_the_size_is_always_that_of_the_model(tier: str, middle: str, resolution: str):
    """All six models; what is not given is not in extra_body, and an empty extra_body is not sent."""
    request = Veo31Text.parse({"prompt": "a cat", "tier": tier, "resolution": resolution})
    assert request.submission().json_body() == {
        "model": f"veo3.1-{middle}video-{resolution}",
        "prompt": "a cat",
        "size": resolution,
        "aspect_ratio": "16:9",
        "duration": 8,
    }


def test_a_seed_of_0_is_a_seed():
    """Only Vidu reads 0 as random."""
    request = Veo31Text.parse({"prompt": "a cat", "seed": 0})
    assert request.submission().fields["extra_body"] == {"seed": 0}
    assert request.recipe()["seed"] == "0"


@pytest.mark.parametrize(
    ("kind", "options", "sentence"),
    [
        (Veo31Text, {"duration": 5}, "Veo 3.1 makes 4, 6 or 8 seconds: for 5 choose 4 or 6."),
        (Veo31Text, {"resolution": "1080P"}, "resolution can be 720p, 1080p or 4k: for 1080P choose 1080p."),
        (Veo31Text, {"aspect_ratio": "1:1"}, "aspect_ratio can be 16:9 or 9:16: choose one of these."),
        (Veo31Text, {"image": "x"}, "This command does not take image: leave it out."),
        (Veo31Image, {}, "Please give image: this command needs it."),
        (Veo31Extend, {}, "Give the video either as an attachment or as video_url."),
        (
            Veo31Extend,
            {"video_url": "https://a.example/v.mp4", "duration": 6},
            "This command does not take duration: leave it out.",
        ),
        (
            Veo31Extend,
            {"video_url": "http://example.com/v.mp4"},
            "video_url must be a link such as https://example.com/file: https, a host by its name, no user or password.",
        ),
        (
            Veo31Extend,
            {"video_url": "https://user:pass@example.com/v.mp4"},
            "video_url must be a link such as https://example.com/file: https, a host by its name, no user or password.",
        ),
        (
            Veo31Extend,
            {"video_url": "https://a.example/v 1.mp4"},
            "video_url must be a link such as https://example.com/file: https, a host by its name, no user or password.",
        ),
        (
            Veo31Extend,
            {"video_url": "https://[bad/v.mp4"},
            "video_url must be a link such as https://example.com/file: https, a host by its name, no user or password.",
        ),
        (
            Veo31Extend,
            {"video_url": "https://a.example/" + "v" * 2048},
            "video_url may have at most 2048 characters: shorten it.",
        ),
    ],
)
def test_what_a_mode_does_not_take_is_refused(kind: type[Request], options: dict[str, Any], sentence: str):
    """The modes exclude each other by their classes."""
    with pytest.raises(Refusal) as refusal:
        kind.parse({"prompt": "a cat", **options})
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("kind", "left_out", "sentence"),
    [
        (Veo31References, "image2", "Please give image2: this command needs it."),
        (Veo31Frames, "last_image", "Please give last_image: this command needs it."),
        (Veo31Frames, "image", "Please give image: this command needs it."),
    ],
)
def test_a_mode_needs_all_its_pictures(make_image: Any, kind: type[Request], left_out: str, sentence: str):
    """References are 2 or 3; a last frame needs a first."""
    names = {"image", "last_image" if kind is Veo31Frames else "image2"} - {left_out}
    with pytest.raises(Refusal) as refusal:
        kind.parse({"prompt": "a cat", **{name: make_image(url="https://example.com/a.png") for name in names}})
    assert str(refusal.value) == sentence


def test_references_have_no_fast_tier(make_image: Any):
    """The fast models take no references, so the command has no tier."""
    with pytest.raises(Refusal) as refusal:
        Veo31References.parse({**reference_options(make_image), "tier": "fast"})
    assert str(refusal.value) == "This command does not take tier: leave it out."


def test_a_picture_without_a_link_cannot_be_fetched(make_image: Any):
    """UniAll takes URLs only."""
    with pytest.raises(Refusal) as refusal:
        Veo31Image.parse({"prompt": "a cat", "image": make_image()})
    assert str(refusal.value) == "This picture has no link that the video service could fetch: attach it again."


def test_an_attachments_link_is_taken_as_discord_gives_it():
    """The sandbox's own is plain http on this machine; nobody typed it, so there is nothing to look up."""
    request = Veo31Extend.parse({"prompt": "a cat", "video": "http://127.0.0.1:9000/v.mp4"})
    assert request.submission().fields["video"] == "http://127.0.0.1:9000/v.mp4"
    assert request.typed_links() == {}
