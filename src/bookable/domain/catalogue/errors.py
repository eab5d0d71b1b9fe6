"""What can stand against listing something."""

from bookable.kernel.db import constraint
from bookable.kernel.errors import Conflict, NotFound

__all__ = ["NoSuchListing", "NoSuchOffer", "UsernameTaken"]


class NoSuchListing(NotFound):
    """There is no such listing, or it is not active any more."""

    message = "There is no listing by that name."


class NoSuchOffer(NotFound):
    """The listing is there, but it does not offer that."""

    message = "The listing does not offer this."


class UsernameTaken(Conflict):
    """Another listing goes by that username."""

    message = "That username is taken."


constraint("uq_listings_username", UsernameTaken)
