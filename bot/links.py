"""Signed links that expire: pure functions, shared by those who hand links out and the web server that honours them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Makes and checks links under PUBLIC_URL. The key is 32 random bytes kept in DATA_DIR."""

    base_url: str
    key: bytes

    def sign(self, path: str, expires: int) -> str:
        """The full URL of `path` (such as /inputs/<job>/0) that is honoured until `expires` (Unix seconds)."""
        raise NotImplementedError

    def check(self, path: str, expires: str, signature: str, now: float) -> bool:
        """Whether a link is genuine and still alive; compares in constant time and never raises."""
        raise NotImplementedError
