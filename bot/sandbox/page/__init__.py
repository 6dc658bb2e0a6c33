"""`reelcord demo --page`: both stand-ins, the real bot, and a page on loopback to use it as in Discord."""

from bot.sandbox.page.serve import serve

__all__ = ["serve"]
