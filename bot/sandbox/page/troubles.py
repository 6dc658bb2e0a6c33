"""The faults that the page has buttons for, each armed on the wire of a stand-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.faults import Fault
from bot.sandbox.video_api import VideoApiSandbox

ORDER = r"^/v1/(videos?|video/generations|images/[a-z]+)(/[^/]+/remix)?$"
POSTED = r"/channels/\d+/messages$"
Arm: TypeAlias = Callable[[DiscordSandbox, VideoApiSandbox], Fault]
ALWAYS = -1  #: until it is switched off


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A fault on a button: `lasts` until it is pressed again, or strikes the next request alone."""

    name: str
    service: str
    label: str
    says: str
    lasts: bool
    arm: Arm


def _video(path: str, **what: Any) -> Arm:
    return lambda _discord, api: api.faults.add(path, **what)


def _discord(path: str, **what: Any) -> Arm:
    return lambda discord, _api: discord.faults.add(path, **what)


TROUBLES = [
    Trouble(name="slow", service="video", label="Slow", says="Every answer takes four seconds.", lasts=True,
            arm=_video("", times=ALWAYS, delay=4.0)),
    Trouble(name="busy", service="video", label="429", says="The next order is refused: too many requests.", lasts=False,
            arm=_video(ORDER, method="POST", status=429, headers={"Retry-After": "3"})),
    Trouble(name="lost", service="video", label="Lost answer", says="The next order is carried out and paid, and its answer never comes.", lasts=False,
            arm=_video(ORDER, method="POST", after=True, drop=True)),
    Trouble(name="down", service="video", label="Down", says="Every request is cut off unanswered.", lasts=True,
            arm=_video("", times=ALWAYS, drop=True)),
    Trouble(name="discord-5xx", service="discord", label="5xx", says="The next video is refused with 500 three times.", lasts=False,
            arm=_discord(POSTED, method="POST", times=3, status=500, body={"message": "500: Internal Server Error", "code": 0})),
    Trouble(name="discord-lost", service="discord", label="Lost answer", says="The next video is posted, and the bot never hears of it.", lasts=False,
            arm=_discord(POSTED, method="POST", after=True, drop=True)),
]  # fmt: skip


class Troubles:
    """Which of them are armed now."""

    def __init__(self, discord: DiscordSandbox, api: VideoApiSandbox) -> None:
        self._services = (discord, api)
        self._faults: dict[str, Fault] = {}

    def set(self, name: str, *, on: bool) -> None:
        """Arm a trouble or take it away.

        Raises:
            KeyError: there is none of that name.
        """
        trouble = {each.name: each for each in TROUBLES}[name]
        if old := self._faults.pop(name, None):
            old.times = 0
        if on:
            self._faults[name] = trouble.arm(*self._services)

    def as_json(self) -> list[dict[str, object]]:
        """Each trouble for the page, and whether it is armed or has struck."""
        return [_json(each, self._faults.get(each.name)) for each in TROUBLES]


def _json(trouble: Trouble, fault: Fault | None) -> dict[str, object]:
    words = {name: getattr(trouble, name) for name in ("name", "service", "label", "says", "lasts")}
    return words | {"armed": bool(fault and fault.times), "hits": fault.hits if fault else 0}
