"""A whole server on a database of its own, as the process tests have it."""

from tests.processes.conftest import celebrities, house, own_url, serving, shop

__all__ = ["celebrities", "house", "own_url", "serving", "shop"]
