"""Requests: one pydantic model for each family of the API, which renders itself to a `Submission`."""
