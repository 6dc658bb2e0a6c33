"""Who is alive: a file locked by its process, and by nobody else."""

import subprocess
import sys
from pathlib import Path

from bot.jobs.presence import Presence

ALIVE = """
import sys
from pathlib import Path
from bot.jobs.presence import Presence
Presence(Path(sys.argv[1]), "other").appear()
print("here", flush=True)
sys.stdin.read()
"""


def test_a_living_worker_is_not_departed_and_a_killed_one_is_told_until_it_is_buried(tmp_path: Path):
    """Another process holds its file; once it is killed its owner is named, until nothing is left to it."""
    mine = Presence(tmp_path, "mine")
    mine.appear()
    other = subprocess.Popen(
        [sys.executable, "-c", ALIVE, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"here\n"
    assert (mine.departed(), mine.neighbours()) == ([], ["other"])
    other.kill()
    other.communicate()
    assert (mine.departed(), mine.neighbours()) == (["other"], [])
    assert mine.departed() == ["other"]  # whoever was told of it first may have died with it
    mine.bury(["other"])
    assert mine.departed() == []
    mine.leave()
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_left_politely_leaves_nothing(tmp_path: Path):
    """Who gave its leases back is not departed: it was never here."""
    Presence(tmp_path, "gone").leave()
    gone = Presence(tmp_path, "gone")
    gone.appear()
    gone.leave()
    assert Presence(tmp_path, "mine").departed() == []
