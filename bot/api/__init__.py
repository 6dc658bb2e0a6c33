"""How it is said: one HTTP client a video service, one tolerant reader of its replies, pure retry rules."""
