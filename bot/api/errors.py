"""What can go wrong with a video service, sorted by what the caller can do.

ApiError
├── Rejected      the request is wrong: nothing was created; show `str()`, do not repeat
├── Busy          nothing was created and a repeat may succeed: wait `retry_after`
│   └── Unreachable   the connection was never made (refused, DNS, TLS)
├── Unauthorized  the operator's key is refused or out of funds: pause the upstream, keep its jobs
├── NotKnown      the service does not know this video id (yet, or any more)
├── Ambiguous     a POST whose outcome is unknown: something may have been created; never repeat
├── NotReady      the file is not to be had yet
├── BadFile       the download ended short or is not a video: fetch it again, by the other route too
│   └── TooLarge      it is larger than may be, and will be so every time
└── NoRoom        our own disk is full: nothing is wrong with the video, which can be fetched once there is room

Raised by `bot.api.client`; `sentence` is what a person may read: plain, in English, nothing internal.
"""

from __future__ import annotations

from bot.errors import ReelcordError


class ApiError(ReelcordError):
    """The root; `status` is the HTTP status or None, `code` the service's own code, `request_id` its log id."""

    def __init__(
        self,
        sentence: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after


class Rejected(ApiError):  # noqa: N818 - named by what the caller can do
    """The service refused the request itself; nothing was created."""


class Busy(ApiError):  # noqa: N818
    """Nothing was created; the same request may succeed later."""


class Unreachable(Busy):
    """The connection was never made, so nothing can have been created."""


class Unauthorized(ApiError):  # noqa: N818
    """The key is refused or out of funds: an operator must act; the upstream's jobs wait."""


class NotKnown(ApiError):  # noqa: N818
    """The service does not know the video id: `task_not_exist`, which is HTTP 400 on new-api."""


class Ambiguous(ApiError):  # noqa: N818
    """A submit whose outcome is unknown: a video may be in the making and may be charged."""


class NotReady(ApiError):  # noqa: N818
    """The video cannot be downloaded yet."""


class BadFile(ApiError):  # noqa: N818
    """What was downloaded is not the whole video."""


class TooLarge(BadFile):
    """The video is larger than may be fetched; `size` is its bytes where the service told them."""

    def __init__(self, sentence: str, *, size: int | None = None, status: int | None = None) -> None:
        super().__init__(sentence, status=status)
        self.size = size


class NoRoom(ApiError):  # noqa: N818
    """Our own disk has no room for the video."""
