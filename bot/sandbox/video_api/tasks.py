"""The ledger's rows: what was bought, what becomes of it, and where on its way it is at a given time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bot.sandbox.video_api.render import Coding

Status = Literal["NOT_START", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE"]
UrlKind = Literal["direct", "content", "data", "proxy", "redirect"]

_UNTIL: tuple[tuple[float, Status], ...] = ((0.1, "NOT_START"), (0.25, "QUEUED"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What an accepted request will become: the video to render and its price in units (500,000 to the dollar)."""

    width: int
    height: int
    seconds: int
    audio: bool
    size: str = ""  #: the size as asked
    pictures: tuple[bytes, ...] = ()
    price: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What is to become of a task; the default is an ordinary success."""

    fail: str | None = None  #: the reason of a failure
    fail_code: str = "moderation_blocked"  #: its code, where the shape has one
    #: other reply shapes than the family's own: names out of `replies`, such as "E8" or ("E3", "E13")
    shape: str | Sequence[str] = ()
    stuck: bool = False  #: in progress for ever
    odd_words: Sequence[str] = ()  #: status words to show in turn while it runs
    insert_failed: bool = False  #: the id that was answered is never known: paid for, and not to be asked about
    #: "direct": a link on another host; "content": no link; "data": a data URI; "proxy": a link to /content under an
    #: address nobody can reach; "redirect": a link on the API's host that redirects to another; None: as the family does
    url: UrlKind | None = None
    content_refuses: int = 0  #: how often /content says 400 though the task is completed
    truncate: int | None = None  #: cut a download after so many bytes, with the full Content-Length
    truncate_times: int = 1  #: how many downloads are cut; -1: all
    gone: bool = False  #: the file has expired: 404 at the link, 502 at /content
    video: Path | bytes | None = None  #: a file to hand out instead of rendering one
    big: float | None = None  #: megabytes of a file of noise
    padded: float | None = None  #: megabytes of a file that is filled up behind its video, which costs nothing
    coding: Coding = "h264"  #: how it is encoded; all but the first do not play everywhere
    silent: bool = False  #: no sound, whatever was asked
    snapshot_every: float = 0.0  #: seconds between two looks of the gateway's poll loop, where nothing changes
    seconds_to_done: float | None = None  #: instead of the stand-in's own

    @property
    def shapes(self) -> tuple[str, ...]:
        """The shapes asked for, as names."""
        return (self.shape,) if isinstance(self.shape, str) else tuple(self.shape)


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A task as the gateway's poll loop last saw it: its internal status, percent, and when that was (Unix seconds)."""

    status: Status
    progress: int
    seen_at: float

    @property
    def running(self) -> bool:
        """Whether the task is still on its way."""
        return self.status not in ("SUCCESS", "FAILURE")


@dataclass(kw_only=True)
class Task:
    """One row of the ledger; `status` and `refunded` follow from the clock, so nothing has to tick."""

    id: str
    model: str
    family: str
    request: dict[str, Any]  #: the JSON body, or the text parts of the form
    created_at: float
    plan: Plan
    outcome: Outcome
    clock: Callable[[], float]
    seconds_to_done: float
    remixed_from: str = ""
    video: Path | None = None  #: the rendered file, once there
    ready_at: float | None = None
    reads: int = 0  #: how often its status was asked
    refusals_left: int = 0
    truncations_left: int = 0
    key: str = ""  #: what stands for it in file links
    downloads: list[float] = field(default_factory=list[float])

    def snapshot(self, now: float) -> Snapshot:
        """Where the task is at a time, seen through a poll loop that looks only now and then."""
        elapsed = max(0.0, now - self.created_at)
        if self.outcome.snapshot_every:
            elapsed -= elapsed % self.outcome.snapshot_every
        seen_at = self.created_at + elapsed
        part = elapsed / self.seconds_to_done if self.seconds_to_done else 1.0
        if self.outcome.stuck:
            part = min(part, 0.5)
        if part >= 1 and self.outcome.fail is not None:
            return Snapshot(status="FAILURE", progress=100, seen_at=seen_at)
        if part >= 1 and self.ready_at is not None and self.ready_at <= seen_at:
            return Snapshot(status="SUCCESS", progress=100, seen_at=seen_at)
        for until, status in _UNTIL:
            if part < until:
                return Snapshot(status=status, progress=0 if status == "NOT_START" else 20, seen_at=seen_at)
        return Snapshot(status="IN_PROGRESS", progress=int(30 + 69 * min(1.0, (part - 0.25) / 0.75)), seen_at=seen_at)

    @property
    def status(self) -> Status:
        """The gateway's internal status word."""
        return self.snapshot(self.clock()).status

    @property
    def charged(self) -> int:
        """Units taken at submit."""
        return self.plan.price

    @property
    def refunded(self) -> int:
        """Units given back: all of them once it has failed."""
        return self.plan.price if self.status == "FAILURE" else 0

    def as_json(self) -> dict[str, Any]:
        """The row for the control routes."""
        return {
            "id": self.id,
            "model": self.model,
            "family": self.family,
            "status": self.status,
            "created_at": self.created_at,
            "charged": self.charged,
            "refunded": self.refunded,
            "size": f"{self.plan.width}x{self.plan.height}",
            "seconds": self.plan.seconds,
            "pictures": len(self.plan.pictures),
            "video": str(self.video) if self.video else None,
            "reads": self.reads,
            "downloads": len(self.downloads),
        }
