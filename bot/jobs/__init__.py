"""The engine: rows that are due are claimed, one step is taken, the result is saved. Knows no vendor and no Discord."""
