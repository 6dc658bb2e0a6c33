"""Texts on cards, read as Discord's client reads them: by a reader of its own that knows nothing of how they are escaped."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.chat import cards, notices
from bot.chat.words import escape
from bot.jobs.job import Destination, Job, Status
from bot.requests.base import Submission

#: What is more than its letters, wherever it stands and at the beginning of a line.
ALIVE = re.compile(
    r"""\*|_|~~|\|\||`|https?://|<https?:|<(?:@[!&]?|\#)\d+>|<a?:\w+:\d+>|<t:-?\d+(?::\w)?>|</[^>]+:\d+>|<id:\w+>
    |:[^\s:]+:|@everyone|@here|@[!&]?\d+|\[[^\]]*\]\(|discord(?:app)?://""",
    re.VERBOSE,
)
AT_START = re.compile(r"#{1,3} |-# |>{1,3} |[-*+] |\d+[.)] ")
ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")


def read(markdown: str) -> tuple[str, list[str]]:
    """What a line shows, and what in it is alive."""
    shown, alive, at = "", [], 0
    if start := AT_START.match(markdown):
        alive.append(start[0])
    while at < len(markdown):
        if escaped := ESCAPED.match(markdown, at):
            shown, at = shown + escaped[1], at + 2
            continue
        if found := ALIVE.match(markdown, at):
            alive.append(found[0])
        shown, at = shown + markdown[at], at + 1
    return shown.replace("\u200b", ""), alive


def visible(text: str) -> str:
    """A prompt as a careful reader would copy it from the screen: no invisible signs, no towers, one line."""
    kept = "".join(
        ch for ch in text if ch.isspace() or ch == "\u200d" or unicodedata.category(ch) not in {"Cc", "Cf", "Cs", "Co"}
    )
    low = "".join("m" if unicodedata.category(ch) in {"Mn", "Me"} else "." for ch in kept)
    spare = {at for tower in re.finditer("m{9,}", low) for at in range(tower.start() + 8, tower.end())}
    return " ".join("".join(ch for at, ch in enumerate(kept) if at not in spare).split())


NASTY = [
    *(
        "**",
        "*",
        "__",
        "_",
        "~~",
        "||",
        "`",
        "```",
        "```py\n",
        "# ",
        "### ",
        "-# ",
        "> ",
        ">>> ",
        "- ",
        "1. ",
        "\\",
        "\\\\",
    ),
    *("[x](https://evil.example)", "https://evil.example", "<https://evil.example>", "discord://x", "discord.gg/abc"),
    *("@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "<:a:1>", "<a:a:1>", "<t:0:R>", "</veo:1>", "<id:guide>"),
    *(":smile:", ":", "@", "<", ">", "\n", "\r\n", "\t", " ", "\0", "\x1b[31m", "\u202e", "\u200b", "\u200f", "\u2066"),
    *(
        "\ud800",
        "\udfff",
        "\u0301" * 30,
        "Z",
        "שלום",
        "مرحبا",
        "猫",
        "👩\u200d👩\u200d👧",
        "\U000e0067",
        "¯\\_(ツ)_/¯",
        "1",
        "x",
    ),
]
PROMPTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(NASTY), max_size=20).map("".join))


@given(PROMPTS)
@example("1. **x**")
@example("\\")
@example("`\\`")
@example(":a:b:")
@example("::0:")
@example("<@\u200b1>")
@example("@\u2066everyone")
def test_a_prompt_reads_as_it_was_typed(prompt: str):
    """Nothing of it is alive, and nothing that can be seen is missing."""
    shown, alive = read(escape(prompt, 100_000))
    assert alive == []
    assert shown == visible(prompt).replace("\u200b", "")


def parts(component: dict[str, Any]) -> list[dict[str, Any]]:
    """A component and all in it."""
    inner = [*component.get("components", []), *component.get("items", [])]
    return (
        [component, *(each for child in inner for each in parts(child)), *parts(component.get("accessory", {}))]
        if component
        else []
    )


CARDS: dict[str, Callable[[Job], cards.Card]] = {
    "status": lambda job: cards.status(job, "poster.jpg"),
    "result": lambda job: cards.result(job, "video.mp4", said="Made smaller."),
    "given": lambda job: cards.given(job, "video.mp4"),
    "held": cards.held_notice,
    "moved": lambda job: cards.moved(job, None),
    "list": lambda job: cards.listing([job] * 10),
    "refused": lambda job: notices.not_ordered(job.command, f"{job.reason} is not taken."),
}


@pytest.mark.parametrize("kind", CARDS)
@settings(max_examples=30)
@given(
    prompt=PROMPTS,
    reason=PROMPTS,
    model=st.text(max_size=200),
    status=st.sampled_from(list(Status)),
    long=st.booleans(),
)
@example(prompt="`" * 6000, reason="*" * 6000, model="`" * 200, status=Status.FAILED, long=False)
@example(prompt="@everyone " * 600, reason="<@1>", model="<@&1>", status=Status.HELD, long=False)
@example(prompt="👩\u200d👩\u200d👧" * 900, reason="x" * 6000, model="猫" * 200, status=Status.COMPLETED, long=False)
def test_a_card_is_one_that_discord_takes(kind: str, prompt: str, reason: str, model: str, status: Status, long: bool):
    """By Discord's own limits: 4,000 characters and 40 components, alt texts of 1,024, no text empty, nobody pinged."""
    job = Job(
        id="abcdefghjkmn",
        command="video",
        prompt=prompt * 60 if long else prompt,
        recipe={"model": model, "size": model},
        notes=(reason,),
        destination=Destination(user_id=7, channel_id=8, guild_id=9, card_id=10),
        submission=Submission(upstream="octopusx", submit_path="/v1/videos", fields={}),
        due_at=0.0,
        created_at=0.0,
        status=status,
        reason=reason,
    )
    components = [each for top in CARDS[kind](job).to_components() for each in parts(dict(top))]
    texts = [each["content"] for each in components if each.get("type") == 10]
    assert len(components) <= 40
    assert sum(map(len, texts)) <= 4000
    assert all(text.strip() for text in texts)
    alts = [each["description"] for each in components if each.get("description")]
    assert [alt for alt in alts if len(alt) > 1024 or any(unicodedata.category(ch) == "Cc" for ch in alt)] == []
    pings = re.findall(r"@everyone|@here|<@[!&]?\d+>", "\n".join(texts))
    assert pings == (["<@7>"] if kind == "result" else [])
    assert "\n".join(texts).encode()
