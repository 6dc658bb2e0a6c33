"""The slash commands: one extension a vendor, found by walking this package."""
