"""Run the stand-in alone: prints one JSON line with its url and key, and stays until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal

from bot.sandbox.video_api.server import VideoApiSandbox


async def _run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sandbox = VideoApiSandbox(
        port=options.port,
        seconds_to_done=options.seconds_to_done,
        quality=options.quality,
        strict=options.strict,
    )
    async with sandbox as api:
        print(json.dumps({"url": api.url, "key": api.key}), flush=True)  # noqa: T201 - what callers read
        await stop.wait()


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.video_api", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: the system chooses one")
    parser.add_argument("--seconds-to-done", type=float, default=0.5)
    parser.add_argument("--quality", choices=("full", "tiny"), default="full")
    parser.add_argument("--strict", action="store_true", help="refuse what stock new-api refuses")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
