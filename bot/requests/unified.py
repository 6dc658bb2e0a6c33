"""The unified family: Kling and every other model."""
