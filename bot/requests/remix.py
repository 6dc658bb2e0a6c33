"""Remix."""
