"""One file a figure, and what they share."""
