"""Any options a person can give make either a request that renders, or a refusal of one sentence."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import Refusal
from bot.requests.base import Image, Limits, Request
from bot.requests.remix import RemixRequest
from bot.requests.sora import SoraRequest
from bot.requests.unified import KlingRequest, UnifiedRequest
from bot.requests.veo import VeoRequest
from bot.requests.veo31 import Veo31Extend, Veo31Frames, Veo31Image, Veo31References, Veo31Text
from bot.requests.vidu import ViduRequest
from bot.requests.wording import choices_of

FAMILIES: tuple[type[Request], ...] = (
    VeoRequest,
    SoraRequest,
    ViduRequest,
    KlingRequest,
    UnifiedRequest,
    Veo31Text,
    Veo31Image,
    Veo31Frames,
    Veo31References,
    Veo31Extend,
    RemixRequest,
)
LIBRARY_WORDS = ("pydantic", "input should", "validation", "literal", "traceback", "string_", "valueerror", "{", "none")

sides = st.sampled_from([1, 100, 400, 401, 720, 1280, 4000])
images = st.builds(
    Image,
    name=st.just("a.png"),
    content_type=st.sampled_from(["image/png", "image/jpeg", "image/webp"]),
    width=sides,
    height=sides,
    data=st.binary(max_size=8),
    url=st.sampled_from([None, "https://cdn.example/a.png"]),
)
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["16:9", "9:16", "1280x720", "720p", "1080P", "4k", "kling-v1", "veo-3", "sora-2", "viduq2-pro"]),
    st.sampled_from(
        ["https://cdn.example/v.mp4", "http://10.0.0.1/v", "https://[::1", "https://a:b@c", "https://a:99999/"]
    ),
    st.sampled_from(
        ['{"style": "noir"}', '{"a": 1e999}', "[]", "{", '{"a":' * 180 + "1" + "}" * 180, '{"a": "\\ud800"}']
    ),
    st.sampled_from(["..", "\x00", "\ud800", "x" * 6001]),
)
numbers = st.one_of(st.integers(-1, 20), st.integers(-(2**53), 2**53))
values = st.one_of(st.none(), st.booleans(), numbers, texts, images)
"""All that Discord can deliver, for any option: its own checks are not relied upon."""

PLAUSIBLE: dict[str, st.SearchStrategy[Any]] = {
    "image": images,
    "image2": images,
    "image3": images,
    "last_image": images,
    "prompt": st.one_of(st.just("a cat"), st.text(max_size=20)),
    "seconds": st.integers(0, 17),
    "duration": st.integers(0, 17),
    "video": st.just("https://cdn.example/v.mp4"),
    "video_id": st.just("task_1"),
}


def plausible(kind: type[Request], option: str) -> st.SearchStrategy[Any]:
    """Values of an option that a person might really choose."""
    if choices := choices_of(kind, option):
        return st.sampled_from(choices)
    return PLAUSIBLE.get(option, st.one_of(st.booleans(), numbers, texts))


def options_of(kind: type[Request]) -> st.SearchStrategy[dict[str, Any]]:
    """Any set of options, each of any value or of a plausible one; now and then one that the command does not have."""
    each = {name: st.one_of(plausible(kind, name), values) for name in kind.model_fields}
    return st.fixed_dictionaries({}, optional={**each, "unheard_of": values})


def pairs_of(kind: type[Request]) -> st.SearchStrategy[dict[str, Any]]:
    """Two options of any value beside what the command requires."""
    required = {name: plausible(kind, name) for name, field in kind.model_fields.items() if field.is_required()}
    pair = st.lists(st.sampled_from(sorted(kind.model_fields)), min_size=2, max_size=2, unique=True)
    any_pair = pair.flatmap(
        lambda names: st.fixed_dictionaries({name: st.one_of(plausible(kind, name), values) for name in names})
    )
    return st.builds(lambda base, two: {**base, **two}, st.fixed_dictionaries(required), any_pair)


def check(kind: type[Request], options: Mapping[str, Any], limits: Limits) -> None:
    """The promise itself."""
    try:
        request = kind.parse(options, limits)
    except Refusal as refusal:
        sentence = str(refusal)
        plain = sentence.replace('{"style": "cinematic"}', "").lower()
        assert sentence.strip() == sentence
        assert sentence.endswith(".")
        assert len(sentence) > 10
        assert len(sentence.splitlines()) == 1
        words = [word for word in LIBRARY_WORDS if word in plain and word not in str(options).lower()]
        assert not words, f"{sentence!r} holds {words}"
        return
    submission = request.submission()
    if submission.encoding == "multipart":
        assert all(isinstance(text, str) for text in submission.text_parts().values())
    else:
        json.dumps(submission.json_body(), ensure_ascii=False, allow_nan=False).encode()
    assert type(submission).model_validate_json(submission.model_dump_json()) == submission
    assert request.recipe()["model"]
    assert all(isinstance(value, str) and value for value in request.recipe().values())
    assert all(note.endswith(".") for note in request.notes())
    assert set(submission.links) <= set(submission.fields)


limits_given = st.builds(Limits, veo31_references_free=st.booleans(), vidu_q3_max_seconds=st.integers(1, 20))


@pytest.mark.parametrize("kind", FAMILIES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_options_give_a_request_or_a_sentence(kind: type[Request], data: st.DataObject):
    """Whatever set of options arrives, nobody pays for nonsense and nobody reads a library's words."""
    check(kind, data.draw(options_of(kind)), data.draw(limits_given))


@pytest.mark.parametrize("kind", FAMILIES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_pair_of_options_gives_a_request_or_a_sentence(kind: type[Request], data: st.DataObject):
    """Two options at a time beside the required ones: the rules between fields have no hole."""
    check(kind, data.draw(pairs_of(kind)), data.draw(limits_given))
