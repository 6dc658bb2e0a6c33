"""What a job that is ordered again sends."""

from collections.abc import Callable

from bot.chat.orders import repeat
from bot.jobs.job import Destination, Job
from bot.links import LINK_SECONDS, Links
from bot.requests.base import Submission

LINKS = Links(base_url="https://bot.example", key=b"k" * 32)
HERE = Destination(user_id=7, channel_id=8, card_id=11, token="another")


def test_a_repeat_sends_links_to_its_own_pictures_and_the_rest_as_it_was(make_job: Callable[..., Job]):
    """Only in the fields that hold links: a prompt that looks like one is what the person typed."""
    prompt = "a sign that reads /inputs/abcdefghjkmn/0"
    own = LINKS.sign("/inputs/abcdefghjkmn/0", 1)
    fields = {"prompt": prompt, "image": own, "images": [own]}
    submission = Submission(upstream="uniall", submit_path="/v1", fields=fields, links=("image", "images", "video"))
    again = repeat(make_job(prompt=prompt, submission=submission), HERE, 5.0, LINKS)
    anew = LINKS.sign(f"/inputs/{again.id}/0", 5 + LINK_SECONDS)
    assert again.submission.fields == {"prompt": prompt, "image": anew, "images": [anew]}
