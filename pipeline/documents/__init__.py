"""The report, the methods text, the checklists and the tables in them."""
