"""What every status means for money: the whole range, so that no number in the rules can be another one unnoticed."""

from __future__ import annotations

import json

import pytest

from bot.api.errors import Ambiguous, ApiError, BadFile, Busy, NotKnown, NotReady, Rejected, Unauthorized
from bot.api.retry import Answer, ask_error, content_error, submit_error

STATUSES = range(100, 600)
MODEL = "veo_3_1"
#: Whatever stands in the body.
ALWAYS: dict[int, type[ApiError]] = {301: Rejected, 307: Rejected, 308: Rejected, 413: Rejected, 429: Busy}
#: In a gateway's own words.
REFUSED = dict.fromkeys((400, 404, 405, 410, 415, 422, 451), Rejected)
OUR_KEY = dict.fromkeys((401, 402, 403), Unauthorized)
#: In the words of the service behind it, whose key is the gateway's.
ITS_KEY = dict.fromkeys((401, 402, 403, 404), Busy)


def _answer(status: int, code: str, message: str = "no") -> Answer:
    return Answer(status=status, headers={}, body=json.dumps({"code": code, "message": message, "data": None}).encode())


def _submitted(code: str, message: str = "no") -> dict[int, type[ApiError]]:
    """What each status means for a POST; those that are `Ambiguous` are left out."""
    found = {status: type(submit_error(_answer(status, code, message), now=0.0, model=MODEL)) for status in STATUSES}
    return {status: kind for status, kind in found.items() if kind is not Ambiguous}


@pytest.mark.parametrize(
    ("code", "message", "clear"),
    [
        ("x", "no", ALWAYS | REFUSED | OUR_KEY | {503: Busy}),
        ("fail_to_fetch_task", "no", ALWAYS | REFUSED | ITS_KEY | {503: Busy}),
        ("fail_to_fetch_task", "a policy", ALWAYS | REFUSED | dict.fromkeys(ITS_KEY, Rejected) | {503: Busy}),
        ("x", f"no access to {MODEL}", ALWAYS | REFUSED | dict.fromkeys(OUR_KEY, Rejected) | {503: Busy}),
        ("model_not_found", "no", ALWAYS | REFUSED | OUR_KEY | {503: Rejected}),
        ("task_not_exist", "no", ALWAYS | REFUSED | OUR_KEY | {503: Busy}),
    ],
)
def test_every_status_of_a_post_has_one_meaning(code: str, message: str, clear: dict[int, type[ApiError]]):
    """What is not named here may have created a video, and is never repeated."""
    assert _submitted(code, message) == clear


@pytest.mark.parametrize("code", ["insufficient_user_quota", "pre_consume_token_quota_failed", "access_denied"])
def test_trouble_of_our_account_stays_that_though_it_names_the_model(code: str):
    """The operator is asked, not the person."""
    assert _submitted(code, f"no funds for {MODEL}") == ALWAYS | REFUSED | OUR_KEY | {503: Busy}


@pytest.mark.parametrize(
    "code", ["build_request_failed", "model_price_error", "model_mapping_failed", "not_implemented"]
)
def test_what_a_gateway_gives_up_before_it_sends_anything_is_refused(code: str):
    """Whatever status it comes with, but for a key's and an outage's."""
    assert _submitted(code) == dict.fromkeys(STATUSES, Rejected) | OUR_KEY | {429: Busy, 503: Busy}


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("x", {404: NotKnown} | OUR_KEY),
        ("fail_to_fetch_task", {}),
        ("task_not_exist", dict.fromkeys(STATUSES, NotKnown)),
    ],
)
def test_every_status_of_a_question_has_one_meaning(code: str, known: dict[int, type[ApiError]]):
    """What is not clear is asked again."""
    found = {status: type(ask_error(_answer(status, code), now=0.0)) for status in STATUSES}

    assert found == dict.fromkeys(STATUSES, Busy) | known


@pytest.mark.parametrize(
    ("code", "kind", "known"),
    [
        ("x", "x", dict.fromkeys((400, 404, 500, 502), NotReady) | OUR_KEY),
        ("", "a", dict.fromkeys((400, 404, 500, 502), NotReady) | OUR_KEY),
        ("x", "server_error", dict.fromkeys((400, 404, 500, 502), NotReady) | OUR_KEY | {403: BadFile}),
        ("task_not_exist", "x", dict.fromkeys(STATUSES, NotKnown)),
    ],
)
def test_every_status_of_a_download_has_one_meaning(code: str, kind: str, known: dict[int, type[ApiError]]):
    """new-api answers 400 before the video is done, and filters addresses with a 403 of type `server_error`."""
    error = {"error": {"code": code, "message": "no", "type": kind}}
    answers = {status: Answer(status=status, headers={}, body=json.dumps(error).encode()) for status in STATUSES}
    found = {status: type(content_error(answer, now=0.0)) for status, answer in answers.items()}

    assert found == dict.fromkeys(STATUSES, Busy) | known


@pytest.mark.parametrize(
    ("status", "code", "message", "sentence"),
    [
        (400, "x", "no", "The video service refused the request: no."),
        (400, "x", "", "The video service did not accept this request: change the prompt, the picture or the options"),
        (404, "x", "no", "The video service is not at this address"),
        (405, "x", "no", "The video service is not at this address"),
        (413, "x", "no", "The picture is too large"),
        (404, "model_not_found", "no", "This model is not available now"),
        (400, "model_not_found", "no", "This model is not available now"),
        (503, "model_not_found", "no", "This model is not available now"),
        (403, "x", MODEL, "This model is not available now"),
        (400, "task_not_exist", "no", "The video service does not know this video"),
        (401, "x", "no", "The video service does not accept this bot's key or account"),
        (301, "x", "no", "The video service is not at this address"),
        (307, "x", "no", "The video service is not at this address"),
        (308, "x", "no", "The video service is not at this address"),
    ],
)
def test_each_refusal_says_what_to_do(status: int, code: str, message: str, sentence: str):
    """One sentence for the person or for the operator."""
    error = submit_error(_answer(status, code, message), now=0.0, model=MODEL)

    assert str(error).startswith(sentence)


def test_without_a_model_none_is_named():
    """A remix has none: an empty name is in every message."""
    assert type(submit_error(_answer(403, "x"), now=0.0)) is Unauthorized


@pytest.mark.parametrize(
    "word",
    ["moderation", "policy", "policies", "safety", "sensitive", "prohibited", "inappropriate", "审核", "违规", "敏感"],
)
def test_every_word_of_refused_content_is_known(word: str):
    """Whichever way a service says it, and in capitals too."""
    for said in (word, word.upper()):
        error = submit_error(_answer(403, "fail_to_fetch_task", f"x {said} x"), now=0.0)
        assert type(error) is Rejected


def test_an_error_has_what_an_operator_looks_for():
    """The status, the gateway's code and request id, and how long it asks to wait."""
    headers = {"x-oneapi-request-id": "2026ABC", "retry-after": "7"}
    body = json.dumps({"code": "x", "message": "no"}).encode()
    error = submit_error(Answer(status=503, headers=headers, body=body), now=0.0)

    assert (error.status, error.code, error.request_id, error.retry_after) == (503, "x", "2026ABC", 7)
