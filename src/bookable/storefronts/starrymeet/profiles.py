"""Celebrities' profiles over the wire: kept up to date by those who may."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from bookable.domain import catalogue
from bookable.storefronts.kit import Body, Call, Router

from .celebrities import MEETINGS, Category, CelebrityData, shape

__all__ = ["router"]

router = Router("Celebrities")
_ADMIN = ("admin",)
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"
Url = Annotated[str, Field(max_length=2000, pattern=r"^(https?://|/)[^\s\\]*$")]
Line = Annotated[str, Field(min_length=1, max_length=100, pattern=_PRINTABLE)]
Place = Annotated[str, Field(max_length=120, pattern=_PRINTABLE)]
Username = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,28}[a-z0-9]$", examples=["ada.byron"])]
Zone = Annotated[str, Field(max_length=64, examples=["Europe/Paris"])]
Cents = Annotated[int, Field(ge=0, le=1_000_000_000)]
Bio = Annotated[str, Field(max_length=5000, pattern=r"^[^\x00]*$")]


class Profile(Body):
    bio: Bio | None = None
    location: Place | None = None
    avatar_url: Url | None = None
    cover_photo_url: Url | None = None
    quick_meet_price_cents: Cents | None = None
    standard_meet_price_cents: Cents | None = None
    premium_meet_price_cents: Cents | None = None
    user_id: Annotated[UUID | None, Field(strict=False)] = None


class AddCelebrity(Profile):
    username: Username
    display_name: Line
    category: Annotated[Category, Field(strict=False)]
    time_zone: Zone = "UTC"
    is_verified: bool = False
    is_featured: bool = False
    is_active: bool = True


class ChangeCelebrity(Profile):
    username: Username = ""
    display_name: Line = ""
    category: Annotated[Category, Field(strict=False)] = Category.HOLLYWOOD
    time_zone: Zone = ""
    is_verified: bool = False
    is_featured: bool = False
    is_active: bool = True


@router.post("/celebrities", CelebrityData, status=201, roles=_ADMIN)
async def add(call: Call, body: AddCelebrity) -> CelebrityData:
    """List a celebrity."""
    made = await catalogue.add(call.tx, call.actor, _draft(call, body))
    return CelebrityData(celebrity=shape(await catalogue.find(call.tx, made, even_inactive=True)))


@router.patch("/celebrities/{name}", CelebrityData, errors=(403, 409))
async def change(call: Call, name: UUID, body: ChangeCelebrity) -> CelebrityData:
    """Change what is given: its owner the profile and prices, an admin everything. A price of null ends the offer."""
    await catalogue.change(call.tx, call.actor, name, _changes(body))
    return CelebrityData(celebrity=shape(await catalogue.find(call.tx, name, even_inactive=True)))


@router.delete("/celebrities/{name}", roles=_ADMIN)
async def deactivate(call: Call, name: UUID) -> None:
    """Take a celebrity off the list; what was booked stays booked."""
    await catalogue.deactivate(call.tx, call.actor, name)


def _prices(body: Profile) -> dict[str, int | None]:
    """The prices that were given, by meeting."""
    given = body.model_dump(exclude_unset=True)
    return {m: given[f"{m}_meet_price_cents"] for m in MEETINGS if f"{m}_meet_price_cents" in given}


def _offers(prices: dict[str, int | None]) -> tuple[catalogue.Offer, ...]:
    return tuple(catalogue.Offer(m, MEETINGS[m], cents) for m, cents in prices.items() if cents is not None)


def _draft(call: Call, body: AddCelebrity) -> catalogue.Draft:
    return catalogue.Draft(
        kind="celebrity",
        currency=call.tenant.currency,
        offers=_offers(_prices(body)),
        username=body.username,
        display_name=body.display_name,
        category=body.category.value,
        bio=body.bio or "",
        location=body.location or None,
        avatar_url=body.avatar_url,
        cover_url=body.cover_photo_url,
        time_zone=body.time_zone,
        owner_id=body.user_id,
        is_verified=body.is_verified,
        is_featured=body.is_featured,
        is_active=body.is_active,
    )


def _changes(body: ChangeCelebrity) -> catalogue.Change:
    given: dict[str, Any] = body.model_dump(exclude_unset=True)
    prices = _prices(body)
    for wire, inside in (("cover_photo_url", "cover_url"), ("user_id", "owner_id")):
        if wire in given:
            given[inside] = given.pop(wire)
    if "category" in given:
        given["category"] = given["category"].value
    if "bio" in given:
        given["bio"] = given["bio"] or ""
    fields = {name: value for name, value in given.items() if not name.endswith("_meet_price_cents")}
    ended = tuple(m for m, cents in prices.items() if cents is None)
    return catalogue.Change(**fields, offers=_offers(prices), offers_ended=ended)
