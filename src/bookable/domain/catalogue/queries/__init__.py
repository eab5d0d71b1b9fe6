"""Statements over the catalogue. Every one that reads listings names the tenant itself: no policy does it for them."""
