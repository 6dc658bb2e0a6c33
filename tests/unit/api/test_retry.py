"""Waiting: what a server asks for, and what we wait by ourselves. (What answers mean is shown over real sockets.)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.api.errors import Ambiguous, Busy, NotKnown, Rejected, Unauthorized
from bot.api.retry import (
    LONGEST_WAIT,
    Answer,
    Complaint,
    ask_error,
    complaint,
    content_error,
    retry_after,
    submit_error,
)

NOW = 1_768_489_641.0  # Thu, 15 Jan 2026 15:07:21 GMT


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "3600"}, 120),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7),
        ({"retry-after": "Thu, 15 Jan 2026 15:07:51 GMT"}, 30),
        ({"retry-after": "Thu, 15 Jan 2026 15:00:00 GMT"}, 0),
        ({"retry-after": "Fri, 16 Jan 2026 15:00:00 GMT"}, 120),
        ({"retry-after": "Fri, 99 Jan 2026 15:00:00 GMT"}, None),
        ({"retry-after": "Mon, 01 Jan 2024 00:00:00 +99999999999999"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1_0"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_a_server_says_how_long_to_wait(headers: dict[str, str], seconds: float | None):
    """Milliseconds, seconds or a date; never more than two minutes, never less than nothing."""
    assert retry_after(headers, now=NOW) == seconds


@given(st.text(), st.text())
def test_any_header_is_read(first: str, second: str):
    """No header raises."""
    found = retry_after({"retry-after-ms": first, "retry-after": second}, now=NOW)
    assert found is None or 0 <= found <= LONGEST_WAIT


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"message": "x"}',
        b'{"code": "success", "message": ""}',
        b'{"code": true, "message": "ok"}',
        b'{"error": null}',
        b'{"error": ""}',
        b'{"error": 5}',
        b'{"error": ["x"]}',
    ],
)
def test_what_is_no_complaint_of_a_gateway(body: bytes):
    """Pages, other programs' JSON, and successes."""
    assert complaint(body) is None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"code": "x", "message": "m", "data": null}', Complaint(code="x", message="m", kind="")),
        (b'{"code": 1, "message": "m"}', Complaint(code="1", message="m", kind="")),
        (b'{"error": {"message": "m", "type": "t", "code": null}}', Complaint(code="", message="m", kind="t")),
        (b'{"error": "m", "code": "x"}', Complaint(code="x", message="m", kind="")),
    ],
)
def test_what_is_a_complaint_of_a_gateway(body: bytes, found: Complaint):
    """new-api's two shapes, and the plain ones of its relatives."""
    assert complaint(body) == found


@given(st.integers(100, 599), st.binary())
def test_an_answer_without_a_gateways_words_is_never_repeated(status: int, body: bytes):
    """A POST goes again only where a gateway itself says that nothing was created (429 says it without words)."""
    answer = Answer(status=status, headers={}, body=b"\xff" + body)
    error = submit_error(answer, now=NOW)
    if status == 429:
        assert type(error) is Busy
    elif status in (301, 307, 308, 413):
        assert type(error) is Rejected
    else:
        assert type(error) is Ambiguous


_CODES = st.sampled_from(["", "fail_to_fetch_task", "do_request_failed", "model_not_found", "task_not_exist", "x", 7])
_BODIES = st.one_of(
    st.builds(lambda code, text: {"code": code, "message": text, "data": None}, _CODES, st.text()),
    st.builds(lambda code, text: {"error": {"code": code, "message": text}}, _CODES, st.text()),
    st.builds(lambda text: {"error": text}, st.text()),
)


@example(503, {"code": "task_not_exist", "message": "", "data": None})
@given(st.integers(100, 599), _BODIES)
def test_repeats_follow_only_the_statuses_that_prove_that_nothing_was_made(status: int, body: Any):
    """401, 402, 403, 404, 429 and 503 with a gateway's words; nothing else is ever repeated."""
    answer = Answer(status=status, headers={}, body=json.dumps(body).encode())
    error = submit_error(answer, now=NOW)
    if isinstance(error, Busy | Unauthorized):
        assert status in (401, 402, 403, 404, 429, 503)
    if status >= 500 and isinstance(error, Rejected):
        assert error.code in ("model_not_found", "not_implemented", "build_request_failed")


@given(st.integers(100, 599), _BODIES)
def test_a_question_is_never_refused_for_good(status: int, body: Any):
    """Whatever comes back for a GET: ask later, ask the operator, or the id is not known."""
    answer = Answer(status=status, headers={}, body=json.dumps(body).encode())
    assert isinstance(ask_error(answer, now=NOW), Busy | Unauthorized | NotKnown)
    assert not isinstance(content_error(answer, now=NOW), Rejected | Ambiguous)
