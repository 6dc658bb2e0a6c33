"""Reelcord: slash commands become videos, and nothing paid is lost or paid twice."""

__version__ = "0.1.0"
