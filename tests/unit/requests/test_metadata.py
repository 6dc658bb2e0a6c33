"""The metadata of /video: a JSON object that adds to the request and overrules nothing in it."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import Refusal
from bot.requests.unified import UnifiedRequest


@pytest.mark.parametrize(
    "name",
    [
        *(
            "model",
            "Model",
            "MODEL_NAME",
            "prompt",
            "image",
            "images",
            "input_reference",
            "size",
            "seconds",
            "duration",
        ),
        *("n", "N", "sampleCount", "callback_url", "callbac\u212a_url"),
    ],
)
def test_metadata_does_not_overrule_the_command(name: str):
    """The gateway lays it over the vendor's request: a checked prompt would be replaced, one video become four."""
    with pytest.raises(Refusal) as refusal:
        UnifiedRequest.parse({"prompt": "a cat", "model": "m", "metadata": json.dumps({"style": "x", name: 1})})
    sentence = f"metadata may not hold {name}: the command itself decides it, so leave it out there."
    assert str(refusal.value) == sentence


def test_of_a_name_given_twice_the_last_counts():
    """As with every reader on the way: what was checked is what is sent."""
    request = UnifiedRequest.parse({"prompt": "a cat", "model": "m", "metadata": '{"cfg": 1, "cfg": 2, "Cfg": 3}'})
    assert request.submission().fields["metadata"] == {"cfg": 2, "Cfg": 3}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.one_of(st.text(max_size=60), JSON.map(json.dumps), st.dictionaries(st.text(max_size=8), JSON).map(json.dumps))
)
@example("{}")
@example('{"a": 1e400}')
@example('{"a": -0.0}')
@example('{"\\u0000": 1}')
def test_any_metadata_is_sent_as_json_or_refused(text: str):
    """Whatever is typed, the body can be written, and none of the command's own fields has changed."""
    try:
        request = UnifiedRequest.parse({"prompt": "a cat", "model": "m", "metadata": text})
    except Refusal as refusal:
        assert "metadata" in str(refusal)  # noqa: PT017 - either end is right
        return
    body = request.submission().json_body()
    assert {name: value for name, value in body.items() if name != "metadata"} == {"model": "m", "prompt": "a cat"}
    assert json.loads(json.dumps(body, allow_nan=False)).get("metadata", {}) == (request.metadata or {})
