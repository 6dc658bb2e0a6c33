"""Sora."""
