"""What stops a flight from being sold, by name."""

from typing import TYPE_CHECKING, Any

from bookable.kernel.errors import Conflict

if TYPE_CHECKING:
    from .ports import Offer

__all__ = ["OfferChanged", "OfferGone", "OrderRefused"]


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
