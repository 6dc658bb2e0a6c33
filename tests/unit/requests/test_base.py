"""What every request shares: prompts, wording, and how a submission is rendered and kept."""

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.errors import Refusal
from bot.requests.base import Image, InputFile, Limits, Submission
from bot.requests.sora import SoraRequest
from bot.requests.veo import VeoRequest
from bot.requests.vidu import ViduRequest
from bot.requests.wording import any_of, choices_of, wrong_choice, wrong_seconds

EMPTY = "The prompt is empty: say in a few words what the video should show."


@pytest.mark.parametrize(
    "prompt", ["", "   ", "\n\t", "\x00", "\ud800", "\u200b\u200b", "\u2060 \ufeff", "\u3164\u2800", "\ufe0f\u0301"]
)
def test_a_prompt_that_shows_nothing_is_refused(prompt: str):
    """The gateway's own check misses zero-width characters: that would be paid for nothing."""
    with pytest.raises(Refusal) as refusal:
        VeoRequest.parse({"prompt": prompt})
    assert str(refusal.value) == EMPTY


@pytest.mark.parametrize(
    ("prompt", "sent"),
    [
        (" a cat ", " a cat "),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\x00 c\x07at", "a cat"),
        ("a \ud83dcat", "a cat"),
        ("Кот 🐈 的视频", "Кот 🐈 的视频"),
        ("👩‍🚀 e\u0301", "👩‍🚀 e\u0301"),
        ("\U0001fae9", "\U0001fae9"),  # an emoji that this Python's Unicode does not have
        ("\u202etxt\u200b.\u2066", "\u202etxt\u200b.\u2066"),
        ("Z" + 40 * "\u0301", "Z" + 40 * "\u0301"),
    ],
)
def test_a_prompt_is_sent_as_written_but_for_what_no_service_takes(prompt: str, sent: str):
    """Null bytes, control characters and lone surrogates break databases and JSON; everything else is the person's."""
    assert VeoRequest.parse({"prompt": prompt}).submission().fields["prompt"] == sent


def test_a_missing_prompt_is_asked_for():
    """A command cannot come without one, a button's form might."""
    with pytest.raises(Refusal) as refusal:
        VeoRequest.parse({})
    assert str(refusal.value) == "Please give prompt: this command needs it."


@pytest.mark.parametrize(("kind", "limit"), [(VeoRequest, 6000), (SoraRequest, 32_000), (ViduRequest, 5000)])
def test_the_limit_of_a_prompt_is_the_models(kind: type[VeoRequest | SoraRequest | ViduRequest], limit: int):
    """The limit itself is inside."""
    assert kind.parse({"prompt": "x" * limit})
    with pytest.raises(Refusal) as refusal:
        kind.parse({"prompt": "x" * (limit + 1)})
    sentence = f"{kind.maker} takes prompts of at most {limit:,} characters: shorten yours by 1."
    assert str(refusal.value) == sentence


def test_none_means_not_given():
    """Discord hands a command None for an option that was left out."""
    assert VeoRequest.parse({"prompt": "a cat", "seconds": None}) == VeoRequest.parse({"prompt": "a cat"})


def test_a_request_cannot_change():
    """What was validated is what is sent."""
    request = VeoRequest.parse({"prompt": "a cat"})
    with pytest.raises(ValidationError):
        request.seconds = 4  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("choices", "words"),
    [((8,), "8"), ((5, 10), "5 or 10"), ((4, 6, 8), "4, 6 or 8"), (range(1, 11), "1 to 10"), ("ab", "a or b")],
)
def test_choices_read_as_people_say_them(choices: Any, words: str):
    """A long run of numbers is a range."""
    assert any_of(choices) == words


@given(st.integers(-100, 100), st.lists(st.integers(0, 60), min_size=1, unique=True))
def test_the_advice_is_always_a_valid_length(seconds: int, choices: list[int]):
    """What a refusal tells people to choose can be chosen, and nothing valid lies nearer on the same side."""
    if seconds in choices:
        return
    advice = wrong_seconds("It", seconds, sorted(choices)).split(" choose ")[1].rstrip(".")
    advised = [int(word) for word in advice.split(" or ")]
    assert set(advised) <= set(choices)
    assert min(abs(seconds - choice) for choice in choices) == min(abs(seconds - choice) for choice in advised)


@given(st.text(max_size=100))
def test_a_wrong_value_is_quoted_in_one_short_line(given_value: str):
    """What a person typed cannot break the sentence."""
    sentence = wrong_choice("size", given_value, ("720x1280", "1280x720"))
    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 120
    assert sentence.encode()


def test_the_choices_of_an_option_are_its_literal():
    """The commands offer the same values that the request allows."""
    assert choices_of(VeoRequest, "seconds") == (4, 6, 8)
    assert choices_of(VeoRequest, "size") == ("720x1280", "1280x720")
    assert choices_of(SoraRequest, "seconds") == ()


def test_limits_need_a_length_for_sora():
    """An empty list would leave no default."""
    with pytest.raises(ValidationError):
        Limits(sora_seconds=())


@given(st.binary(max_size=64), st.sampled_from(["image", "input_reference[]"]), st.text(string.printable))
def test_a_submission_survives_its_row(data: bytes, field: str, prompt: str):
    """Written as JSON and read again it renders the same bytes, whatever the picture holds."""
    image = Image(name="a.png", content_type="image/png", width=1, height=1, data=data)
    submission = Submission(
        upstream="octopusx", submit_path="/v1/videos", fields={"prompt": prompt}, files=(InputFile.of(field, image),)
    )
    again = Submission.model_validate_json(submission.model_dump_json())
    assert again == submission
    assert json.dumps(again.json_body()) == json.dumps(submission.json_body())
    assert again.files[0].data == data
