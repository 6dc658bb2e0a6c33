"""The bot's own web server: health, metrics, signed links."""
