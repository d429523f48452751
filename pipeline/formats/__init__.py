"""Forms of files: YAML, CSV, spreadsheets, Markdown and Word."""
