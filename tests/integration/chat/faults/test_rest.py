"""What a person sees when Discord's REST API fails them, place by place and fault by fault: one row, one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.faults import Fault
from tests.integration.chat.conftest import Picture, answered
from tests.integration.chat.faults.conftest import MAKING, TOKEN_DEAD, Bench

pytestmark = pytest.mark.unmeasured

Place = tuple[str, str]
Arm = Callable[..., Fault]
"""Called with the stand-in, and `path`, `method` and `times` by name."""

ANSWER: Place = "POST", "/callback"
PICTURE: Place = "GET", "/ephemeral-attachments/"
CARD: Place = "PATCH", "/webhooks/"  # by the interaction's token
OLD_CARD: Place = "PATCH", r"/channels/\d+/messages/\d+$"  # by the bot's own right, once the token is dead
VIDEO: Place = "POST", r"/channels/\d+/messages$"
SEARCH: Place = "GET", r"/channels/\d+/messages\?"  # for a video whose answer was lost, when its nonce is forgotten
NOTICE: Place = "POST", "/users/@me/channels$"  # of a video that is held, since its channel was closed

ORDERING = (ANSWER, PICTURE)
NONCE_LIFE = 600.0
"""Seconds after which Discord has forgotten a nonce."""


def answers(status: int, code: int | None = None, **more: Any) -> Arm:
    """Discord answers with a status, and a code of its own."""
    body = b"" if code is None else {"code": code, "message": "No."}

    def arm(discord_api: DiscordSandbox, *, path: str, method: str, times: int) -> Fault:
        return discord_api.faults.add(path, method=method, **{"times": times, "status": status, "body": body} | more)

    return arm


def limits(seconds: float, *, whole: bool = False) -> Arm:
    """Discord answers 429, for a route or for the whole bot."""
    return partial(DiscordSandbox.rate_limit, retry_after=seconds, whole=whole)


def lose(discord_api: DiscordSandbox, *, path: str, method: str, times: int) -> Fault:
    """What was asked is done, and its answer lost."""
    return discord_api.faults.add(path, method=method, times=times, after=True, drop=True)


def reset(discord_api: DiscordSandbox, *, path: str, method: str, times: int) -> Fault:
    """The connection is cut before anything is done."""
    return discord_api.faults.add(path, method=method, times=times, drop=True)


GUARD = answers(403, body="<html>Cloudflare</html>", headers={"Via": ""})
BANNED = partial(DiscordSandbox.ban, retry_after=300)
BANNED_UNSAID = DiscordSandbox.ban
BUSY, BUSY_LONG = limits(2), limits(600)
BUSY_ALL, BUSY_ALL_LONG = limits(20, whole=True), limits(600, whole=True)
DOWN_FOR_MINUTES = answers(502, times=6)  # one more than discord.py tries

ALL_GOES_WELL = "Done", 1, 1
NO_ANSWER = None, 0, 0
ALL_WELL_BUT_THE_CARD = "Generating", 1, 1


@dataclass(frozen=True)
class Row:
    """A fault at a place; what the person sees; the card's words, the videos in the channel and the tasks charged."""

    place: Place
    fault: Arm
    sees: str
    card: str | None
    videos: int
    charged: int
    told: int = 0  #: direct messages
    times: int = 1


def rows(place: Place, *table: tuple[Arm, str, tuple[Any, ...]], times: int = 1) -> list[Row]:
    """The rows of one place."""
    return [Row(place, fault, sees, *ends, times=times) for fault, sees, ends in table]


TABLE = [
    *rows(
        ANSWER,
        (BUSY, "The card comes two seconds later.", ALL_GOES_WELL),
        (limits(5), "The application did not respond: five seconds are too late, and nothing is ordered.", NO_ANSWER),
        (BUSY_LONG, "The application did not respond, and nothing is ordered.", NO_ANSWER),
        (BUSY_ALL_LONG, "The application did not respond, and nothing is ordered, then or later.", NO_ANSWER),
        (BANNED, "The application did not respond, and nothing is ordered while Cloudflare bans.", NO_ANSWER),
        (answers(500), "The card comes a second later.", ALL_GOES_WELL),
        (DOWN_FOR_MINUTES, "The application did not respond: Discord was down for too long.", NO_ANSWER),
        (answers(503), "The card comes a second later, after a 503 too.", ALL_GOES_WELL),
        (lose, "The card is there although its answer was lost.", ALL_GOES_WELL),
        (reset, "The application did not respond: the answer never arrived.", NO_ANSWER),
        (answers(404, 10062), "The application did not respond: the interaction was too old.", NO_ANSWER),
        (answers(400, 40060), "Another process answers, and this one keeps out of it.", NO_ANSWER),
        (answers(401, 50027), "The sentence says that nothing was ordered, once.", ("nothing was ordered", 0, 0)),
        (GUARD, "The sentence says that nothing was ordered: the guard was busy.", ("nothing was ordered", 0, 0)),
        (answers(400, 50035), "The sentence says that nothing was ordered.", ("nothing was ordered", 0, 0)),
        (answers(400, 50006), "The sentence says that nothing was ordered, too.", ("nothing was ordered", 0, 0)),
    ),
    *rows(
        PICTURE,
        (limits(2), "The card asks for the picture again: the file store is busy.", ("attach it again", 0, 0)),
        (BANNED, "The card asks for the picture again: Cloudflare bans.", ("attach it again", 0, 0)),
        (answers(500), "The card asks for the picture again: the file store broke.", ("attach it again", 0, 0)),
        (answers(404), "The card asks for the picture again: it is gone.", ("attach it again", 0, 0)),
        (reset, "The card asks for the picture again: the line was cut.", ("attach it again", 0, 0)),
        (answers(200, body=b"x" * 99, cut=9), "The card asks for it again: half came.", ("attach it again", 0, 0)),
        times=2,  # aiohttp asks once more where a line that it had kept is cut
    ),
    *rows(
        VIDEO,
        (BUSY, "The video comes two seconds later.", ALL_GOES_WELL),
        (BUSY_LONG, "The video comes ten minutes later.", ALL_GOES_WELL),
        (BUSY_ALL, "The video comes twenty seconds later.", ALL_GOES_WELL),
        (BUSY_ALL_LONG, "The video comes ten minutes later, as all of the bot's news.", ALL_GOES_WELL),
        (BANNED, "The video comes five minutes later, when Cloudflare bans no more.", ALL_GOES_WELL),
        (BANNED_UNSAID, "The video comes a minute later: Cloudflare did not say when.", ALL_GOES_WELL),
        (GUARD, "The video comes a little later, when the guard lets it pass.", ALL_GOES_WELL),
        (answers(500), "The video comes a second later.", ALL_GOES_WELL),
        (DOWN_FOR_MINUTES, "The video comes when Discord is back.", ALL_GOES_WELL),
        (answers(502, after=True), "The video is there once, although Discord said 502.", ALL_GOES_WELL),
        (answers(503), "The video comes a little later.", ALL_GOES_WELL),
        (lose, "The video is there once, although the answer was lost.", ALL_GOES_WELL),
        (reset, "The video comes a little later: the line was cut.", ALL_GOES_WELL),
        (answers(413, 40005), "The video is there: the second try was small enough.", ALL_GOES_WELL),
        (answers(404, 10003), "The card and a message say that the channel is gone.", ("channel is gone", 0, 1, 1)),
        (answers(403, 50001), "The card and a message name the missing right to see.", ("View Channel", 0, 1, 1)),
        (answers(403, 50013), "The card and a message name the missing right to post.", ("Attach Files", 0, 1, 1)),
        (answers(400, 50035), "The card and a message say: not taken.", ("did not take the message", 0, 1, 1)),
        (answers(400, 50006), "The card and a message say: not taken, empty.", ("did not take the message", 0, 1, 1)),
    ),
    *rows(
        CARD,
        (BUSY, "The card is seconds late.", ALL_GOES_WELL),
        (BUSY_LONG, "The card is ten minutes late, and the video is not.", ALL_GOES_WELL),
        (BANNED, "The card is five minutes late.", ALL_GOES_WELL),
        (answers(429, body="<html>slow", headers={"Retry-After": "7"}), "The card is late: HTML.", ALL_GOES_WELL),
        (answers(503), "The card is seconds late: 503.", ALL_GOES_WELL),
        (lose, "The card is right, although its answers were lost.", ALL_GOES_WELL),
        (reset, "The card is seconds late: the line was cut.", ALL_GOES_WELL),
        (
            answers(401, 50027),
            "The card is right: the token died early, and the channel's way was taken.",
            ALL_GOES_WELL,
        ),
        (answers(404, 10008), "The card is right, by the channel's way.", ALL_GOES_WELL),
        (answers(400, 50035), "The video is there; its card stays as it was.", ALL_WELL_BUT_THE_CARD),
        times=4,
    ),
    *rows(
        OLD_CARD,
        (BUSY_LONG, "The old card is ten minutes late, and the video is not.", ALL_GOES_WELL),
        (BUSY_ALL_LONG, "The old card and all other news are ten minutes late.", ALL_GOES_WELL),
        (BANNED, "The old card is five minutes late.", ALL_GOES_WELL),
        (DOWN_FOR_MINUTES, "The old card is right when Discord is back.", ALL_GOES_WELL),
        (lose, "The old card is right, although its answer was lost.", ALL_GOES_WELL),
        (reset, "The old card is seconds late: the line was cut.", ALL_GOES_WELL),
        (answers(404, 10008), "The video is there; someone has deleted its card.", ALL_WELL_BUT_THE_CARD),
        (answers(403, 50013), "The video is there; its old card stays as it was.", ALL_WELL_BUT_THE_CARD),
        times=4,
    ),
    *rows(
        SEARCH,
        (BUSY_LONG, "The video is there once; its card is late: history is limited.", ALL_GOES_WELL),
        (BANNED, "The video is there once; its card is late: Cloudflare bans.", ALL_GOES_WELL),
        (GUARD, "The video is there once; its card is late: the guard was busy.", ALL_GOES_WELL),
        (answers(503), "The video is there once; its card is late: 503.", ALL_GOES_WELL),
        (reset, "The video is there once; its card is late: the line was cut.", ALL_GOES_WELL),
        times=6,
    ),
    *rows(
        NOTICE,
        (BUSY_LONG, "The card says why at once, the message ten minutes later.", ("Attach Files", 0, 1, 1)),
        (answers(403, 40003), "The card says why at once, the message when the bot may.", ("Attach Files", 0, 1, 1)),
        (reset, "The card says why at once, the message a little later.", ("Attach Files", 0, 1, 1)),
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.sees)
async def test_a_fault_of_rest_is_seen_as_its_row_says(row: Row, bench: Bench, picture: Picture):
    """The card's words, how often the video is there, what was charged, and what a direct message says."""
    method, path = row.place
    arm = partial(row.fault, bench.discord, path=path, method=method, times=row.times)
    if row.place in ORDERING:
        fault = arm()
        image: dict[str, Any] = {"image": picture()} if row.place is PICTURE else {}
        call = await bench.order(**image)
        await asyncio.wait_for(fault.reached.wait(), 30)
        await answered()
        if row.charged:
            await bench.in_the_making()
        bench.advance(MAKING)
    else:
        call = await bench.ordered()
        if row.place is SEARCH:
            lose(bench.discord, method=VIDEO[0], path=VIDEO[1], times=1)
        if row.place is NOTICE:
            answers(403, 50013)(bench.discord, method=VIDEO[0], path=VIDEO[1], times=1)
        fault = arm()
        bench.advance(TOKEN_DEAD if row.place is OLD_CARD else MAKING)
        if row.place is SEARCH:
            await bench.until(lambda job: job.posting_at is not None and job.attempts > 0)
            bench.advance(NONCE_LIFE)
    await bench.ends()
    assert fault.hits
    assert (call.response is None) == (row.card is None)
    assert (row.card or "") in (call.response.text().replace("\\", "") if call.response else "")
    assert (len(bench.videos()), bench.charged, bench.told()) == (row.videos, row.charged, row.told)
