"""What protects the people who answered."""
