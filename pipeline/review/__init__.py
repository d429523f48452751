"""What a person changes of the topics: read back from sheets, tied to the comments they held, and carried out."""
