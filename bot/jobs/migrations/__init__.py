"""The schema's history: one file a revision in `versions`, applied by `bot.jobs.migrate` at start."""
