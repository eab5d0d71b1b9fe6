"""The kit that storefronts are made of: calls, operations, shapes, envelopes; see CONTRIBUTING for a recipe."""

from .binding import Body, Params, checked
from .calls import Call, Ports, Tiers
from .envelopes import Envelope, status_of
from .operations import Access, Operation, Reply, Router, Tier
from .paging import Paging
from .routes import failure
from .shapes import Shape, encode
from .storefront import Storefront

__all__ = [
    "Access",
    "Body",
    "Call",
    "Envelope",
    "Operation",
    "Paging",
    "Params",
    "Ports",
    "Reply",
    "Router",
    "Shape",
    "Storefront",
    "Tier",
    "Tiers",
    "checked",
    "encode",
    "failure",
    "status_of",
]
