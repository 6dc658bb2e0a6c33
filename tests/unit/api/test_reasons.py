"""Reasons: a service's own words, without what is nobody's business in a channel."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.api.reasons import LONGEST, clean


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Your request was blocked by our moderation system.", "Your request was blocked by our moderation system."),
        ("A group of people at a post office is not allowed", "A group of people at a post office is not allowed"),
        ("内容违规 请修改提示词", "内容违规 请修改提示词"),
        ("two\nlines\tand  spaces\r\n", "two lines and spaces"),
        ("Invalid token (request id: 20260712120000123456789AbCdEfGh)", "Invalid token"),
        ("too dark (Request ID:abc-1.2)", "too dark"),
        ("too dark, trace_id=4bf92f3577b34da6", "too dark"),
        ("see https://vendor.example/policy?key=1 for the rules", "see for the rules"),
        ("could not load data:image/png;base64,AAAA/BBB== today", "could not load today"),
        ("key sk-abc*****xyz is not for this model", "key is not for this model"),
        ("Bearer abcdef was refused", "was refused"),
        ("job 3f2504e0-4f89-11d3-9a0c-0305e82c3301 was refused", "job was refused"),
        ("node 10.0.3.7:8080 refused it", "node refused it"),
        ("AIzaSyD-1234567890abcdefghijklmnop refused it", "refused it"),
        ("antidisestablishmentarianism_is_not_a_key", "antidisestablishmentarianism_is_not_a_key"),
        ("任务超时(1440分钟)", "The video service gave up on it after too long"),
        ('{"error":{"message":"Use 4, 8 or 12.","code":"invalid_value"}}', "Use 4, 8 or 12."),
        ('status_code=400, body: {"message": "too dark"}', "too dark"),
        ('{"detail": [{"loc": ["prompt"], "msg": "too long"}]}', "too long"),
        ('{"error": "too dark"}', "too dark"),
        ('{"error": {"code": "too_dark"}}', "too_dark"),
        (json.dumps({"error": {"message": json.dumps({"error": {"message": "deep"}})}}), "deep"),
        ("use {braces} sparingly", "use {braces} sparingly"),
        ("<b>too</b> dark<br/>", "too dark"),
        ("see www.vendor.example/rules or mail help@vendor.example", "see or mail"),
        ("too dark, api_key=abcd1234 password: hunter2", "too dark"),
        ("AKIAIOSFODNN7EXAMPLE and eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcd refused", "and refused"),
        ("sk_live_abcdef refused", "refused"),
        ("refused for tenant_id=5521", "refused for"),
        ("node 2001:db8::1 and vendor.internal:8443 refused it", "node and refused it"),
        ("/usr/src/app/config.yaml is wrong, as is C:\\app\\config", "is wrong, as is"),
        ("\x1b[31mtoo dark\x1b[0m", "too dark"),
        ("a\u202eb\u200bc", "a b c"),
        ("use 16:9, 4/6/8 s and/or 1080p", "use 16:9, 4/6/8 s and/or 1080p"),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
    ],
)
def test_what_a_person_may_read_is_kept(text: str, reason: str):
    """The words stay; ids, addresses and pieces of keys go; JSON in a message is opened."""
    assert clean(text) == reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "failed",
        "Success",
        "No available channel for model nope under group default (distributor)",
        "channel #3: timeout",
        "Group x is empty under group default",
        "user quota is not enough",
        "用户额度不足, 剩余额度: 0.012000",
        "Incorrect API key provided: sk-abcdef",
        "insufficient balance",
        "Billing hard limit has been reached",
        'Post "https://***.com/v1/videos": context deadline exceeded',
        "dial tcp 10.0.0.1:443: i/o timeout",
        "json: cannot unmarshal number into Go struct field .seconds of type string",
        "HTTP 500",
        "(request id: 20260712120000123456789AbCdEfGh)",
        "https://vendor.example/",
        '{"quota": 250000, "channel_id": 3}',
        '{"a": 1}',
        "<html><body><h1>502 Bad Gateway</h1></body></html>",
        "<!DOCTYPE html><title>Error</title>",
        "too dark <script>alert(1)</script>",
        'Traceback (most recent call last):\n  File "/app/x.py", line 3, in f\nValueError: x',
        "java.lang.NullPointerException at com.vendor.Render(Render.java:10)",
        "TypeError: x is undefined at async run (/srv/app/index.js:12:5)",
        "runtime error: invalid memory address or nil pointer dereference",
        "relay.go:118 failed",
        "open /app/config.yaml: no such file or directory",
        "user 12 is out of credit",
        "nginx/1.25.3",
        '{"error":' * 3 + '{"message": "x"}' + "}" * 3,
    ],
)
def test_what_is_internal_is_dropped_whole(text: str):
    """A text about channels, accounts, sockets or code, or about nothing, is no reason."""
    assert clean(text) is None


def test_json_in_json_without_end_is_no_reason():
    """Four layers of escaping are opened, a fifth is noise."""
    text = "deep"
    for _ in range(6):
        text = json.dumps({"message": text})
    assert clean(text) is None


def test_a_long_reason_is_cut():
    """At most 300 characters, the last of them saying that there was more."""
    reason = clean("word " * 100)
    assert reason is not None
    assert len(reason) <= LONGEST
    assert reason.endswith("word…")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a-" * 100_000,
            "sk-" * 100_000,
            "1" * 200_000,
            "{" * 100_000,
            '{"a":' * 100_000,
            "<a" * 100_000,
            "/a" * 100_000,
        ),
        *("a." * 100_000, "at a" * 100_000, "a@a." * 100_000, "1:" * 100_000, "key = " * 100_000, 'file "' * 100_000),
    ],
)
def test_no_text_takes_long(text: str):
    """No expression runs away, whatever is sent."""
    started = time.process_time()
    clean(text)
    assert time.process_time() - started < 10  # milliseconds; an expression that backtracks would need hours


PIECES = [
    "key=",
    "sk-",
    "https://",
    "<b>",
    "</b>",
    "/usr/lib/x",
    "10.0.0.1",
    "a@b.example",
    "{",
    "}",
    '"message":',
    " ",
    "x",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
@example("0://")
@example("</0/0://")
@example(":<b>//x")
def test_any_text_becomes_one_short_line_or_none(text: str):
    """Whatever is said."""
    reason = clean(text)
    assert reason is None or (reason.isprintable() and 0 < len(reason) <= LONGEST and "://" not in reason)
