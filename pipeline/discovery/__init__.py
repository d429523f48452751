"""Consensus clustering of comments, and what is said about each topic."""
