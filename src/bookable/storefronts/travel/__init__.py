"""Travel: search and book flights. See docs/storefronts/travel.md."""

from bookable.storefronts.kit import Storefront

from . import auth, bookings, flights, payments, profile
from .wire import TravelEnvelope

__all__ = ["travel"]


def travel() -> Storefront:
    """The storefront; paths are below `/api`, and a static path comes before one with parameters."""
    return Storefront(
        "travel",
        "Travel",
        "/api",
        TravelEnvelope(),
        [auth.router, profile.router, flights.router, bookings.router, payments.router],
    )
