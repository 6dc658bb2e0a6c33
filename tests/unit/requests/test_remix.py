"""Remix: an opaque id in a path."""

import pytest

from bot.errors import Refusal
from bot.requests.remix import RemixRequest


def test_a_remix_is_a_prompt_to_the_videos_own_route():
    """The id may hold anything, so it is encoded."""
    request = RemixRequest.parse({"prompt": "now in the rain", "video_id": "sora-2:task_01k/é"})
    submission = request.submission()
    assert submission.json_body() == {"prompt": "now in the rain"}
    assert (submission.upstream, submission.submit_path, submission.encoding) == (
        "octopusx",
        "/v1/videos/sora-2%3Atask_01k%2F%C3%A9/remix",
        "json",
    )
    assert request.recipe() == {"model": "remix"}
    assert request.notes() == ()


@pytest.mark.parametrize("video_id", ["", ".", ".."])
def test_an_id_cannot_climb_to_another_route(video_id: str):
    """Dots survive URL-encoding."""
    with pytest.raises(Refusal) as refusal:
        RemixRequest.parse({"prompt": "a cat", "video_id": video_id})
    assert str(refusal.value) == "This video cannot be remixed: choose one that the service made."
