"""The tolerant reader on whatever bytes and whatever JSON a service may send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.api.replies import Reply, State, is_link, read

CDN = "https://cdn.example/out.mp4"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"<html></html>",
        b"null",
        b"[" * 200_000,
        b'{"data":' * 200_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"id": ' + b"9" * 100_000 + b"}",
        b'{"id": "x", "status": "failed", "error": "' + rb"{\"error\":" * 50_000 + b'"}',
        b'{"id": "x", "status": "failed", "error": "' + b"a-" * 500_000 + b'"}',
        b'{"id": "x", "status": "failed", "error": "' + b"sk-" * 500_000 + b'"}',
    ],
    ids=range(11),
)
def test_no_body_is_too_strange(body: bytes):
    """Nothing, noise, nesting without end, numbers without end: a reply comes out, at once."""
    assert read(body).state in State


@given(st.binary())
def test_any_bytes_are_read(body: bytes):
    """No bytes raise out of the reader."""
    assert sound(read(body))


_KEYS = st.sampled_from(
    [
        "id",
        "task_id",
        "status",
        "progress",
        "data",
        "error",
        "message",
        "code",
        "url",
        "video_url",
        "metadata",
        "result_url",
        "fail_reason",
        "creations",
        "content",
        "task_result",
        "videos",
        "output",
        "err_code",
    ]
)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text(alphabet=st.characters())
    | st.sampled_from(["completed", "failed", "FAILURE", CDN, "50%", "task_x", '{"error":{"message":"x"}}', "\ud800"])
)
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=8), max_leaves=12
)


@given(st.dictionaries(_KEYS, _JSON))
def test_any_json_is_read(body: dict[str, Any]):
    """No JSON raises out of the reader, and what comes out can be stored and shown."""
    assert sound(read(json.dumps(body).encode()))


def sound(found: Reply) -> bool:
    """Whether a reply keeps its promises."""
    stored = [text for text in (found.video_id, found.word, found.video_url, found.reason) if text is not None]
    return (
        all(text.isprintable() and text.encode() is not None for text in stored)
        and found.video_id != ""
        and (found.video_url is None or (found.state is State.DONE and is_link(found.video_url)))
        and (found.reason is not None) == (found.state is State.FAILED)
        and (found.reason is None or 0 < len(found.reason) <= 301)
        and found.progress in (None, *range(101))
    )
