"""The encoder and the spaCy model: vectors, lemmas, noun phrases and sentences."""
