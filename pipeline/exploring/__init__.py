"""Looking into a finished run, and giving new comments its topics and themes."""
