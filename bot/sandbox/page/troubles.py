"""What can be made to go wrong by a button of the page, on the wire of a stand-in or behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.faults import Fault
from bot.sandbox.video_api import Outcome, VideoApiSandbox

ORDER = r"^/v1/(videos?|video/generations|images/[a-z]+)(/[^/]+/remix)?$"
POSTED = r"/channels/\d+/messages$"
ALWAYS = -1  #: until it is switched off
BIG = 12  #: megabytes; more than a server without boosts takes


class Armed(Protocol):
    """A trouble that was armed."""

    @property
    def on(self) -> bool:
        """Whether it is still to strike."""
        ...

    @property
    def hits(self) -> int | None:
        """How often it has struck; None where nobody can count."""
        ...

    async def disarm(self) -> None:
        """Take it away."""
        ...


Arm: TypeAlias = Callable[[DiscordSandbox, VideoApiSandbox], Awaitable[Armed]]


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A fault on a button: `lasts` until it is pressed again, or strikes once and is over."""

    name: str
    service: str
    label: str
    says: str
    lasts: bool = False
    arm: Arm


@dataclass(frozen=True)
class _OnTheWire:
    """Requests that a stand-in spoils."""

    fault: Fault

    @property
    def on(self) -> bool:
        return self.fault.times != 0

    @property
    def hits(self) -> int:
        return self.fault.hits

    async def disarm(self) -> None:
        self.fault.times = 0


@dataclass(frozen=True)
class _Outage:
    """The video service is not there; requests that never reach it cannot be counted."""

    api: VideoApiSandbox
    on = True
    hits = None

    async def disarm(self) -> None:
        await self.api.plug()


@dataclass(frozen=True)
class _BigVideo:
    """What becomes of the next order."""

    api: VideoApiSandbox
    outcome: Outcome

    @property
    def on(self) -> bool:
        return self.outcome in self.api.upcoming

    @property
    def hits(self) -> int:
        return 0 if self.on else 1

    async def disarm(self) -> None:
        if self.on:
            self.api.upcoming.remove(self.outcome)


def _video(path: str, **what: Any) -> Arm:
    async def arm(_discord: DiscordSandbox, api: VideoApiSandbox) -> Armed:
        # What strikes once goes before what lasts, which would else let none of it through.
        add = api.faults.add if what.get("times") == ALWAYS else api.faults.add_first
        return _OnTheWire(add(path, **what))

    return arm


def _discord(path: str, **what: Any) -> Arm:
    async def arm(discord: DiscordSandbox, _api: VideoApiSandbox) -> Armed:
        return _OnTheWire(discord.faults.add(path, **what))

    return arm


async def _outage(_discord: DiscordSandbox, api: VideoApiSandbox) -> Armed:
    await api.unplug()
    return _Outage(api)


async def _big_video(_discord: DiscordSandbox, api: VideoApiSandbox) -> Armed:
    return _BigVideo(api, api.next(big=BIG))


TROUBLES = [
    Trouble(name="slow", service="video", label="Slow", says="Every answer takes four seconds.", lasts=True,
            arm=_video("", times=ALWAYS, delay=4.0)),
    Trouble(name="busy", service="video", label="429", says="The next order is refused: too many requests.",
            arm=_video(ORDER, method="POST", status=429, headers={"Retry-After": "3"})),
    Trouble(name="lost", service="video", label="Lost answer", says="The next order is carried out and paid, and its answer never comes.",
            arm=_video(ORDER, method="POST", after=True, drop=True)),
    Trouble(name="down", service="video", label="Down", says="The service is gone: connections are refused.", lasts=True, arm=_outage),
    Trouble(name="big", service="video", label="Big video", says=f"The next video is a film of {BIG} MB.", arm=_big_video),
    Trouble(name="discord-5xx", service="discord", label="5xx", says="The next video is refused with 500 three times.",
            arm=_discord(POSTED, method="POST", times=3, status=500, body={"message": "500: Internal Server Error", "code": 0})),
    Trouble(name="discord-lost", service="discord", label="Lost answer", says="The next video is posted, and the bot never hears of it.",
            arm=_discord(POSTED, method="POST", after=True, drop=True)),
]  # fmt: skip


class Troubles:
    """Which of them are armed now."""

    def __init__(self, discord: DiscordSandbox, api: VideoApiSandbox) -> None:
        self._services = (discord, api)
        self._armed: dict[str, Armed] = {}

    async def set(self, name: str, *, on: bool) -> None:
        """Arm a trouble or take it away.

        Raises:
            KeyError: there is none of that name.
        """
        trouble = {each.name: each for each in TROUBLES}[name]
        if old := self._armed.pop(name, None):
            await old.disarm()
        if on:
            self._armed[name] = await trouble.arm(*self._services)

    def as_json(self) -> list[dict[str, object]]:
        """Each trouble for the page: whether it is armed, and how often it has struck."""
        return [_json(each, self._armed.get(each.name)) for each in TROUBLES]


def _json(trouble: Trouble, armed: Armed | None) -> dict[str, object]:
    words = {name: getattr(trouble, name) for name in ("name", "service", "label", "says", "lasts")}
    return words | {"armed": bool(armed and armed.on), "hits": armed.hits if armed else 0}
