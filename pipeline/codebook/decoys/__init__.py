"""Codebooks of other fields that come with the program, to be matched wrongly; a YAML file for each."""
