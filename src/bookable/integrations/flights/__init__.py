"""Flights from those who sell them: Duffel, and Kiwi's Tequila for those who still have a key."""

from .duffel import DuffelFlights
from .kiwi import KiwiFlights

__all__ = ["DuffelFlights", "KiwiFlights"]
