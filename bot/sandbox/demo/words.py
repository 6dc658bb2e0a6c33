"""Requests and messages as a newcomer can read them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.video_api import Call

_DATA_URI = re.compile(r"data:([\w/+.-]+);base64,([A-Za-z0-9+/=]+)")
_SIGNED = re.compile(r"(https?://[^/\s\"]+)/[^?\s\"]*/([^/?\s\"]+)\?[^\s\"]*")
_LINE_MARK = re.compile(r"^(?:### |> |-# )", re.MULTILINE)
_STAMP = re.compile(r" ?<t:\d+:R>")
_ESCAPE = re.compile(r"\\(?=[^\w\s])")


def request_text(call: Call) -> str:
    """A request as one line: pictures cut to their type and size, links to their host and file."""
    body: Any = call.json
    kind = "" if body is not None else "multipart "
    if body is None:
        body = {
            part.name: f"<file {part.filename}, {part.content_type}, {len(part.data):,} bytes>"
            if part.filename
            else part.text
            for part in call.parts
        }
    text = json.dumps(body, ensure_ascii=False)
    text = _DATA_URI.sub(lambda found: f"<{found[1]}, {len(found[2]) * 3 // 4:,} bytes>", text)
    text = _SIGNED.sub(r"\1/…/\2?…", text)
    return f"{call.method} {call.path} {kind}{text}"


def message_text(text: str, names: dict[int, str]) -> str:
    """A message as one line as Discord shows it: no marks, no escapes, names instead of ids."""
    for number, name in names.items():
        text = text.replace(f"<@{number}>", f"@{name}")
    text = _ESCAPE.sub("", _STAMP.sub("", _LINE_MARK.sub("", text)).replace("`", ""))
    return " · ".join(line.strip() for line in text.splitlines() if line.strip())
