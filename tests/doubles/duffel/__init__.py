"""Duffel's API v2 over real HTTP: offer requests, offers, orders and their cancellation, as its reference has them."""

from tests.doubles.duffel.double import DuffelDouble

__all__ = ["DuffelDouble"]
