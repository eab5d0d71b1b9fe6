"""What the catalogue says of a listing, and what one tells it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from bookable.kernel.db import Record

__all__ = ["Bookable", "Category", "Change", "Draft", "Listing", "Offer"]


class Listing(Record, frozen=True):
    """Something that can be booked. `prices` is minor units by the offer's name; `is_favourite` is the caller's own,
    None when nobody has signed in."""

    id: UUID
    owner_id: UUID | None
    kind: str
    username: str
    display_name: str
    category: str
    bio: str
    location: str | None
    avatar_url: str | None
    cover_url: str | None
    time_zone: str
    currency: str
    lowest_price_cents: int
    average_rating: float
    rating_count: int
    bookings_count: int
    is_verified: bool
    is_featured: bool
    is_active: bool
    created_at: datetime.datetime
    prices: Mapping[str, int]
    is_favourite: bool | None


class Bookable(Record, frozen=True):
    """An offer of an active listing, with what a booking freezes of both."""

    listing_id: UUID
    owner_id: UUID | None
    username: str
    display_name: str
    avatar_url: str | None
    time_zone: str
    currency: str
    offer: str
    duration_minutes: int
    price_cents: int


class Category(Record, frozen=True):
    """A category that has active listings, and how many."""

    category: str
    count: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Something a listing offers: `quick`, 15 minutes, for so many minor units."""

    name: str
    duration_minutes: int
    price_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A listing that is to be. At least one offer."""

    kind: str
    username: str
    display_name: str
    category: str
    currency: str
    time_zone: str
    offers: tuple[Offer, ...]
    bio: str = ""
    location: str | None = None
    avatar_url: str | None = None
    cover_url: str | None = None
    owner_id: UUID | None = None
    is_verified: bool = False
    is_featured: bool = False
    is_active: bool = True


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different; what is left out stays. `offers` are added or repriced,
    `offers_ended` are made no more."""

    username: str | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    category: str | UnsetType = UNSET
    bio: str | UnsetType = UNSET
    location: str | UnsetType | None = UNSET
    avatar_url: str | UnsetType | None = UNSET
    cover_url: str | UnsetType | None = UNSET
    time_zone: str | UnsetType = UNSET
    owner_id: UUID | UnsetType | None = UNSET
    is_verified: bool | UnsetType = UNSET
    is_featured: bool | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    offers: tuple[Offer, ...] = ()
    offers_ended: tuple[str, ...] = ()
