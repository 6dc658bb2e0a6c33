"""The bot, but for some of its time-outs: `python shortened.py lease=1.5 busy=0.3 run`."""

import sys

from bot import cli
from bot.jobs import database, outcomes
from bot.jobs.worker import Worker

MODULES = {"busy": (database, "BUSY"), "save": (outcomes, "PATIENCE")}

if __name__ == "__main__":
    assert Worker.__init__.__kwdefaults__ is not None
    while "=" in sys.argv[1]:
        name, _, seconds = sys.argv.pop(1).partition("=")
        if name in MODULES:
            module, constant = MODULES[name]
            setattr(module, constant, float(seconds))
        else:
            assert name in Worker.__init__.__kwdefaults__, f"the worker has no {name}"
            Worker.__init__.__kwdefaults__[name] = float(seconds)
    cli.main()
