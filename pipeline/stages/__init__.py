"""The stages: each a pure function of what it is given and of its section of the configuration."""

STAGE_NAMES = ("ingest", "clean", "embed", "discover", "map", "assess", "report")
"""In the order of a run. Here, where the command line can read them without loading a stage."""
