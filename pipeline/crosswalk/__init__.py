"""Published themes: the codebook, its fit to topics and comments, and agreement with people's codes."""
