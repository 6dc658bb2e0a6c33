"""`reelcord demo`: the real bot as its own process against both stand-ins, every command once."""

from bot.sandbox.demo.play import play

__all__ = ["play"]
