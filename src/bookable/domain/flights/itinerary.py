"""What a traveller takes along: the trip as a calendar file and as a page to print."""

from bookable.domain import bookings

from .errors import NotConfirmed
from .records import Trip

__all__ = ["calendar", "page"]

_SHOWN = {bookings.Status.CONFIRMED, bookings.Status.COMPLETED, bookings.Status.NO_SHOW}


def calendar(trip: Trip, *, seller: str) -> bytes:
    """An entry a flight (RFC 5545); the same bytes until the booking changes. Raises `NotConfirmed`."""
    _confirmed(trip)
    from .itinerary_calendar import written  # late, as below

    return written(trip, seller)


def page(trip: Trip, *, seller: str) -> bytes:
    """A PDF: who flies when and where, under which references. Raises `NotConfirmed`.

    It may take a while: call it in a thread.
    """
    _confirmed(trip)
    from .itinerary_page import printed  # late: ReportLab takes 7 MB and 0.2 s, for those who print

    return printed(trip, seller)


def _confirmed(trip: Trip) -> None:
    if trip.booking.status not in _SHOWN:
        raise NotConfirmed(details={"from": trip.booking.status.value, "allowed": sorted(s.value for s in _SHOWN)})
