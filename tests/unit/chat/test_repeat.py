"""What a job that is ordered again sends."""

from collections.abc import Callable

from bot.chat.orders import repeat
from bot.jobs.job import Destination, Job
from bot.requests.base import Submission

HERE = Destination(user_id=7, channel_id=8, card_id=11, token="another")


def test_a_repeat_sends_links_to_its_own_pictures_and_the_rest_as_it_was(make_job: Callable[..., Job]):
    """Only in the fields that hold links: a prompt that looks like one is what the person typed."""
    prompt, own = "a sign that reads /inputs/abcdefghjkmn/0", "https://bot.example/inputs/{}/0?expires=1"
    fields = {"prompt": prompt, "image": own.format("abcdefghjkmn"), "images": [own.format("abcdefghjkmn")]}
    submission = Submission(upstream="uniall", submit_path="/v1", fields=fields, links=("image", "images", "video"))
    again = repeat(make_job(prompt=prompt, submission=submission), HERE, 5.0)
    assert again.submission.fields == {
        "prompt": prompt,
        "image": own.format(again.id),
        "images": [own.format(again.id)],
    }
