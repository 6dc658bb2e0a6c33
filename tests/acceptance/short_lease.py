"""The bot, but for the lease of its worker: `python short_lease.py SECONDS run`."""

import sys

from bot import cli
from bot.jobs.worker import Worker

if __name__ == "__main__":
    seconds = float(sys.argv.pop(1))
    assert Worker.__init__.__kwdefaults__ is not None
    Worker.__init__.__kwdefaults__["lease"] = seconds
    cli.main()
