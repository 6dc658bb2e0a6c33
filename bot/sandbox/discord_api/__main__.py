"""`python -m bot.sandbox.discord_api --port 0`: the stand-in on its own."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from bot.sandbox.discord_api.sandbox import DiscordSandbox


async def serve(port: int, token: str) -> None:
    """Print one JSON line with the addresses and the token, and stay."""
    async with DiscordSandbox(port=port, token=token) as discord:
        line = {"api_url": discord.api_url, "gateway_url": discord.gateway_url, "token": discord.token}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Read the arguments and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.discord_api", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: one the system chooses")
    parser.add_argument("--token", default="sandbox-token", help="the token the bot must use")
    arguments = parser.parse_args()
    try:
        asyncio.run(serve(arguments.port, arguments.token))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
