"""The moments at which the bot is killed, each a small value; what lies between two of them is met at random."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

SUBMIT = r"^/v1/(videos|video/generations)$"
POLL = r"^/v1/videos/[^/]+$"
FILE = r"^/files/|/content$"
CALLBACK = r"/interactions/\d+/[^/]+/callback"
FIRST_CARD = r"/webhooks/\d+/[^/]+/messages/@original(\?|$)"
LATER_CARD = r"/webhooks/\d+/[^/]+/messages/\d+(\?|$)"
MESSAGES = r"/channels/\d+/messages$"
SEARCH = r"/channels/\d+/messages\?"
PICTURE = r"^/(ephemeral-)?attachments/"


class Way(StrEnum):
    """How the bot is brought to a moment and kept there until the kill."""

    RANDOM = "after a delay that the seed decides"
    WIRE = "a stand-in holds a request, or the answer to it"
    UNSAVED = "the answer is given while another holds the database's lock"
    LOCKED = "a command is given while another holds the database's lock"
    BODY = "half of a file has come"
    ENCODE = "ffmpeg is at work"
    DRAIN = "SIGTERM came and a step is held"
    START = "a stand-in holds a request of a bot that is starting"
    MIGRATION = "a bot that is starting is inside the transaction that changes the schema"


class Step(StrEnum):
    """How far the order that leads to a moment must have come before the stand-in is told to hold anything."""

    TYPED = "typed"
    FETCHED = "its file was asked for"
    POSTED = "its video is in the channel"


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A moment, and the order that leads to it."""

    name: str
    way: Way
    side: Literal["discord", "api"] = "discord"
    method: str = "*"
    #: A regular expression of what is held.
    path: str = ""
    #: The request is carried out and only its answer is held.
    after: bool = False
    #: What was held is never carried out: it got lost with the connection.
    lost: bool = False
    step: Step = Step.TYPED
    #: What the order that leads here must be, in the fields of `Order`; the seed decides the rest.
    order: dict[str, Any] = field(default_factory=dict[str, Any])
    #: The moment of the kill before, without which this one does not come.
    follows: str = ""


PUBLIC = {"place": "general", "private": False, "film": "plain", "cancel": False}
ALONE = PUBLIC | {"private": True}

MOMENTS = (
    Moment(name="any moment", way=Way.RANDOM),
    Moment(name="answer to the command on its way", way=Way.WIRE, method="POST", path=CALLBACK, lost=True),
    Moment(name="command answered, row not saved", way=Way.WIRE, method="POST", path=CALLBACK, after=True),
    Moment(name="command given, database locked", way=Way.LOCKED),
    Moment(name="picture being read, row not saved", way=Way.WIRE, method="GET", path=PICTURE, lost=True, order={"picture": True, "command": "veo"}),
    Moment(name="row saved, nothing sent", way=Way.WIRE, method="PATCH", path=FIRST_CARD, lost=True),
    Moment(name="POST lost on its way", way=Way.WIRE, side="api", method="POST", path=SUBMIT, lost=True),
    Moment(name="POST carried out after the kill", way=Way.WIRE, side="api", method="POST", path=SUBMIT),
    Moment(name="POST sent, answer pending", way=Way.WIRE, side="api", method="POST", path=SUBMIT, after=True),
    Moment(name="answer sent, not yet saved", way=Way.UNSAVED, side="api", method="POST", path=SUBMIT, after=True),
    Moment(name="poll pending", way=Way.WIRE, side="api", method="GET", path=POLL, after=True),
    Moment(name="card of a running job pending", way=Way.WIRE, method="PATCH", path=LATER_CARD),
    Moment(name="download asked for", way=Way.WIRE, side="api", method="GET", path=FILE, lost=True, order=PUBLIC),
    Moment(name="half a download here", way=Way.BODY, side="api", method="GET", path="^/files/", order=PUBLIC),
    Moment(name="encode at work", way=Way.ENCODE, order=PUBLIC | {"film": "odd"}),
    Moment(name="message POST lost on its way", way=Way.WIRE, method="POST", path=MESSAGES, lost=True, order=PUBLIC),
    Moment(name="message POST carried out after the kill", way=Way.WIRE, method="POST", path=MESSAGES, order=PUBLIC),
    Moment(name="message posted, answer lost", way=Way.WIRE, method="POST", path=MESSAGES, after=True, order=PUBLIC),
    Moment(name="message posted, not yet saved", way=Way.UNSAVED, method="POST", path=MESSAGES, after=True, order=PUBLIC),
    Moment(name="private video on its way to the card", way=Way.WIRE, method="PATCH", path=LATER_CARD, step=Step.FETCHED, order=ALONE),
    Moment(name="private video on the card, answer lost", way=Way.WIRE, method="PATCH", path=LATER_CARD, after=True, step=Step.FETCHED, order=ALONE),
    Moment(name="last card edit pending", way=Way.WIRE, method="PATCH", path=LATER_CARD, lost=True, step=Step.POSTED, order=PUBLIC),
    Moment(name="last card edited, answer lost", way=Way.WIRE, method="PATCH", path=LATER_CARD, after=True, step=Step.POSTED, order=PUBLIC),
    Moment(name="drain, poll held", way=Way.DRAIN, side="api", method="GET", path=POLL),
    Moment(name="drain, POST held", way=Way.DRAIN, side="api", method="POST", path=SUBMIT, after=True),
    Moment(name="drain, message POST held", way=Way.DRAIN, method="POST", path=MESSAGES, after=True, order=PUBLIC),
    Moment(name="migration at work", way=Way.MIGRATION),
    Moment(name="start: signing in", way=Way.START, method="GET", path=r"/users/@me$"),
    Moment(name="start: commands being registered", way=Way.START, method="PUT", path=r"/commands$"),
    Moment(name="start: looking for its message", way=Way.START, method="GET", path=SEARCH, follows="message posted, answer lost"),
    Moment(name="start: telling of a lost answer", way=Way.START, method="PATCH", path=LATER_CARD, follows="POST sent, answer pending"),
)  # fmt: skip
BY_NAME = {moment.name: moment for moment in MOMENTS}
