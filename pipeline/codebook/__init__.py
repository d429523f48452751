"""The published account as a codebook, the codes that people give, and decoys from other fields."""
