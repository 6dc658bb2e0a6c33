"""What an answer means for the caller, as pure rules: which error it is, and how long to wait.

The rule of money: a POST may be repeated only where nothing can have been created, and only a gateway's own words prove
that. So an answer to a POST with no gateway body (HTML, nothing, another program's JSON) is `Ambiguous`, but for three
kinds: 413 refuses the body unread, 429 the caller, and 301, 307 and 308 send it elsewhere. A GET may always be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypedDict

from bot.api.bodies import dig, parse
from bot.api.errors import Ambiguous, ApiError, BadFile, Busy, NotKnown, NotReady, Rejected, Unauthorized
from bot.api.reasons import clean

LONGEST_WAIT = 120.0
"""Seconds that a Retry-After may ask for at most."""

#: new-api passes an upstream's answer on under this code: the status is the upstream's, the message its raw body.
_UPSTREAM = "fail_to_fetch_task"
_OF_OUR_ACCOUNT = frozenset({"insufficient_user_quota", "pre_consume_token_quota_failed", "access_denied"})
#: 500s that new-api gives before anything is sent upstream, and would give again.
_NEVER_SENT = frozenset({"build_request_failed", "model_price_error", "model_mapping_failed", "not_implemented"})
_CONTENT_REFUSED = re.compile(r"moderat|policy|policies|safety|sensitive|prohibited|inappropriate|审核|违规|敏感", re.I)

LOST = "The answer of the video service was lost, so a video may be in the making and may be charged."
BUSY = "The video service is busy: this is tried again by itself."
UNREACHABLE = "The video service cannot be reached: this is tried again by itself."
NO_FILE = "The file the video service sent is not a whole video."
_REFUSED = (
    "The video service did not accept this request: change the prompt, the picture or the options, and try again."
)
_TOO_LARGE = "The picture is too large for the video service: use a smaller one."
_NO_MODEL = "This model is not available now: choose another one."
_NO_ACCESS = "The video service does not accept this bot's key or account: its operator has to look at it."
_NO_ROUTE = "The video service is not at this address: the bot's operator has to look at its base URL."
_NOT_KNOWN = "The video service does not know this video."
_NOT_READY = "The video cannot be downloaded yet."


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer, whole; `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str | None:
        """new-api's id of this request in its own log."""
        return self.headers.get("x-oneapi-request-id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """A gateway's error, read from any of its shapes."""

    code: str
    message: str
    kind: str

    @property
    def from_upstream(self) -> bool:
        """Whether a service behind the gateway refused, not the gateway itself."""
        return self.code == _UPSTREAM


_Verdict = tuple[type[ApiError], str]

_KEY_REFUSED = frozenset({401, 402, 403, 404})
_REQUEST_REFUSED = frozenset({400, 404, 405, 410, 415, 422, 451})
#: A wrong model name, which on new-api is a 503, as an outage would be.
_UNKNOWN_MODEL = "model_not_found"
#: `task_not_exist` answers a remix of a lost video.
_BY_CODE: Mapping[str, _Verdict] = {
    _UNKNOWN_MODEL: (Rejected, _NO_MODEL),
    "task_not_exist": (Rejected, _NOT_KNOWN),
}
_WHATEVER_THE_BODY: Mapping[int, _Verdict] = {
    301: (Rejected, _NO_ROUTE),
    307: (Rejected, _NO_ROUTE),
    308: (Rejected, _NO_ROUTE),
    413: (Rejected, _TOO_LARGE),
    429: (Busy, BUSY),
}


class _Facts(TypedDict):
    status: int
    code: str | None
    request_id: str | None
    retry_after: float | None


def complaint(body: bytes) -> Complaint | None:
    """What a gateway says went wrong; None where the body is not a gateway's.

    Two shapes: `{"error": {"message", "type", "code"}}` from routing, auth and /content, and
    `{"code", "message", "data": null}` from everything about tasks.
    """
    root = parse(body) or {}
    error = root.get("error")
    if isinstance(error, dict):
        return Complaint(
            code=_text(root, "error.code"), message=_text(root, "error.message"), kind=_text(root, "error.type")
        )
    if isinstance(error, str) and error:
        return Complaint(code=_text(root, "code"), message=error, kind="")
    code = root.get("code")
    if "message" in root and code and code is not True and code != "success":
        return Complaint(code=_text(root, "code"), message=_text(root, "message"), kind="")
    return None


def submit_error(answer: Answer, *, now: float, model: str = "") -> ApiError:
    """What the answer to a POST means, where it holds no video id.

    Args:
        answer: the whole answer.
        now: Unix seconds, for a Retry-After that is a date.
        model: the model asked for: new-api answers 403 both for a key that is refused and for a model the key may not
            use, with no code and a localised message, but the latter names the model.
    """
    said = complaint(answer.body)
    if answer.status in _WHATEVER_THE_BODY:
        kind, sentence = _WHATEVER_THE_BODY[answer.status]
    else:
        kind, sentence = _submit_verdict(answer.status, said, model) if said else (Ambiguous, LOST)
    return kind(sentence, **_facts(answer, said, now))


def ask_error(answer: Answer, *, now: float) -> ApiError:
    """What a bad answer to a GET means; whatever is not clear may be asked again."""
    said = complaint(answer.body)
    facts = _facts(answer, said, now)
    if said and (said.code == "task_not_exist" or (answer.status == 404 and not said.from_upstream)):
        return NotKnown(_NOT_KNOWN, **facts)
    if said and answer.status in (401, 402, 403) and not said.from_upstream:
        return Unauthorized(_NO_ACCESS, **facts)
    return Busy(BUSY, **facts)


def content_error(answer: Answer, *, now: float) -> ApiError:
    """What a bad answer of /v1/videos/{id}/content means.

    400 is "not completed yet" (the route looks at the gateway's own copy of the status); 403 of type `server_error` is
    the gateway's filter of addresses; 404 and 502 may be a replica that lags, or a file that is gone for ever.
    """
    said = complaint(answer.body)
    if said and answer.status == 403 and said.kind == "server_error":
        return BadFile(NO_FILE, **_facts(answer, said, now))
    if said and answer.status in (400, 404, 500, 502) and said.code != "task_not_exist":
        return NotReady(_NOT_READY, **_facts(answer, said, now))
    return ask_error(answer, now=now)


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds that a server asks to wait, 0 to 120: from `retry-after-ms`, or Retry-After as seconds or as a date."""
    seconds = _number(headers.get("retry-after-ms"), scale=0.001)
    if seconds is None:
        seconds = _number(headers.get("retry-after"))
    if seconds is None:
        try:
            seconds = parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _submit_verdict(status: int, said: Complaint, model: str) -> _Verdict:
    if said.from_upstream and status in _KEY_REFUSED:
        # The gateway's own key for the service behind it is bad, which passes; unless the content was refused.
        return (Rejected, _refusal(said)) if _CONTENT_REFUSED.search(said.message) else (Busy, BUSY)
    if status in (400, 404) and said.code in _BY_CODE:
        return _BY_CODE[said.code]
    if status in (401, 402, 403):
        names_model = bool(model) and model in said.message and said.code not in _OF_OUR_ACCOUNT
        return (Rejected, _NO_MODEL) if names_model else (Unauthorized, _NO_ACCESS)
    if status == 503:
        return (Rejected, _NO_MODEL) if said.code == _UNKNOWN_MODEL else (Busy, BUSY)
    if status in _REQUEST_REFUSED or said.code in _NEVER_SENT:
        return Rejected, _NO_ROUTE if status in (404, 405) else _refusal(said)
    return Ambiguous, LOST


def _refusal(said: Complaint) -> str:
    reason = clean(said.message)
    if reason is None:
        return _REFUSED
    return f"The video service refused the request: {reason.rstrip('.')}."


def _facts(answer: Answer, said: Complaint | None, now: float) -> _Facts:
    return {
        "status": answer.status,
        "code": said.code or None if said else None,
        "request_id": answer.request_id,
        "retry_after": retry_after(answer.headers, now=now),
    }


def _text(root: dict[str, Any], path: str) -> str:
    found = dig(root, path)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _number(text: str | None, *, scale: float = 1.0) -> float | None:
    """The number a header holds, if it is a plain one (not "nan", "inf" or "1_0")."""
    return float(text) * scale if text and re.fullmatch(r"\s*-?\d{1,15}(\.\d{1,9})?\s*", text, re.ASCII) else None
