"""Reasons of failures made fit to be shown: the service's own words without ids, addresses, keys or internals."""

from __future__ import annotations

import re

from bot.api.bodies import parse, printable, texts

LONGEST = 300
"""Characters a reason may have."""

_PATHS = ("error.message", "error", "message", "detail", "detail.0.msg", "msg", "error.code", "code")
_DEPTH = 4
_MOST_READ = 4000  # characters: the expressions below must stay quick whatever is sent

#: Taken out of a reason. A long run of characters with a digit in it is an id or a piece of a key, never a word.
_PRIVATE = re.compile(
    r"""
      \(?\b(?:request|trace|task)[ _-]?id\b \W{0,3} [\w.:+/=-]* \)?
    | [\w+.-]{0,200}://\S*
    | \bdata:\w+/\S*
    | \bwww\.\S+ | [\w.+-]+@[\w-]+\.[\w.-]+
    | \b(?:sk|pk|ak|rk)[-_][\w*.-]+ | \bAKIA\w{8,} | \bAIza[\w-]+ | \beyJ[\w-]+(?:\.[\w-]+)*
    | \b(?:api[ _-]?key|key|token|secret|password|passwd|pwd) \s* [=:] \s* \S+
    | \bBearer\s+\S+
    | \b(?:user|tenant|account|org|project|node|host|channel|group)[ _-]?id\b \W{0,3} [\w.-]+
    | \b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b
    | (?<![\w:]) (?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4} (?![\w:])
    | \b(?:localhost|[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}):\d{2,5}\b
    | (?<![\w.])/(?:[\w.-]{1,99}/){1,20}[\w.-]* | \b[a-z]:\\\S+
    | </?[a-z!][^<>]{0,200}> | \[\d{1,3}(?:;\d{1,3})*m
    | (?<![\w*]) (?=[\w*+/=-]*\d) [\w*+/=-]{24,}
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)

#: A reason that matches is about the service's internals (its channels, accounts, sockets, code) and is not shown.
_INTERNAL = re.compile(
    r"""
      channel | \b(?:under|user|this|current) \s+ group\b | \bquota | \bbilling | \bapi[ _-]?key | credential
    | insufficient \s+ (?:credit|balance|fund) | unmarshal | \bgo \s+ struct | \bdial \s+ tcp | goroutine | \bpanic\b
    | \bpost \s+ " | \bhttps? | \*\*\* | out \s+ of \s+ credit | \bnginx\b | \bcloudflare\b | bad \s+ gateway
    | 渠道 | 分组 | 额度 | 令牌 | 余额 | 密钥
    """,
    re.VERBOSE | re.IGNORECASE,
)

#: Looked for before anything is taken out: a page of a proxy's, a trace of a program's calls.
_MACHINE = re.compile(
    r"""
      ^ \s* <(?:!doctype|html|head|body|\?xml) | <script | \btraceback\b | \bfile \s+ "[^"]{1,200}", \s+ line \b
    | \bat \s+ [\w.$<>/:-]{1,200} \s* \([^()]{0,200}:\d+\) | \.(?:go|py|js|ts|java|rs|php|rb|cs):\d+ | \bruntime \s+ error
    | segmentation \s+ fault | \bnil \s+ pointer | no \s+ such \s+ file
    """,
    re.VERBOSE | re.IGNORECASE,
)

_TIMED_OUT = "任务超时"  # new-api's own sweep of tasks older than TASK_TIMEOUT_MINUTES
_EMPTY_BRACKETS = re.compile(r"[(\[{<]\s*[)\]}>]")
_NOTHING_SAID = {"", "ok", "success", "error", "failed", "failure", "none", "null", "unknown"}


def clean(text: str) -> str | None:
    """One readable line of at most 300 characters, or None where nothing is left that a person should read.

    Services nest JSON in their messages (new-api's `fail_to_fetch_task` carries the raw upstream body): the message
    inside is taken. URLs, addresses, ids and pieces of keys are removed; a text about the service's internals
    (channels, groups, quota, sockets) is dropped whole.
    """
    text = _innermost(printable(text))[:_MOST_READ]
    if _TIMED_OUT in text:
        return "The video service gave up on it after too long"
    if _MACHINE.search(text):
        return None
    text = _EMPTY_BRACKETS.sub("", _PRIVATE.sub(" ", text))
    text = " ".join(text.split()).strip(" -:;,\"'`")
    if text.rstrip(".!").casefold() in _NOTHING_SAID or _INTERNAL.search(text):
        return None
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _innermost(text: str) -> str:
    """The message inside JSON inside a message; a text before the JSON, such as `status 400:`, is dropped."""
    for _ in range(_DEPTH):
        start = text.find("{")
        nested = parse(text[start : text.rfind("}") + 1]) if start >= 0 else None
        if nested is None:
            return text
        text = next(iter(texts(nested, _PATHS)), "")
    return "" if text.startswith("{") else text
