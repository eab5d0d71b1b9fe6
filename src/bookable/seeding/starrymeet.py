"""StarryMeet as if it had been open for a while: people, twelve celebrities, meetings that were held and reviewed."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from bookable.domain import bookings, catalogue, identity, inventory, media, reviews
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database, Transaction
from bookable.kernel.events import Subscriptions
from bookable.kernel.security import PasswordHasher
from bookable.kernel.tenants import Tenant
from bookable.storefronts.starrymeet.celebrities import MEETINGS
from bookable.storefronts.starrymeet.policy import PARTS, policy

from .cast import CAST, COMMENTS, FANS, Star
from .people import acting, cast_of, fan

__all__ = ["demo"]

_OPENED = timedelta(days=40)
_CODE = "OPENING-NIGHT"


class Said(NamedTuple):
    """What somebody thought of a meeting."""

    stars: int
    title: str
    comment: str | None


async def demo(url: str, passwords: PasswordHasher, pictures: media.Store, tenant: Tenant) -> int:
    """Make what is missing; answers how many celebrities that were. A broken-off run is taken up by the next.

    It is lived through in the domain, some weeks ago by a clock of its own, with nobody listening: no mails go out.
    """
    db = await Database.connect(url, Clock(), Subscriptions(), size=4)
    try:
        db.clock.offset = -_OPENED
        people = await cast_of(db, passwords, tenant)
        missing = await _missing(db, tenant)
        for at in range(0, len(missing), 2):
            await asyncio.gather(*(_add(db, pictures, tenant, people, star) for star in missing[at : at + 2]))
        await _live(db, tenant, people["admin"])
        return len(missing)
    finally:
        await db.close()


async def _missing(db: Database, tenant: Tenant) -> list[Star]:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        return [star for star in CAST if await _listed(tx, star) is None]


async def _listed(tx: Transaction, star: Star) -> catalogue.Listing | None:
    try:
        return await catalogue.find(tx, star.username, even_inactive=True)
    except catalogue.NoSuchListing:
        return None


async def _add(
    db: Database, pictures: media.Store, tenant: Tenant, people: Mapping[str, identity.User], star: Star
) -> None:
    from .portraits import cover, portrait  # late: Pillow is for who draws, and every start looks in here

    admin = acting(tenant, people["admin"])
    face = await media.keep_picture(db, admin, pictures, portrait(star.name), media.Purpose.LISTING)
    wide = await media.keep_picture(db, admin, pictures, cover(star.name), media.Purpose.LISTING)
    draft = catalogue.Draft(
        kind="celebrity",
        username=star.username,
        display_name=star.name,
        category=star.category,
        bio=star.bio,
        location=star.location,
        time_zone=star.zone,
        currency=tenant.currency,
        avatar_url=face.url,
        cover_url=wide.url,
        owner_id=people["provider"].id if star is CAST[0] else None,
        is_verified=True,
        is_featured=star.featured,
        offers=tuple(
            catalogue.Offer(name, minutes, cents)
            for (name, minutes), cents in zip(MEETINGS.items(), star.prices, strict=True)
        ),
    )
    async with db.transaction(admin) as tx:
        await catalogue.add(tx, admin, draft)


async def _live(db: Database, tenant: Tenant, admin: identity.User) -> None:
    """Each celebrity has met some of their fans, who then said how it was; whoever has reviews has lived already."""
    fans = [await fan(db, tenant, *names) for names in FANS]
    for nth, star in enumerate(CAST):
        async with db.transaction(Actor.system(tenant.id)) as tx:
            listing = await _listed(tx, star)
        if listing is None or listing.rating_count:
            continue
        for k in range(2 + nth % 3):
            stars, title, comment = COMMENTS[(nth * 2 + k) % len(COMMENTS)]
            said = Said(stars, title, comment)
            await _meet(db, tenant, admin, fans[(nth + k) % len(fans)], listing, said, days=3 + 4 * k)
    db.clock.offset = -_OPENED


async def _meet(
    db: Database,
    tenant: Tenant,
    admin: identity.User,
    guest: identity.User,
    listing: catalogue.Listing,
    said: Said,
    *,
    days: int,
) -> None:
    """Booked with a code that leaves nothing to pay, held, and reviewed the day after."""
    db.clock.offset = -_OPENED
    customer, staff = acting(tenant, guest), acting(tenant, admin)
    await _code(db, tenant)
    asked = bookings.Request(
        listing_id=listing.id,
        offer=tuple(MEETINGS)[days % 3],
        day=(db.clock.now() + timedelta(days=days)).date(),
        slot=PARTS[days % len(PARTS)].name,
        contact_name=f"{guest.first_name} {guest.last_name}",
        contact_email=guest.email,
        promo_code=_CODE,
    )
    try:
        async with db.transaction(customer) as tx:
            booking = (await bookings.place(tx, asked, policy(tenant))).booking
    except inventory.SlotTaken:
        return  # a run that was broken off had come as far as this
    db.clock.offset = booking.ends_at + timedelta(hours=20) - db.clock.real()
    async with db.transaction(staff) as tx:
        await bookings.complete(tx, booking.id)
    async with db.transaction(customer) as tx:
        await reviews.post(tx, booking.id, rating=said.stars, title=said.title, comment=said.comment)


async def _code(db: Database, tenant: Tenant) -> None:
    """Everything off, in the opening week only."""
    async with db.transaction(Actor.system(tenant.id)) as tx:
        if any(promo.code == _CODE for promo in await bookings.list_promos(tx)):
            return
        ends = db.clock.now() + timedelta(days=7)
        await bookings.add_promo(tx, _CODE, currency=tenant.currency, percent_off=100, ends_at=ends)
