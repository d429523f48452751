"""Figures, tables, the HTML report and the methods text."""
