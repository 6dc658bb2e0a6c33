"""`make crash`: the bot is killed again and again while people order videos; then it is counted what they have seen.

Both stand-ins run in one process and the real bot in another, in two lanes that know nothing of each other. The seed
decides all that happens; what a machine's timing adds differs from run to run.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.crash.lanes import played
from tests.crash.plan import plans
from tests.crash.report import Campaign, report

LANES = 2


def main() -> int:
    """Play a campaign and print its report; 1 where an invariant is broken or a secret was found."""
    asked = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="reelcord-crash-"))
    console = Console(stderr=True, highlight=False)
    console.print(f"Seed {asked.seed}: {asked.kills} kills in {asked.lanes} lanes, in {folder}", soft_wrap=True)
    began = time.monotonic()
    lanes = played(plans(asked.seed, asked.kills, asked.lanes), folder, console)
    campaign = Campaign(seed=asked.seed, lanes=tuple(lanes), seconds=time.monotonic() - began)
    text = report(campaign)
    print(text)
    if asked.report:
        asked.report.write_text(text + "\n")
    if campaign.is_sound:
        shutil.rmtree(folder)
        return 0
    console.print(f"Something is broken. All that was written is kept in {folder}.", soft_wrap=True)
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how often the bot is killed")
    parser.add_argument("--seed", type=int, default=1, help="decides commands, moments, their order and delays")
    parser.add_argument("--lanes", type=int, default=LANES, help="bots at a time, each with stand-ins of its own")
    parser.add_argument("--report", type=Path, help="a file for the report, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
