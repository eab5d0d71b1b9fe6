"""Every storefront's matrix."""

from .movies.requests import MOVIES
from .starrymeet.requests import STARRYMEET
from .travel.requests import TRAVEL

__all__ = ["MATRICES"]

MATRICES = (STARRYMEET, TRAVEL, MOVIES)
