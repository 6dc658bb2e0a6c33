"""A task's way through its statuses, by the clock."""

import itertools
import json

import pytest

from bot.sandbox.video_api import Outcome, Task, VideoApiSandbox
from bot.sandbox.video_api.tasks import Plan
from tests.integration.sandbox_video.conftest import START, Client, Clock

VEO = {"model": "veo_3_1", "prompt": "x", "seconds": "8"}


def task_of(clock: Clock, outcome: Outcome, ready_after: float | None = 0) -> Task:
    """A task that takes a hundred seconds."""
    return Task(
        id="video_x",
        model="veo_3_1",
        family="veo",
        request={},
        created_at=START,
        plan=Plan(width=1280, height=720, seconds=8, audio=True, price=400_000),
        outcome=outcome,
        clock=clock,
        seconds_to_done=100,
        ready_at=None if ready_after is None else START + ready_after,
    )


def statuses(task: Task, clock: Clock) -> list[tuple[int, str]]:
    """The seconds at which the status changes, and to what."""
    changes: list[tuple[int, str]] = []
    for second in range(0, 201, 5):
        clock.now = START + second
        if not changes or changes[-1][1] != task.status:
            changes.append((second, task.status))
    return changes


ON_ITS_WAY = [(0, "NOT_START"), (10, "QUEUED"), (25, "IN_PROGRESS")]


@pytest.mark.parametrize(
    ("outcome", "ready_after", "expected"),
    [
        (Outcome(), 0, [*ON_ITS_WAY, (100, "SUCCESS")]),
        (Outcome(), 130, [*ON_ITS_WAY, (130, "SUCCESS")]),
        (Outcome(), None, ON_ITS_WAY),
        (Outcome(fail="why"), None, [*ON_ITS_WAY, (100, "FAILURE")]),
        (Outcome(stuck=True), 0, ON_ITS_WAY),
    ],
)
def test_a_task_goes_through_its_statuses(
    clock: Clock, outcome: Outcome, ready_after: float | None, expected: list[tuple[int, str]]
):
    """It is done when its time is up and its file is there, and it fails without a file."""
    assert statuses(task_of(clock, outcome, ready_after), clock) == expected


def test_a_task_is_refunded_when_it_fails(clock: Clock):
    """The charge stands until the failure."""
    task = task_of(clock, Outcome(fail="why"))
    before = task.refunded
    clock.now = START + 100
    assert (task.charged, before, task.refunded) == (400_000, 0, 400_000)


def test_the_poll_loop_looks_only_now_and_then(clock: Clock):
    """Between two looks all replies are equal, and each change shows only at the next look."""
    task = task_of(clock, Outcome(snapshot_every=30))
    looks = [task.snapshot(START + second) for second in range(0, 150, 5)]
    assert [len(list(group)) for _, group in itertools.groupby(looks)] == [6] * 5
    assert [look.status for look in looks[::6]] == ["NOT_START", *["IN_PROGRESS"] * 3, "SUCCESS"]


def test_progress_never_goes_back(clock: Clock):
    """It climbs from 0 over 20 and 30 to 100."""
    task = task_of(clock, Outcome())
    progress = [task.snapshot(START + second).progress for second in range(0, 120, 5)]
    assert progress == sorted(progress)
    assert (progress[0], progress[2], progress[5], progress[-1]) == (0, 20, 30, 100)


async def test_what_the_next_tasks_do_beats_the_marks_in_their_prompts(still_client: Client):
    """`next` applies to as many tasks as asked, in order, and then the prompts count again."""
    still_client.api.next(fail="one", times=2)
    still_client.api.next(seconds_to_done=7)
    made = [await still_client.made(**VEO | {"prompt": "[stuck]"}) for _ in range(4)]
    assert [(task.outcome.fail, task.outcome.stuck, task.seconds_to_done) for task in made] == [
        ("one", False, 100),
        ("one", False, 100),
        (None, False, 7),
        (None, True, 100),
    ]


@pytest.mark.parametrize(
    ("prompt", "outcome"),
    [
        ("a cat", Outcome()),
        ("a cat [fail]", Outcome(fail="Your request was blocked by our moderation system.")),
        ("[stuck]", Outcome(stuck=True)),
        ("[slow] cat", Outcome(seconds_to_done=1000)),
        ("[slow] [fail]", Outcome(fail="Your request was blocked by our moderation system.", seconds_to_done=1000)),
        ("[content]", Outcome(url="content")),
        ("[truncated]", Outcome(truncate=4096)),
        ("[huge]", Outcome(padded=200)),
        ("[hevc]", Outcome(coding="hevc")),
        ("[10bit]", Outcome(coding="10bit")),
        ("[late]", Outcome(coding="late")),
        ("[silent]", Outcome(silent=True)),
    ],
)
async def test_a_prompt_can_steer_its_task(still_client: Client, prompt: str, outcome: Outcome):
    """Marks in brackets make what people want to see."""
    assert (await still_client.made(**VEO | {"prompt": prompt})).outcome == outcome


async def test_odd_words_are_shown_in_turn_while_it_runs(still_client: Client, clock: Clock):
    """No client may fail on a word it does not know; when done, the usual word comes."""
    still_client.api.next(odd_words=["NOT_START", "weird"])
    task = await still_client.made(**VEO)
    words = [json.loads((await still_client.get(f"/v1/videos/{task.id}"))[1])["status"] for _ in range(3)]
    await still_client.api.wait_for(lambda: task.ready_at is not None)
    clock.now += 100
    words.append(json.loads((await still_client.get(f"/v1/videos/{task.id}"))[1])["status"])
    assert words == ["NOT_START", "weird", "NOT_START", "completed"]


async def test_an_unknown_shape_is_refused_at_once(api: VideoApiSandbox):
    """A typing error in a test is found where it was made."""
    with pytest.raises(ValueError, match="no reply shape 'E99'"):
        api.next(shape="E99")
