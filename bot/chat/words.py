"""Text made safe and short for a Discord message, and the fixed words of a card."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

from bot.jobs.job import Status

STATUS_WORDS: dict[Status, str] = {
    Status.QUEUED: "Queued",
    Status.SUBMITTING: "Submitting",
    Status.IN_PROGRESS: "Generating",
    Status.DELIVERING: "Posting",
    Status.COMPLETED: "Done",
    Status.FAILED: "Failed",
    Status.UNCONFIRMED: "Unconfirmed",
    Status.CANCELLED: "Cancelled",
    Status.EXPIRED: "Expired",
    Status.HELD: "Held",
}
"""What a person reads for each status; always a word, never only a colour."""

_ZERO_WIDTH_JOINER = "\u200d"  # holds emoji families together, so it is the one format character that stays
_AFTER_AT = "@\u200b"  # Discord reads mentions in the raw text, where a backslash does not hide them
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co"})  # not Cn: an emoji newer than this Python's Unicode is unassigned
_MEANINGFUL = frozenset("\\*_~`|[]<")
_AT_LINE_START = re.compile(r"^(?:[#>+-]|\d+(?=[.)]))")
_ALIVE_COLON = re.compile(r":(?=//|\S*:)")  # of a link, or of an emoji by its name, such as :smile:
_MOST_MARKS = 8  # on one letter: Tibetan and Hebrew have fewer; a tower of them covers the messages above and below


def clean(text: str) -> str:
    """One line without control characters, bidirectional overrides, towers of accents and other tricks on the eye."""
    kept: list[str] = []
    marks = 0
    for char in text:
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if char.isspace() or char == _ZERO_WIDTH_JOINER or (kind not in _INVISIBLE and marks <= _MOST_MARKS):
            kept.append(char)
    return " ".join("".join(kept).split())


def escape(text: str, limit: int) -> str:
    """Text that shows as it was typed: no markdown, no mention, no link, at most `limit` characters with "…" at a cut."""
    line = clean(text)[: limit + 1]  # no piece is shorter than its character
    pieces = [_escaped(char) for char in line]
    if start := _AT_LINE_START.match(line):
        # "1." would open a list, "#" a heading: the backslash goes before the sign, which for a number is its dot.
        position = start.end() if line[0].isdigit() else 0
        pieces[position] = "\\" + pieces[position]
    for colon in _ALIVE_COLON.finditer(line):
        pieces[colon.start()] = "\\:"
    return _cut(pieces, limit)


def code(text: str, limit: int = 100) -> str:
    """A value in code type, where Discord reads nothing as markdown or mention."""
    value = clean(text).replace("`", "'").replace("@", _AFTER_AT)
    return f"`{_cut(list(value), limit)}`" if value else ""


def shorten(text: str, limit: int) -> str:
    """Cleaned text of at most `limit` characters, for places that know no markdown such as an alt text."""
    return _cut(list(clean(text)), limit)


def bar(percent: int) -> str:
    """Progress as ten blocks and a number."""
    done = max(0, min(100, percent))
    return f"{'▰' * (done // 10)}{'▱' * (10 - done // 10)} {done} %"


def ago(when: float) -> str:
    """A stamp that Discord shows as "5 minutes ago" and keeps current without an edit."""
    return f"<t:{int(when)}:R>"


def moment(when: float) -> str:
    """A stamp that Discord shows as a date and a time where the reader is."""
    return f"<t:{int(when)}:f>"


def _escaped(char: str) -> str:
    if char == "@":
        return _AFTER_AT
    return f"\\{char}" if char in _MEANINGFUL else char


def _cut(pieces: list[str], limit: int) -> str:
    """Join whole pieces, so that no escape is torn in two."""
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    ends = accumulate(map(len, pieces))
    return "".join(piece for piece, end in zip(pieces, ends, strict=True) if end < limit) + "…"
