"""A job to draw cards of."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.jobs.job import Destination, Job
from bot.requests.base import Submission

NOW = 1_790_000_000.0


@pytest.fixture
def make_job() -> Callable[..., Job]:
    """A job with sensible values for all that is not given."""

    def make(**changes: Any) -> Job:
        standard: dict[str, Any] = {
            "id": "abcdefghjkmn",
            "command": "veo",
            "prompt": "a red fox in the snow",
            "recipe": {"model": "veo_3_1", "size": "1280x720", "seconds": "8"},
            "destination": Destination(user_id=7, channel_id=8, guild_id=9, card_id=10),
            "submission": Submission(upstream="octopusx", submit_path="/v1/videos", fields={}),
            "due_at": NOW,
            "created_at": NOW,
        }
        return Job(**(standard | changes))

    return make
