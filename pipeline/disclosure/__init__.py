"""What may be published: rules for small counts, suppression and its audit."""
