"""`python -m bot` is the same as `reelcord`."""

import gc

gc.disable()  # all that is imported stays, and to search it for garbage on the way takes a fifth of the start
from bot.cli import main  # noqa: E402

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
