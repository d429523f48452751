"""Tables: how each is defined, stored, read back and rendered."""
