"""Signed links that expire: made for the video services, checked by the web server."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import math
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl

from bot.errors import SettingsError

LINK_SECONDS = 24 * 3600
"""How long a link that is made for a video service lives: as long as Discord's."""
_KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Makes and checks links under PUBLIC_URL. The key is 32 random bytes kept in DATA_DIR."""

    base_url: str
    key: bytes = field(repr=False)

    @classmethod
    def load(cls, base_url: str, data_dir: Path) -> Self:
        """Links with the key in `data_dir`, which is made at first use and readable by its owner only.

        Processes that start together agree: each writes a whole key to a file of its own and tries to link it into
        place, which only the first can; all then read what is there.

        Raises:
            SettingsError: DATA_DIR cannot be written, or the file in it is no key.
        """
        return cls(base_url=base_url, key=_load_key(data_dir / "link.key"))

    def sign(self, path: str, expires: int) -> str:
        """The full URL of `path` (such as /inputs/<job>/0) that is honoured until `expires` (Unix seconds)."""
        return f"{self.base_url}{path}?expires={expires}&signature={self._signature(path, str(expires))}"

    def check(self, path: str, expires: str, signature: str, now: float) -> bool:
        """Whether a link is genuine and still alive; compares in constant time and never raises."""
        expected = self._signature(path, expires)
        genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        return genuine and now < int(expires)  # what we signed is a number

    def renewed(self, url: str, now: float) -> str:
        """A link of ours, dead or alive, with a new end `LINK_SECONDS` from now; any other URL as it is.

        Only what carries our signature is signed again: people give URLs too, and may not have one made genuine.
        """
        path = self.path_of(url)
        return url if path is None else self.sign(path, int(now) + LINK_SECONDS)

    def path_of(self, url: str) -> str | None:
        """The path of a link of ours, dead or alive; None for any other URL."""
        if not url.startswith(f"{self.base_url}/"):
            return None
        path, _, query = url.removeprefix(self.base_url).partition("?")
        given = dict(parse_qsl(query))
        ours = self.check(path, given.get("expires", ""), given.get("signature", ""), -math.inf)
        return path if ours else None

    def _signature(self, path: str, expires: str) -> str:
        """HMAC-SHA256 over both, the number first, so that neither can borrow a character from the other."""
        return hmac.new(self.key, f"{expires}\n{path}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _load_key(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        key = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"DATA_DIR: {path} cannot be used ({error.strerror}); make the folder writable") from None
    if len(key) != _KEY_BYTES:
        raise SettingsError(f"DATA_DIR: {path} is damaged; delete it, and links already handed out end")
    return key


def _create(path: Path) -> None:
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".link-")  # mkstemp gives 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        Path(draft).unlink()
