"""StarryMeet: meetings with celebrities. See docs/storefronts/starrymeet.md."""

from bookable.storefronts.kit import Storefront

from . import (
    administration,
    auth,
    availability,
    avatars,
    bookings,
    celebrities,
    favorites,
    payments,
    profiles,
    promotions,
    reviews,
    users,
)
from .wire import StarryMeetEnvelope

__all__ = ["starrymeet"]


def starrymeet() -> Storefront:
    """The storefront; paths are below `/api`."""
    return Storefront(
        "starrymeet",
        "StarryMeet",
        "/api",
        StarryMeetEnvelope(),
        [
            auth.router,
            users.router,
            avatars.router,
            favorites.router,
            celebrities.router,
            profiles.router,
            availability.router,
            bookings.router,
            reviews.router,
            payments.router,
            administration.router,
            promotions.router,
        ],
    )
