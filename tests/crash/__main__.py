"""`make crash`: the bot is killed again and again while people order videos; then it is counted what they have seen.

It is run in the ways in which people run it: alone, with a worker beside it, and with workers on PostgreSQL; whoever a
kill spares goes on. Both stand-ins of a lane run in one process and the real bot in others; lanes know nothing of each
other. The seed decides all that happens; what a machine's timing adds differs from run to run.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.crash.deployments import DEPLOYMENTS
from tests.crash.lanes import played
from tests.crash.plan import plans
from tests.crash.report import Campaign, report

LANES = 2


def main() -> int:
    """Play a campaign and print its report; 1 where an invariant is broken or a secret was found."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its lanes end with it
    folder = Path(tempfile.mkdtemp(prefix="reelcord-crash-"))
    console = Console(stderr=True, highlight=False)
    deployments = [each for each in DEPLOYMENTS if asked.deployment in (None, each.name)]
    given = plans(asked.seed, asked.kills, asked.lanes, deployments)
    console.print(f"Seed {asked.seed}: {asked.kills} kills in {len(given)} lanes, in {folder}", soft_wrap=True)
    began = time.monotonic()
    lanes = played(given, folder, console)
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
    parser.add_argument("--kills", type=int, default=200, help="how often there is a kill")
    parser.add_argument("--seed", type=int, default=1, help="decides commands, moments, their order and delays")
    parser.add_argument("--lanes", type=int, default=LANES, help="of each deployment, each with stand-ins of its own")
    parser.add_argument("--deployment", choices=[each.name for each in DEPLOYMENTS], help="only this one")
    parser.add_argument("--report", type=Path, help="a file for the report, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
