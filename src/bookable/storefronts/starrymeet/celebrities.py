"""Celebrities over the wire: found and shown."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, UnsetType
from pydantic import Field

from bookable.domain import catalogue, inventory
from bookable.storefronts.kit import Access, Call, Paging, Router, Shape

from .policy import PARTS

__all__ = [
    "MEETINGS",
    "Category",
    "CelebritiesData",
    "CelebrityData",
    "CelebrityShape",
    "listed",
    "named",
    "router",
    "shape",
]

router = Router("Celebrities")
MEETINGS = {"quick": 15, "standard": 30, "premium": 60}
"""What a celebrity offers, and how many minutes that lasts."""


class Category(StrEnum):
    """What celebrities are known for."""

    HOLLYWOOD = "Hollywood"
    MUSICIANS = "Musicians"
    ATHLETES = "Athletes"
    BUSINESS = "Business"


class Sort(StrEnum):
    """`rating` (the default) and `popular` descend; `relevance` begins with those named as was searched."""

    RELEVANCE = "relevance"
    RATING = "rating"
    PRICE = "price"
    PRICE_DESCENDING = "-price"
    POPULAR = "popular"
    NEWEST = "newest"
    NAME = "name"


class ListCelebrities(Paging):
    category: Annotated[str | None, Field(max_length=60)] = None
    location: Annotated[str | None, Field(max_length=120)] = None
    search: Annotated[str | None, Field(max_length=200)] = None
    min_price: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None
    max_price: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None
    min_rating: Annotated[Decimal | None, Field(ge=0, le=5, max_digits=6, decimal_places=2)] = None
    featured: bool | None = None
    available_on: date | None = None
    sort: Sort = Sort.RATING


class CelebrityShape(Shape):
    id: UUID
    username: str
    display_name: str
    category: str
    bio: str
    location: str | None
    avatar_url: str | None
    cover_photo_url: str | None
    quick_meet_price_cents: int | None
    standard_meet_price_cents: int | None
    premium_meet_price_cents: int | None
    currency: str
    average_rating: float
    total_reviews: int
    total_bookings: int
    is_verified: bool
    is_featured: bool
    is_active: bool
    time_zone: str
    created_at: datetime
    is_favorite: bool | UnsetType = UNSET


class CelebrityData(Shape):
    celebrity: CelebrityShape


class CelebritiesData(Shape):
    items: list[CelebrityShape]
    page: int
    limit: int
    total: int
    total_pages: int
    next_cursor: str | None


class FeaturedData(Shape):
    items: list[CelebrityShape]


class CategoryShape(Shape):
    category: str
    count: int


class CategoriesData(Shape):
    items: list[CategoryShape]


@router.get("/celebrities", CelebritiesData, access=Access.PUBLIC)
async def browse(call: Call, query: ListCelebrities) -> CelebritiesData:
    """Find celebrities: filtered, searched with stems and slips forgiven, sorted; by page or by cursor."""
    full = None
    if query.available_on is not None:
        full = inventory.full_on(query.available_on, PARTS, call.tx.clock.now())
    found = await catalogue.browse(
        call.tx,
        _filters(query),
        order=catalogue.Order(query.sort),
        excluding=full,
        page=query.page,
        limit=query.limit,
        cursor=query.cursor,
    )
    return listed(found.items, query, found.total, found.next_cursor)


@router.get("/celebrities/featured", FeaturedData, access=Access.PUBLIC)
async def featured(call: Call) -> FeaturedData:
    """Up to twelve that the house shows first."""
    return FeaturedData(items=[shape(listing) for listing in await catalogue.featured(call.tx)])


@router.get("/celebrities/categories", CategoriesData, access=Access.PUBLIC)
async def categories(call: Call) -> CategoriesData:
    """The categories that have celebrities, and how many."""
    found = await catalogue.categories(call.tx)
    return CategoriesData(items=[CategoryShape(category=c.category, count=c.count) for c in found])


@router.get("/celebrities/{name}", CelebrityData, access=Access.PUBLIC)
async def show(call: Call, name: str) -> CelebrityData:
    """One celebrity, by id or username."""
    return CelebrityData(celebrity=shape(await catalogue.find(call.tx, named(name))))


def named(name: str) -> UUID | str:
    """An id where it is written like one, else a username."""
    try:
        return UUID(name) if len(name) == 36 else name
    except ValueError:
        return name


def shape(listing: catalogue.Listing) -> CelebrityShape:
    price = listing.prices.get
    return CelebrityShape(
        id=listing.id,
        username=listing.username,
        display_name=listing.display_name,
        category=listing.category,
        bio=listing.bio,
        location=listing.location,
        avatar_url=listing.avatar_url,
        cover_photo_url=listing.cover_url,
        quick_meet_price_cents=price("quick"),
        standard_meet_price_cents=price("standard"),
        premium_meet_price_cents=price("premium"),
        currency=listing.currency,
        average_rating=listing.average_rating,
        total_reviews=listing.rating_count,
        total_bookings=listing.bookings_count,
        is_verified=listing.is_verified,
        is_featured=listing.is_featured,
        is_active=listing.is_active,
        time_zone=listing.time_zone,
        created_at=listing.created_at,
        is_favorite=UNSET if listing.is_favourite is None else listing.is_favourite,
    )


def listed(items: Sequence[catalogue.Listing], query: Paging, total: int, next_cursor: str | None) -> CelebritiesData:
    """A page of celebrities."""
    return CelebritiesData(
        items=[shape(listing) for listing in items],
        page=query.page,
        limit=query.limit,
        total=total,
        total_pages=-(-total // query.limit),
        next_cursor=next_cursor,
    )


def _filters(query: ListCelebrities) -> catalogue.Filters:
    return catalogue.Filters(
        category=query.category,
        location=query.location,
        search=query.search,
        min_price=query.min_price,
        max_price=query.max_price,
        min_rating=query.min_rating,
        featured=query.featured,
    )
