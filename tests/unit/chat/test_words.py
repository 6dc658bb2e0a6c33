"""Text for Discord: escaped, shortened, never alive."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.words import STATUS_WORDS, ago, bar, clean, code, escape, moment, shorten
from bot.jobs.job import Status


def unescaped(text: str) -> str:
    """What Discord shows of escaped text: a backslash before a sign hides itself, a zero-width space is not seen."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text).replace("\u200b", "")


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("**bold** and `code`", r"\*\*bold\*\* and \`code\`"),
        ("||secret||", r"\|\|secret\|\|"),
        ("[click](https://evil.example)", r"\[click\](https\://evil.example)"),
        ("@everyone <@123> <#4> <:a:5>", "@\u200beveryone \\<@\u200b123> \\<#4> \\<\\:a:5>"),
        ("# heading", r"\# heading"),
        ("1. list", r"1\. list"),
        ("12) list", r"12\) list"),
        ("- point", r"\- point"),
        ("> quote", r"\> quote"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("viduq3-pro is 1.5 # fine", "viduq3-pro is 1.5 # fine"),
        ("\u202egpj.exe\u200b\u2066", "gpj.exe"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("2", "2"),
        (":smile: at 12:30:45", r"\:smile: at 12\:30:45"),
        ("Z" + 40 * "\u0301" + "a", "Z" + 8 * "\u0301" + "a"),
    ],
)
def test_a_prompt_is_shown_as_it_was_typed(prompt: str, shown: str):
    """Markdown, mentions, links and invisible signs lose their power; what is harmless stays as it is."""
    assert escape(prompt, 1000) == shown


@given(st.text(), st.integers(1, 200))
def test_escaped_text_keeps_its_limit_and_its_words(text: str, limit: int):
    """However it is cut, no escape is torn, and what is left is the beginning of what was typed."""
    escaped = escape(text, limit)
    assert len(escaped) <= limit
    shown = unescaped(escaped)
    assert clean(text) == shown or (shown.endswith("…") and clean(text).startswith(shown[:-1]))


@given(st.text(alphabet="<@!&#:>[]()`*_~|\\ae1/ht ps", max_size=80))
def test_escaped_text_holds_nothing_alive(text: str):
    """No mention in the raw text, no link, and every sign that opens markdown has an odd number of backslashes."""
    escaped = escape(text, 500)
    assert not re.search(r"@(everyone|here|[!&]?\d)", escaped)
    assert "://" not in re.sub(r"\\:", "", escaped)
    assert all(len(run) % 2 for run in re.findall(r"(\\*)[*_~`|\[\]<]", escaped))


@pytest.mark.parametrize(
    ("value", "shown"),
    [("veo_3_1-fast", "`veo_3_1-fast`"), ("a`b\n@everyone", "`a'b @\u200beveryone`"), ("", "")],
)
def test_a_value_in_code_type_cannot_leave_it(value: str, shown: str):
    """A backtick inside would end the code."""
    assert code(value) == shown


def test_text_is_shortened_with_an_ellipsis():
    """A cut is seen."""
    assert (shorten("abcdef", 6), shorten("abcdefg", 6)) == ("abcdef", "abcde…")


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        (0, "▱▱▱▱▱▱▱▱▱▱ 0 %"),
        (55, "▰▰▰▰▰▱▱▱▱▱ 55 %"),
        (100, "▰▰▰▰▰▰▰▰▰▰ 100 %"),
        (-3, "▱▱▱▱▱▱▱▱▱▱ 0 %"),
        (300, "▰▰▰▰▰▰▰▰▰▰ 100 %"),
    ],
)
def test_progress_is_a_bar_and_a_number(percent: int, shown: str):
    """A service that says 300 % does not break the bar."""
    assert bar(percent) == shown


def test_every_status_has_its_word():
    """A status without a word would be a colour only."""
    assert {status: STATUS_WORDS[status] for status in Status} == STATUS_WORDS
    assert ago(1790000000.9) == "<t:1790000000:R>"
    assert moment(1790000000.9) == "<t:1790000000:f>"
