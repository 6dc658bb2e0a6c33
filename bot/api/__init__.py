"""The video services: one HTTP client for each, one tolerant parser of their replies, pure retry rules."""
