"""The container's promise: the program works on a read-only disk, with nothing to write to but its volume and /tmp."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.sandbox.program import ROOT
from tests.acceptance.stage import Stage

pytestmark = pytest.mark.unmeasured  # what measures would write files, too

#: Notes every path that this Python, or SQLite in it, opens to write to, makes or moves.
_NOTE = """
import os, sys
note = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
changes = {"os.mkdir", "os.rename", "os.link", "os.symlink", "os.chmod", "os.truncate",
    "sqlite3.connect", "tempfile.mkstemp", "tempfile.mkdtemp"}

def hear(event, args):
    if event in changes or (event == "open" and isinstance(args[2], int) and args[2] & writes):
        paths = args[:1] if event in ("open", "os.mkdir", "sqlite3.connect") else args[:2]
        for path in paths:
            if isinstance(path, (str, bytes)):  # else: a file that is open already
                os.write(note, os.fsencode(os.path.abspath(os.fsdecode(path))) + b"\\n")

sys.addaudithook(hear)
"""


async def test_a_bot_at_work_writes_to_its_volume_and_to_tmp_alone(stage: Stage, tmp_path: Path):
    """From the start over a video that is made to fit, to a polite end."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(_NOTE)
    volume, temporary, notes = tmp_path / "volume", tmp_path / "tmp", tmp_path / "notes"
    for folder in (volume, temporary):
        folder.mkdir()
    bot = await stage.start_bot(
        PYTHONPATH=f"{tmp_path / 'hook'}:{ROOT}",
        PYTHONDONTWRITEBYTECODE="1",  # as in the Dockerfile
        NOTES=str(notes),
        TMPDIR=str(temporary),
        DATA_DIR=str(volume),
        DATABASE_URL=f"sqlite+aiosqlite:///{volume}/reelcord.db",
    )
    card = await stage.type("veo", {"prompt": "A red kite"})
    await stage.until(lambda: "Done" in card.text())
    assert await stage.stop(bot) == 0
    paths = [Path(line) for line in notes.read_text().splitlines()]
    inside = [path for path in paths if path.is_relative_to(volume)]
    assert len(inside) > 5  # the database, the key of no link, a video on its way, a worker's presence
    elsewhere = {str(path) for path in paths if path not in inside and not path.is_relative_to(temporary)}
    assert elsewhere - {"/dev/null"} == set()


def test_the_container_is_shut():
    """An ordinary user, a read-only root, no capability, no way to gain one, no port that the operator has not published."""
    compose, docker = (ROOT / "compose.yaml").read_text(), (ROOT / "Dockerfile").read_text()
    for line in ("read_only: true", "- ALL", "- no-new-privileges:true", "- /tmp", "- data:/data"):
        assert re.search(rf"^ +{re.escape(line)}$", compose, re.MULTILINE), line
    assert re.findall(r"^ *(ports|privileged|cap_add):|docker.sock", compose, re.MULTILINE) == []  # one in a comment
    assert re.findall(r"^USER (.+)$", docker, re.MULTILINE) == ["1000:1000"]
    assert re.findall(r"^VOLUME (.+)$", docker, re.MULTILINE) == ["/data"]
    assert "PYTHONDONTWRITEBYTECODE=1" in docker
