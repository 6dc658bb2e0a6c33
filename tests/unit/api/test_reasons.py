"""Reasons: a service's own words, without what is nobody's business in a channel."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
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


@pytest.mark.parametrize("text", ["a-" * 100_000, "sk-" * 100_000, "1" * 200_000, "{" * 100_000, '{"a":' * 100_000])
def test_no_text_takes_long(text: str):
    """No expression runs away, whatever is sent."""
    started = time.process_time()
    clean(text)
    assert time.process_time() - started < 10  # milliseconds; an expression that backtracks would need hours


@given(st.text())
def test_any_text_becomes_one_short_line_or_none(text: str):
    """Whatever is said."""
    reason = clean(text)
    assert reason is None or (reason.isprintable() and 0 < len(reason) <= LONGEST and "://" not in reason)
