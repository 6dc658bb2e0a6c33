"""What is asked: one pydantic model a family of the API, each rendering itself to a `Submission`."""
