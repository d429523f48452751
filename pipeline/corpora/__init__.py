"""Comments that come with the program."""
