"""Where the tolerant reader finds each thing that a reply says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.api.replies import Reply, State, is_content_route, is_link, read

CDN = "https://cdn.example/out.mp4"
NO_REASON = "no reason was given."


def reply(body: Any, **context: Any) -> Reply:
    """Read a body given as an object."""
    return read(json.dumps(body).encode(), **context)


@pytest.mark.parametrize(
    ("body", "video_id"),
    [
        ({"id": "a", "task_id": "b"}, "a"),
        ({"id": "", "task_id": "b"}, "b"),
        ({"id": None, "data": {"task_id": "c", "id": "d"}}, "c"),
        ({"data": {"task_id": "c", "id": 4711}}, "c"),
        ({"id": 4711, "task_id": "b"}, "b"),
        ({"data": {"id": "d"}}, "d"),
        ({"id": 4711}, "4711"),
        ({"id": 1}, "1"),
        ({"id": 0}, None),
        ({"id": -5}, None),
        ({"id": True}, None),
        ({"id": "."}, None),
        ({"id": ".."}, None),
        ({"id": "a\nb"}, None),
        ({"id": "\ud800"}, None),
        ({"id": "x" * 512}, "x" * 512),
        ({"id": "x" * 513}, None),
        ({"data": "x"}, None),
        ([{"id": "a"}], None),
    ],
)
def test_the_id_is_found(body: Any, video_id: str | None):
    """The first text of id, task_id, data.task_id, data.id; a number (a database row) only where there is no text."""
    assert reply(body).video_id == video_id


@pytest.mark.parametrize(
    "body",
    [
        {"video_url": CDN, "metadata": {"url": "https://b.example/"}},
        {"video_url": "", "metadata": {"url": CDN}, "output": {"url": "https://b.example/"}},
        {"output": {"url": CDN}, "url": "https://b.example/"},
        {"url": CDN, "data": {"url": "https://b.example/"}},
        {"data": {"url": CDN, "result_url": "https://b.example/"}},
        {"data": {"result_url": CDN, "data": {"video_url": "https://b.example/"}}},
        {"data": {"data": {"content": {"video_url": CDN}, "video_url": "https://b.example/"}}},
        {"data": {"data": {"video_url": CDN, "creations": [{"url": "https://b.example/"}]}}},
        {"data": {"data": {"creations": [{"url": CDN}, {"url": "https://b.example/"}]}}},
        {"data": {"data": {"data": {"task_result": {"videos": [{"url": CDN}]}}}}},
        {"video_url": "not a link", "url": CDN},
        {"video_url": "ftp://x/y", "url": f" {CDN}\n"},
        {"video_url": "/relative.mp4", "url": CDN},
        {"video_url": {"href": "x"}, "url": CDN},
        {"video_url": "http://[oops", "url": CDN},
    ],
)
def test_the_link_is_found_in_order(body: dict[str, Any]):
    """The first real link of the known places."""
    assert reply({"id": "x", "status": "completed"} | body).video_url == CDN


@pytest.mark.parametrize(
    "path",
    [
        *("video_url", "metadata.url", "output.url", "url", "data.video_url", "data.metadata.url", "data.output.url"),
        *("data.url", "data.result_url", "data.data.content.video_url", "data.data.video_url"),
        *("data.data.creations.0.url", "data.data.data.task_result.videos.0.url", "data.fail_reason"),
    ],
)
def test_the_link_is_found_wherever_it_stands_alone(path: str):
    """Every place in which a service was seen to put it."""
    body: Any = CDN
    for step in reversed(path.split(".")):
        body = [body] if step == "0" else {step: body}

    assert reply({"id": "x", "status": "completed"} | body).video_url == CDN


@pytest.mark.parametrize(
    ("body", "done"),
    [
        ({"code": "success", "data": {"status": "completed"}}, True),
        ({"code": "success", "id": "x", "data": {"status": "completed"}}, True),
        ({"data": {"status": "completed"}}, True),
        ({"id": "x", "data": {"status": "completed"}}, False),
        ({"task_id": "x", "data": {"status": "completed"}}, False),
        ({"id": "x", "status": "completed", "data": {"status": "queued"}}, True),
        ({"code": "success", "status": "completed", "data": {"status": "queued"}}, False),
    ],
)
def test_a_wrapper_is_told_from_a_video(body: dict[str, Any], done: bool):
    """`code` makes a wrapper, and so does `data` where the body has no id of its own."""
    assert (reply(body).state is State.DONE) is done


def test_a_link_shows_only_when_the_job_is_done():
    """Fields hold stale, false or empty links before."""
    for word in ("processing", "failed"):
        assert reply({"id": "x", "status": word, "video_url": CDN}).video_url is None


def test_a_video_may_stand_in_the_reply_itself():
    """Vertex: a data: URI; no other scheme is a link."""
    uri = "data:video/mp4;base64,AAAA"
    assert reply({"id": "x", "status": "completed", "metadata": {"url": uri}}).video_url == uri
    strange = ("data:", "blob:x,y", "javascript:alert(1)", "file:///etc/passwd", "http://", "http://a b/")
    assert [text for text in strange if is_link(text)] == []


def test_a_service_without_tls_has_links_too():
    """A gateway in the operator's own network may speak plain HTTP."""
    assert is_link("http://10.0.0.5:3000/files/out.mp4")


@pytest.mark.parametrize(
    ("progress", "percent"),
    [
        (50, 50),
        ("50", 50),
        ("50%", 50),
        (" 50 % ", 50),
        (0.5, 50),
        (0.999, 99),
        ("0.5", 50),
        ("0.5%", 0),
        (99.9, 99),
        (-3, 0),
        (1, 1),
        (250, 100),
        (10**400, None),
        ("nan", None),
        (float("inf"), None),
        (True, None),
        (None, None),
        ("half", None),
        ([50], None),
    ],
)
def test_progress_is_percent(progress: Any, percent: int | None):
    """An int, a text, a text with a sign, a fraction; held within 0 and 100."""
    assert reply({"id": "x", "progress": progress}).progress == percent
    assert reply({"code": "success", "data": {"progress": progress}}).progress == percent


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": "too dark"}, "too dark."),
        ({"error": {"message": "", "code": "blocked"}, "message": "later"}, "blocked."),
        ({"err_code": "CreditInsufficient2"}, "CreditInsufficient2."),
        ({"message": "Sorry!"}, "Sorry!"),
        ({"fail_reason": "审核未通过。"}, "审核未通过。"),
        ({"metadata": {"url": "the reason, on Hailuo"}}, "the reason, on Hailuo."),
        ({"error": {"message": "No available channel for model x"}, "message": "too dark"}, "too dark."),
        ({"message": "success", "error": {"message": None, "code": 0}}, NO_REASON),
        ({"data": {"error": {"message": "inner"}}}, "inner."),
        ({"data": {"data": {"error": {"message": "innermost"}}}}, "innermost."),
    ],
)
def test_the_reason_is_found_in_order(body: dict[str, Any], reason: str):
    """The first text a person should read, of the known places."""
    assert reply({"id": "x", "status": "failed"} | body).reason == reason


@pytest.mark.parametrize(
    "path",
    [
        *("error.message", "error", "error.code", "data.fail_reason", "data.error.message", "data.error"),
        *("data.data.error.message", "err_code", "message", "fail_reason", "data.data.err_code", "data.url"),
        *("data.result_url", "metadata.url", "url"),
    ],
)
def test_the_reason_is_found_wherever_it_stands_alone(path: str):
    """Every place in which a service was seen to put it."""
    body: Any = "too dark"
    for step in reversed(path.split(".")):
        body = {step: body}

    assert reply({"id": "x", "status": "failed"} | body).reason == "too dark."


@pytest.mark.parametrize("word", ["cancelled", "expired", "rejected", "timeout"])
def test_a_word_that_says_why_is_the_reason(word: str):
    """Better than nothing, where nothing else is said."""
    assert reply({"id": "x", "status": word.upper()}).reason == f"The video service says: {word}."


def test_what_is_no_address_is_no_route():
    """It is told apart and nothing is raised."""
    assert [is_content_route(url) for url in ("https://x/v1/videos/a/content", "http://[oops/v1/videos/a/content")] == [
        True,
        False,
    ]


def test_a_word_without_end_is_cut():
    """A status is a word; a page in its place fills no log."""
    assert reply({"id": "x", "status": "y" * 100}).word == "y" * 40


def test_the_request_id_is_carried():
    """It comes from the headers."""
    assert reply({}, request_id="2026").request_id == "2026"
