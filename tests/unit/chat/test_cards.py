"""Cards: what they say in each status, and that no prompt can break one."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.chat import cards
from bot.chat.words import STATUS_WORDS
from bot.jobs.delivery import Original
from bot.jobs.job import Destination, Job, Status

Make = Callable[..., Job]


def texts(card: cards.Card) -> list[str]:
    """The text displays of a card, in order."""
    return [part["content"] for part in flat(card) if part["type"] == 10]


def flat(card: cards.Card) -> list[dict[str, Any]]:
    """All components of a card as they go over the wire."""
    found: list[dict[str, Any]] = []

    def walk(parts: list[Any]) -> None:
        for part in parts:
            found.append(part)
            walk([*part.get("components", []), *([part["accessory"]] if "accessory" in part else [])])

    walk(card.to_components())
    return found


def buttons(card: cards.Card) -> list[str | None]:
    """The buttons' labels."""
    return [part["label"] for part in flat(card) if part["type"] == 2]


def test_a_queued_card_says_all_there_is_to_say(make_job: Make):
    """Title with the status in a word, the prompt, when it was ordered, the notes, the recipe with the id."""
    card = cards.status(make_job(notes=("With a picture it is always landscape.",)))
    assert texts(card) == [
        "### /veo · Queued",
        "> a red fox in the snow",
        "Waiting to be sent to the video service. Ordered <t:1790000000:R>.",
        "-# With a picture it is always landscape.",
        "-# model `veo_3_1` · size `1280x720` · seconds `8` · job `abcdefghjkmn`",
    ]
    assert [(part.get("label"), part.get("custom_id")) for part in flat(card) if part["type"] == 2] == [
        ("Cancel", "reelcord:cancel:abcdefghjkmn")
    ]


def test_a_generating_card_shows_a_bar(make_job: Make):
    """Progress in a bar and in words, with a stamp that counts by itself."""
    job = make_job(status=Status.IN_PROGRESS, progress=42, submitted_at=1_790_000_060.0)
    assert texts(cards.status(job))[2] == "▰▰▰▰▱▱▱▱▱▱ 42 % · started <t:1790000060:R>"


def test_a_done_card_links_to_the_video(make_job: Make):
    """The link is a button, and there is nothing left to cancel."""
    url = "https://discord.com/channels/9/8/11"
    job = make_job(status=Status.COMPLETED, message_url=url, finished_at=1_790_000_200.0)
    card = cards.status(job)
    assert [part["url"] for part in flat(card) if part["type"] == 2] == [url]
    assert texts(card)[0] == "### /veo · Done"
    assert texts(card)[2] == "The video is posted. <t:1790000200:R>"


def test_a_done_card_without_a_link_says_where_the_video_was(make_job: Make):
    """It came in an answer that only the person saw, to which no link leads."""
    job = make_job(status=Status.COMPLETED, finished_at=1_790_000_200.0)
    assert texts(cards.status(job))[2] == (
        "The video came in the command's own answer, which only you could see. <t:1790000200:R>"
    )


def test_a_card_can_leave_the_prompt_out(make_job: Make):
    """Where AutoMod blocks a word of it, all else is said."""
    told = texts(cards.status(make_job()))
    told[1] = "> *The prompt is not shown: this server's AutoMod blocks it.*"
    assert texts(cards.status(make_job(), quoted=False)) == told


def test_a_failed_card_names_the_button_that_leads_to_the_video(make_job: Make):
    """As long as it is there: a link that has ended, or is too long for a button, is not promised."""
    job = make_job(status=Status.FAILED, reason="It is too large.", finished_at=1_790_000_200.0)
    job = job.evolve(original_url="https://files.example/fox.mp4", original_until=1_790_000_300.0)
    promised = "It is too large. The button **Full quality** leads to it. <t:1790000200:R>"
    plain = "It is too large. <t:1790000200:R>"
    long = job.evolve(original_url="https://files.example/" + 500 * "x")
    found = [texts(cards.status(each, now=now))[2] for each, now in ((job, 0.0), (job, 1_790_000_300.0), (long, 0.0))]
    assert found == [promised, plain, plain]


@pytest.mark.parametrize(
    ("status", "labels"),
    [
        (Status.QUEUED, ["Cancel"]),
        (Status.SUBMITTING, []),
        (Status.IN_PROGRESS, ["Cancel"]),
        (Status.DELIVERING, []),
        (Status.COMPLETED, []),
        (Status.FAILED, ["Again"]),
        (Status.UNCONFIRMED, ["Again"]),
        (Status.CANCELLED, ["Again"]),
        (Status.EXPIRED, ["Again"]),
        (Status.HELD, ["Post it here"]),
    ],
)
def test_a_card_offers_what_can_be_done(status: Status, labels: list[str], make_job: Make):
    """Each status has its word in the title and its own buttons."""
    card = cards.status(make_job(status=status))
    assert texts(card)[0] == f"### /veo · {STATUS_WORDS[status]}"
    assert buttons(card) == labels


def test_a_reason_is_said_and_escaped(make_job: Make):
    """The service's words are not trusted more than the person's."""
    job = make_job(status=Status.FAILED, reason="blocked by @everyone's **policy**", finished_at=1_790_000_100.0)
    assert texts(cards.status(job))[2] == "blocked by @\u200beveryone's \\*\\*policy\\*\\* <t:1790000100:R>"


def test_a_held_card_says_where_the_video_can_be_had(make_job: Make):
    """Why it is not here, that it is not lost, and what to do; its own place may never take it."""
    job = make_job(status=Status.HELD, reason="The thread is closed.", finished_at=1_790_000_100.0)
    assert texts(cards.status(job))[2] == (
        "The thread is closed. The video is kept: use `/jobs show` where it may be posted, and press **Post it here**."
        " <t:1790000100:R>"
    )


def test_a_result_shows_the_video_with_its_recipe(make_job: Make):
    """The person is mentioned, the video has an alt text and its spoiler, and what was done to the file is told."""
    where = Destination(user_id=7, channel_id=8, spoiler=True)
    card = cards.result(make_job(destination=where), "reelcord-x.mp4", said="re-encoded from 38 MB")
    assert texts(card) == [
        "<@7>, your video is ready.",
        "-# model `veo_3_1` · size `1280x720` · seconds `8` · job `abcdefghjkmn`\n-# re-encoded from 38 MB",
    ]
    assert [part["items"] for part in flat(card) if part["type"] == 12] == [
        [
            {
                "media": {"url": "attachment://reelcord-x.mp4"},
                "description": "AI video: a red fox in the snow",
                "spoiler": True,
            }
        ]
    ]


def test_a_result_offers_the_original_and_says_until_when(make_job: Make):
    """A link button, and the end of our own link in the reader's own time."""
    original = Original(url="https://bot.example/videos/x.mp4", until=1_790_600_000.0)
    card = cards.result(make_job(), "reelcord-x.mp4", said="re-encoded", original=original)
    assert [(part["label"], part["url"]) for part in flat(card) if part["type"] == 2] == [
        ("Full quality", "https://bot.example/videos/x.mp4")
    ]
    assert texts(card)[1].splitlines()[1:] == ["-# re-encoded", "-# Full quality until <t:1790600000:f>"]


def test_a_still_in_place_of_the_video_leads_to_the_button(make_job: Make):
    """Where no video fits, the text says why there is a picture, and the picture says that it is one."""
    original = Original(url="https://cdn.example/x.mp4", until=None)
    card = cards.result(make_job(), "reelcord-x.jpg", original=original)
    assert texts(card)[0] == (
        "<@7>, your video is ready, but too large for this place: it is behind the button **Full quality**."
    )
    assert buttons(card) == ["Full quality"]
    (gallery,) = [part["items"] for part in flat(card) if part["type"] == 12]
    assert gallery[0]["description"] == "Still of an AI video: a red fox in the snow"


def test_a_link_that_discord_refuses_is_no_button(make_job: Make):
    """One of more than 512 characters, or of a folder on the worker's own disk, would cost the whole message."""
    long = Original(url=f"https://cdn.example/{'x' * 493}", until=1_790_600_000.0)
    card = cards.result(make_job(), "reelcord-x.jpg", original=long)
    assert texts(card)[0] == "<@7>, your video is ready, but too large for this place."
    assert (buttons(card), "until" in "".join(texts(card))) == ([], False)
    just = Original(url=long.url[:512], until=None)
    assert buttons(cards.result(make_job(), "reelcord-x.mp4", original=just)) == ["Full quality"]
    done = make_job(status=Status.COMPLETED, message_url="file:///videos/x.mp4", original_url=long.url)
    assert buttons(cards.status(done)) == []
    assert "file:" not in "".join(texts(cards.listing([done])))


def test_a_done_card_has_the_still_beside_its_words(make_job: Make):
    """A thumbnail with alt text and spoiler; the words are those of any card, in their order."""
    where = Destination(user_id=7, channel_id=8, spoiler=True)
    job = make_job(status=Status.COMPLETED, destination=where)
    card = cards.status(job, "reelcord-x.jpg")
    (section,) = [part for part in flat(card) if part["type"] == 9]
    assert section["accessory"] == {
        "type": 11,
        "media": {"url": "attachment://reelcord-x.jpg"},
        "description": "Still of an AI video: a red fox in the snow",
        "spoiler": True,
    }
    assert texts(card) == texts(cards.status(job))


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED])
def test_a_card_offers_the_original_as_long_as_it_is_there(status: Status, make_job: Make):
    """Done, or failed because it was too large for us; once our link has ended, the card does not speak of it."""
    url = "https://bot.example/videos/x.mp4"
    job = make_job(status=status, original_url=url, original_until=1_790_600_000.0)
    alive, dead = cards.status(job, now=1_790_599_999.0), cards.status(job, now=1_790_600_000.0)
    assert [part["url"] for part in flat(alive) if part.get("label") == "Full quality"] == [url]
    assert texts(alive)[-1] == "-# Full quality until <t:1790600000:f>"
    assert "Full quality" not in [*buttons(dead), *texts(dead)]
    unlimited = cards.status(job.evolve(original_until=None), now=1_790_600_000.0)
    assert "Full quality" in buttons(unlimited)
    assert "until" not in texts(unlimited)[-1]


def test_a_notice_of_a_held_video_says_all_that_its_reader_needs(make_job: Make):
    """In a direct message there is nothing around it: what was made, where it was to go, why it is not there."""
    job = make_job(status=Status.HELD, reason="The thread is closed.", original_url="https://bot.example/videos/x.mp4")
    card = cards.held_notice(job.evolve(original_until=1_790_600_000.0))
    assert texts(card) == [
        "### /veo · Held",
        "> a red fox in the snow",
        (
            "Your video is made but could not be posted in <#8>. The thread is closed."
            " It is kept: **Post it here** brings it into this conversation, `/jobs show` to any other place."
        ),
        "-# model `veo_3_1` · size `1280x720` · seconds `8` · job `abcdefghjkmn`",
        "-# Full quality until <t:1790600000:f>",
    ]
    assert [(part["label"], part.get("custom_id")) for part in flat(card) if part["type"] == 2] == [
        ("Post it here", "reelcord:bring:abcdefghjkmn"),
        ("Full quality", None),
    ]


def test_a_held_video_is_given_with_what_was_done_to_it(make_job: Make):
    """The video on the card itself, and the button that posts it for others."""
    job = make_job(status=Status.HELD, reason="The thread is closed.", finished_at=1_790_000_100.0)
    card = cards.given(job, "reelcord-x.mp4", said="re-encoded from 38 MB")
    assert texts(card)[2:] == [
        ("The thread is closed. Here it is, for you alone; **Post it here** posts it where you are. <t:1790000100:R>"),
        "-# re-encoded from 38 MB",
        "-# model `veo_3_1` · size `1280x720` · seconds `8` · job `abcdefghjkmn`",
    ]
    (gallery,) = [part["items"] for part in flat(card) if part["type"] == 12]
    assert (gallery[0]["media"]["url"], gallery[0]["description"]) == (
        "attachment://reelcord-x.mp4",
        "AI video: a red fox in the snow",
    )
    assert buttons(card) == ["Post it here"]


def test_a_private_video_is_offered_for_the_person_alone(make_job: Make):
    """Nobody has to fear that the button shows it to others: `actions.bring` keeps a private job private."""
    where = Destination(user_id=7, channel_id=8, private=True)
    job = make_job(status=Status.HELD, reason="Your messages are closed.", finished_at=1_790_000_100.0)
    card = cards.given(job.evolve(destination=where), "reelcord-x.mp4")
    assert texts(card)[2] == (
        "Your messages are closed. Here it is; **Post it here** shows it where you are, to you alone. <t:1790000100:R>"
    )


def test_a_list_tells_each_job_in_a_line(make_job: Make):
    """Id, status word, when, command, prompt, and the video where there is one."""
    done = make_job(status=Status.COMPLETED, message_url="https://discord.com/channels/9/8/11")
    assert texts(cards.listing([done])) == [
        "### Your jobs",
        (
            "`abcdefghjkmn` **Done** <t:1790000000:R> · /veo · a red fox in the snow"
            " · [video](https://discord.com/channels/9/8/11)"
        ),
    ]
    assert texts(cards.listing([])) == ["You have no jobs yet: try `/veo` with a prompt."]


ASTRAL = "\U0001d54f" * 6000

HOSTILE = (
    st.text()
    | st.text(alphabet="<@!&#:>[]()`*_~|\\-1. \n", max_size=7000)
    | st.sampled_from([ASTRAL, "*" * 6000, "```" * 2000])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(prompt=ASTRAL, reason=ASTRAL, note=ASTRAL, seed=ASTRAL, status=Status.HELD)
@given(prompt=HOSTILE, reason=HOSTILE, note=HOSTILE, seed=HOSTILE, status=st.sampled_from(Status))
def test_no_prompt_breaks_a_card(prompt: str, reason: str, note: str, seed: str, status: Status, make_job: Make):
    """Within Discord's limits, and nobody but the requester is mentioned, whatever is typed or answered."""
    url = "https://bot.example/videos/x.mp4"
    job = make_job(prompt=prompt, reason=reason, notes=(note,), recipe={"seed": seed}, status=status)
    job = job.evolve(message_url=url, original_url=url, original_until=1_790_600_000.0)
    for card in (
        cards.status(job, "reelcord-x.jpg"),
        cards.given(job, "reelcord-x.mp4", said=note),
        cards.result(job, "reelcord-x.mp4", said=note, original=Original(url=url, until=1_790_600_000.0)),
        cards.held_notice(job),
        cards.moved(job, url),
        cards.listing([job] * 10),
    ):
        parts = flat(card)
        said = "".join(texts(card))
        assert len(parts) <= 40
        assert len(said.encode("utf-16-le")) // 2 <= 4000
        assert all(texts(card))
        assert set(re.findall(r"@(?:everyone|here|[!&]?\d+)", said)) <= {"@7"}
        described = [item for part in parts for item in (part, *part.get("items", []))]
        assert all(len(item.get("description", "")) <= 1024 for item in described)
