"""Reading the files that a user hands over."""
