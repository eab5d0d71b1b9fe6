"""What stops a flight from being sold, by name."""

from typing import TYPE_CHECKING, Any

from bookable.kernel.errors import Conflict, Gone, NotFound

if TYPE_CHECKING:
    from .ports import Offer
    from .records import Flight

__all__ = ["NoSuchFlight", "NotConfirmed", "OfferChanged", "OfferGone", "OfferLapsed", "OrderRefused", "PriceMoved"]


class OfferChanged(Conflict):
    """The flight is still sold, at another price: `offer` is the one that holds now."""

    code = "PRICE_CHANGED"
    message = "The price of this flight has changed."

    def __init__(self, offer: "Offer", *, details: dict[str, Any] | None = None) -> None:
        super().__init__(details=details)
        self.offer = offer


class OfferGone(Conflict):
    """The provider no longer sells it: the seats are taken, or the offer has lapsed there."""

    code = "SOLD_OUT"
    message = "This flight is sold out."


class OrderRefused(Conflict):
    """The provider refuses this order for good; nothing was bought. `details.reason` is its word for it."""

    code = "ORDER_REFUSED"
    message = "The airline refused this booking."


class NoSuchFlight(NotFound):
    """No search has found it, or it lapsed long ago."""

    message = "There is no such flight; search again."


class OfferLapsed(Gone):
    """It was found too long ago to be booked."""

    message = "This offer has expired; search again."


class PriceMoved(Conflict):
    """The price is not the one that was shown: `flight` is the offer that can be booked now."""

    code = "PRICE_CHANGED"
    message = "The price of this flight has changed."

    def __init__(self, flight: "Flight") -> None:
        super().__init__()
        self.flight = flight


class NotConfirmed(Conflict):
    """An itinerary is only there for what the airline has confirmed."""

    code = "INVALID_STATE"
    message = "There is no itinerary before the booking is confirmed."
