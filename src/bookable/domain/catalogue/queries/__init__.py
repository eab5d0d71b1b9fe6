"""Statements over the catalogue."""
