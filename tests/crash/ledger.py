"""What the stand-ins and people's screens know of a campaign, as plain records; the bot is not asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.sandbox.discord_api.world import Message
from bot.sandbox.video_api.calls import Call as Request
from tests.acceptance.stage import Stage
from tests.crash.people import Crowd, Wish

_TITLE = re.compile(r"^### /.+ · (?P<word>.+)$", re.MULTILINE)
_JOB = re.compile(r"job `(?P<job>[0-9a-z]+)`")
_RESULT = re.compile(r"^reelcord-(?P<job>[0-9a-z]+)\.(mp4|jpg)$")
#: What a card, or a sentence instead of one, says where nothing was ordered.
REFUSALS = frozenset({"Not ordered", "Refused"})
#: A bot has saved an answer long before that many seconds have gone by.
SAVED_WITHIN = 3.0
#: What a bot has sent may arrive a moment after its death; the next one needs longer than that to send anything.
IN_FLIGHT = 1.0
#: The bot counts on a token for half a minute less than Discord's quarter of an hour.
TOKEN_SECONDS = 14.5 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Death:
    """A kill, in Unix seconds, and the TCP ports of the processes that it left alive."""

    at: float
    spared: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A POST that asks for a new task, as the video service saw it."""

    arrived_at: float
    #: The task that came of it.
    task: str | None
    #: The bot was there to read the answer, and to save it.
    answered: bool
    #: The bot has asked for the task since, so it knows its id.
    known: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command that somebody gave, or a press on Again: what the person sees, and what was bought."""

    #: Its prompt, and of a press on Again also which one it was.
    name: str
    place: str
    private: bool
    #: The person was shown an answer.
    acknowledged: bool
    #: The status word on the card in the end, "Refused" for a sentence instead of a card; None: no answer.
    word: str | None
    #: The job's id, as the card says it.
    job: str | None
    #: Nobody can change the card any more: only its token reached it, and that died after 15 minutes.
    shut: bool = False
    posts: tuple[Post, ...] = ()
    #: Ids of the messages that bring its video.
    videos: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """All of a lane's commands, and what belongs to none of them."""

    commands: tuple[Command, ...]
    #: Ids of rows that still want a step.
    stuck: tuple[str, ...] = ()
    #: Processes that have ended otherwise than by a kill.
    ended: tuple[str, ...] = ()
    #: Prompts of POSTs, and jobs of videos, that nobody asked for.
    strangers: tuple[str, ...] = ()
    #: Jobs whose press on Post it here was answered by a card that says "Checking" in the end.
    open_presses: tuple[str, ...] = ()
    #: Cards left as they were by a job that moved.
    stale_cards: int = 0


@dataclass(kw_only=True)
class _Group:
    """The wishes of one prompt in the order of time, and its POSTs."""

    wishes: list[Wish]
    posts: list[Post] = field(default_factory=list[Post])


def kept(stage: Stage, crowd: Crowd, deaths: Sequence[Death]) -> Ledger:
    """The ledger of a lane whose processes have ended, after these deaths; what they have left over is not in it."""
    groups = _groups(crowd)
    strangers = [*_deal_posts(stage, groups, deaths)]
    videos = {job: tuple(ids) for job, ids in _videos(stage, crowd)}
    commands = [command for group in groups.values() for command in _commands(group, crowd, videos)]
    jobs = {command.job for command in commands}
    return Ledger(
        commands=tuple(commands),
        strangers=(*strangers, *(job for job in videos if job not in jobs)),
        open_presses=tuple(each.job for each in crowd.wishes if each.kind == "bring" and _word(each) == "Checking"),
        stale_cards=_stale(crowd),
    )


def _groups(crowd: Crowd) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for wish in crowd.wishes:
        if wish.kind != "bring":
            groups.setdefault(wish.order.prompt, _Group(wishes=[])).wishes.append(wish)
    return groups


def _deal_posts(stage: Stage, groups: dict[str, _Group], deaths: Sequence[Death]) -> Iterator[str]:
    """Give every POST to its prompt; yields what nobody has asked for."""
    asked = {entry.path.rpartition("/")[2] for entry in stage.api.log if entry.method == "GET"}
    for request in stage.api.posts:
        prompt = _prompt(request)
        post = Post(
            arrived_at=request.time,
            task=request.task_id if request.created else None,
            answered=is_read(request.time, request.answered_at, request.client, deaths),
            known=request.task_id in asked,
        )
        if prompt in groups:
            groups[prompt].posts.append(post)
        else:
            yield f"POST of {prompt!r}"


def is_read(arrived_at: float, answered_at: float | None, client: int | None, deaths: Sequence[Death]) -> bool:
    """Whether an answer left while the process that asked lived, and that had time to save what it said."""
    if answered_at is None:
        return False
    kills = [death.at for death in deaths if client not in death.spared]
    return not any(arrived_at - IN_FLIGHT <= kill <= answered_at + SAVED_WITHIN for kill in kills)


def _prompt(request: Request) -> str:
    if isinstance(request.json, dict):
        return str(request.json.get("prompt"))
    return next((part.text for part in request.parts if part.name == "prompt"), "")


def _commands(group: _Group, crowd: Crowd, videos: dict[str, tuple[int, ...]]) -> Iterator[Command]:
    """A prompt's commands, and to each its POSTs."""
    given = sorted(group.wishes, key=lambda wish: wish.call.created_at)
    words = [_end(wish, crowd, _job(wish)) for wish in given]
    posts = dealt(group.posts, [wish.call.created_at for wish in given], words)
    for number, (wish, word) in enumerate(zip(given, words, strict=True)):
        job = _job(wish)
        yield Command(
            name=wish.order.prompt + (f", again {number}" if number else ""),
            place=wish.order.place,
            private=wish.order.private,
            acknowledged=wish.call.acknowledged,
            word=word,
            job=job,
            shut=_is_shut(wish),
            posts=tuple(posts[number]),
            videos=videos.get(job or "", ()),
        )


def dealt(posts: Sequence[Post], given: Sequence[float], words: Sequence[str | None]) -> list[list[Post]]:
    """The POSTs of each wish of one prompt, by when it was given (Unix seconds) and what its card says in the end.

    A POST belongs to the last wish given before it, since only an ended job is repeated.

    A second press on Again is refused while the first waits to be sent, so what was refused has none as long as another
    can have it: that one has then too many.
    """
    of_each: list[list[Post]] = [[] for _ in given]
    taken = [number for number, word in enumerate(words) if word is not None and word not in REFUSALS]
    numbers = taken or [*range(len(given))]
    for post in posts:
        before = [number for number in numbers if given[number] <= post.arrived_at]
        of_each[before[-1] if before else numbers[0]].append(post)
    return of_each


def _is_shut(wish: Wish) -> bool:
    """Whether only a dead token reaches a card: in a place without the bot, or where the person alone sees it."""
    call = wish.call
    return (call.ephemeral or not call.bot_is_here) and call.world.clock() - call.created_at > TOKEN_SECONDS


def _end(wish: Wish, crowd: Crowd, job: str | None) -> str | None:
    """What the newest card of a job says: that of the last press that brought it elsewhere, else its first."""
    moves = [each for each in crowd.wishes if each.kind == "bring" and each.job == job and _job(each)]
    return _word(moves[-1] if moves else wish)


def _word(wish: Wish) -> str | None:
    """The status word of a card; one that became the result says it all."""
    message = wish.call.response
    if message is None or message.deleted:
        return None
    if found := _TITLE.search(message.text()):
        return found["word"]
    return "Done" if message.videos() else "Refused"


def _job(wish: Wish) -> str | None:
    message = wish.call.response
    found = _JOB.search(message.text()) if message and not message.deleted else None
    return found["job"] if found else None


def _videos(stage: Stage, crowd: Crowd) -> Iterator[tuple[str, list[int]]]:
    """The messages that bring each job's video; that somebody looked at a held one is no such message."""
    found: dict[str, list[int]] = {}
    for message in _results(stage.discord.world.messages.values(), crowd):
        for file in message.files():
            if match := _RESULT.match(file.filename):
                found.setdefault(match["job"], []).append(message.id)
    yield from found.items()


def _results(messages: Iterable[Message], crowd: Crowd) -> Iterator[Message]:
    return (each for each in messages if not each.deleted and each.interaction not in crowd.looks)


def _stale(crowd: Crowd) -> int:
    """Cards of jobs that were brought elsewhere which do not say so."""
    moved = {each.job for each in crowd.wishes if each.kind == "bring" and _job(each)}
    return sum(_job(wish) in moved and _word(wish) != "Moved" for wish in crowd.wishes if wish.kind != "bring")
