"""How it was: one verified review a booking, by its customer, and what a listing's reviews say together."""

from .errors import AlreadyReviewed
from .events import ReviewPosted
from .records import Drift, Order, Page, Review, Summary
from .reviewing import drift, export, forget, of_listing, post

__all__ = [
    "AlreadyReviewed",
    "Drift",
    "Order",
    "Page",
    "Review",
    "ReviewPosted",
    "Summary",
    "drift",
    "export",
    "forget",
    "of_listing",
    "post",
]
