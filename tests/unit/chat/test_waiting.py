"""What is said to somebody who orders while a service, or one command's channel at it, is down."""

from dataclasses import replace

import pytest

from bot.chat.waiting import sentence
from bot.jobs.breaker import Cause, Scope
from bot.jobs.job import Destination, Job
from bot.jobs.upstreams import Trouble
from bot.requests.base import Submission

GATEWAY, OTHER = Scope(upstream="octopusx"), Scope(upstream="uniall")
MAKERS = {
    replace(GATEWAY, command="kling"): "Kling",
    replace(GATEWAY, command="sora"): "Sora",
    replace(GATEWAY, command="veo"): "Veo",
    replace(OTHER, command="veo31"): "Veo 3.1",
}
ALONE = "The video service does not answer at the moment; this goes on by itself once it does."


def _down(scope: Scope, who: str = "The video service", cause: Cause = Cause.DOWN) -> Trouble:
    return Trouble(scope=scope, cause=cause, who=who, since=0.0)


KLING, VEO = _down(replace(GATEWAY, command="kling"), "Kling"), _down(replace(GATEWAY, command="veo"), "Veo")


@pytest.mark.parametrize(
    ("command", "troubles", "said"),
    [
        ("kling", [], None),
        ("veo", [KLING], None),
        ("veo31 text", [KLING, _down(GATEWAY)], None),
        ("kling", [KLING], "Kling does not answer at the moment, so this waits; Sora, Veo and Veo 3.1 work."),
        ("kling", [KLING, VEO], "Kling does not answer at the moment, so this waits; Sora and Veo 3.1 work."),
        ("sora", [_down(GATEWAY)], "The video service does not answer at the moment, so this waits; Veo 3.1 works."),
        ("video", [_down(GATEWAY)], "The video service does not answer at the moment, so this waits; Veo 3.1 works."),
        ("sora", [_down(GATEWAY), _down(OTHER)], ALONE),
        (
            "sora",
            [_down(GATEWAY, cause=Cause.KEY)],
            "The video service does not accept the bot's key at the moment, so this waits; Veo 3.1 works.",
        ),
    ],
)
def test_who_orders_reads_what_waits_and_what_works(command: str, troubles: list[Trouble], said: str | None):
    """In one sentence, which begins as that of the jobs that wait already, so that no card is edited for it."""
    upstream = "uniall" if command.startswith("veo31") else "octopusx"
    job = Job(
        id="a",
        command=command,
        prompt="p",
        recipe={},
        destination=Destination(user_id=1, channel_id=2),
        submission=Submission(upstream=upstream, submit_path="/v1/videos", fields={}),
        due_at=0.0,
        created_at=0.0,
    )
    assert sentence(job, troubles, MAKERS) == said
    assert said is None or any(said.startswith(trouble.opening) for trouble in troubles)
