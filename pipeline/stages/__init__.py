"""The stages: each a pure function of what it is given and of its section of the configuration."""
