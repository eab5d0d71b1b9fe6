"""What can be booked: listings, what they offer and for how much, how people find them, and who likes them."""

from .browse import Excluding, Filters, Order, Page, browse
from .errors import NoSuchListing, NoSuchOffer, UsernameTaken
from .events import ListingChanged, ListingDeactivated, ListingOwnerChanged, ListingsAdded
from .favourites import Favourites, favourites, like, likes_of, unlike
from .listing import add, add_many, change, deactivate, forget
from .reading import bookable, categories, count_booking, featured, find, owned_by, rate
from .records import Bookable, Category, Change, Draft, Listing, Offer

__all__ = [
    "Bookable",
    "Category",
    "Change",
    "Draft",
    "Excluding",
    "Favourites",
    "Filters",
    "Listing",
    "ListingChanged",
    "ListingDeactivated",
    "ListingOwnerChanged",
    "ListingsAdded",
    "NoSuchListing",
    "NoSuchOffer",
    "Offer",
    "Order",
    "Page",
    "UsernameTaken",
    "add",
    "add_many",
    "bookable",
    "browse",
    "categories",
    "change",
    "count_booking",
    "deactivate",
    "favourites",
    "featured",
    "find",
    "forget",
    "like",
    "likes_of",
    "owned_by",
    "rate",
    "unlike",
]
