"""The composition root: the only place where objects are built and handed to each other."""


def main() -> None:
    """Run the `reelcord` command."""
    raise NotImplementedError
