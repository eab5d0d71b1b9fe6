"""Lists of bookings, and what becomes of them when the people in them register, change or leave."""

from datetime import timedelta
from uuid import UUID

import pytest

from bookable.domain import bookings, catalogue, identity
from bookable.domain.bookings import Status
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import ValidationFailed
from bookable.kernel.tenants import Tenant
from tests import make_bookings, make_catalogue
from tests.make_bookings import POLICY, pay, place, see, soon


async def test_a_list_is_newest_first_by_page_and_by_cursor(db: Database, customer: Actor, listing: UUID) -> None:
    made = [await place(db, customer, listing, day=soon(db, n)) for n in range(1, 6)]
    await place(db, make_bookings.guest(customer.tenant_id), listing, day=soon(db, 20))
    wanted = [b.id for b in reversed(made)]
    async with db.transaction(customer) as tx:
        first = await bookings.list_own(tx, limit=2)
        second = await bookings.list_own(tx, limit=2, cursor=first.next_cursor)
        third = await bookings.list_own(tx, limit=2, cursor=second.next_cursor)
        assert [b.id for p in (first, second, third) for b in p.items] == wanted
        assert (first.total, third.next_cursor) == (5, None)
        assert [b.id for b in (await bookings.list_own(tx, page=2, limit=2)).items] == wanted[2:4]
        assert (await bookings.list_own(tx, page=9, limit=2)).items == []
        with pytest.raises(ValidationFailed):
            await bookings.list_own(tx, cursor="x")


async def test_a_list_filters_by_the_state_that_is_read(
    db: Database, customer: Actor, listing: UUID, system: Actor, clock: Clock
) -> None:
    lapsed, paid = await place(db, customer, listing), await place(db, customer, listing, slot="evening")
    await pay(db, system, paid)
    clock.offset = timedelta(minutes=16)
    async with db.transaction(customer) as tx:
        for status, wanted in ((Status.EXPIRED, [lapsed.id]), (Status.CONFIRMED, [paid.id]), (Status.PENDING, [])):
            page = await bookings.list_own(tx, statuses=[status])
            assert ([b.id for b in page.items], page.total) == (wanted, len(wanted))


async def test_a_listings_list_is_by_day(db: Database, customer: Actor, provider: Actor, listing: UUID) -> None:
    made = [await place(db, customer, listing, day=soon(db, n)) for n in (3, 5, 7)]
    async with db.transaction(provider) as tx:
        page = await bookings.list_of_listing(tx, listing, first=soon(db, 4), last=soon(db, 7))
    assert {b.id for b in page.items} == {made[1].id, made[2].id}


async def test_the_house_sees_all_and_counts_them_by_day(
    db: Database, customer: Actor, admin: Actor, listing: UUID, system: Actor, clock: Clock
) -> None:
    paid = await place(db, customer, listing)
    await place(db, make_bookings.guest(customer.tenant_id), listing, slot="evening")
    await pay(db, system, paid)
    clock.offset = timedelta(minutes=16)
    async with db.transaction(admin) as tx:
        assert (await bookings.list_all(tx)).total == 2
        days = await bookings.stats_by_day(tx)
    assert sum(d.placed for d in days) == 2
    assert sum(d.confirmed for d in days) == 1
    assert sum(d.cancelled for d in days) == 1
    assert sum(d.revenue_cents for d in days) == 24_840


async def test_verifying_an_address_adopts_what_guests_booked_with_it(
    db: Database, tenant: Tenant, listing: UUID, system: Actor
) -> None:
    address = make_bookings.mailbox()
    guest = make_bookings.guest(tenant.id)
    theirs = await place(db, guest, listing, contact_email=address.upper())
    others = await place(db, make_bookings.guest(tenant.id), listing, slot="evening")
    await pay(db, system, theirs)
    user = await make_catalogue.user(db, tenant.id, email=address)
    assert user.id is not None
    verified = identity.EmailVerified(user_id=user.id)
    await bookings.adopt(db, system, verified)
    await bookings.adopt(db, system, verified)
    seen = await see(db, user, theirs)
    assert seen.user_id == user.id
    assert seen.payment is not None
    with pytest.raises(bookings.NoSuchBooking):
        await see(db, user, others)
    async with db.transaction(user) as tx:
        assert [b.id for b in await bookings.export(tx, user.id)] == [theirs.id]


async def test_an_adopted_booking_still_opens_with_the_guests_key(
    db: Database, tenant: Tenant, listing: UUID, system: Actor
) -> None:
    address = make_bookings.mailbox()
    async with db.transaction(make_bookings.guest(tenant.id)) as tx:
        placed = await bookings.place(tx, make_bookings.ask(db, listing, contact_email=address), POLICY)
    user = await make_catalogue.user(db, tenant.id, email=address)
    assert user.id is not None
    await bookings.adopt(db, system, identity.EmailVerified(user_id=user.id))
    async with db.transaction(system) as tx:
        actor = await bookings.guest(tx, placed.booking.id, str(placed.access_token), POLICY)
    assert (await see(db, actor, placed.booking)).id == placed.booking.id


async def test_a_listings_bookings_follow_its_owner(
    db: Database, tenant: Tenant, customer: Actor, provider: Actor, listing: UUID, admin: Actor, system: Actor
) -> None:
    booking = await place(db, customer, listing)
    successor = await make_catalogue.user(db, tenant.id, "celebrity")
    async with db.transaction(admin) as tx:
        await catalogue.change(tx, admin, listing, catalogue.Change(owner_id=successor.id))
    told = catalogue.ListingOwnerChanged(listing_id=listing, owner_id=successor.id, previous_owner_id=provider.id)
    await bookings.follow_listing(db, system, told)
    assert (await see(db, successor, booking)).provider_id == successor.id
    with pytest.raises(bookings.NoSuchBooking):
        await see(db, provider, booking)


async def test_nobody_leaves_with_meetings_ahead(
    db: Database, customer: Actor, provider: Actor, listing: UUID, clock: Clock, system: Actor
) -> None:
    booking = await place(db, customer, listing)
    for actor in (customer, provider):
        assert actor.id is not None
        async with db.transaction(actor.widened()) as tx:
            with pytest.raises(bookings.MeetingsAhead) as refused:
                await bookings.refuse_to_leave(tx, identity.UserLeaving(user_id=actor.id))
        assert refused.value.details == {"bookings": [booking.number]}
    clock.offset = timedelta(minutes=16)
    assert customer.id is not None
    async with db.transaction(customer) as tx:
        await bookings.refuse_to_leave(tx, identity.UserLeaving(user_id=customer.id))


async def test_who_leaves_leaves_nothing_of_themselves_but_figures(
    db: Database, customer: Actor, listing: UUID, system: Actor
) -> None:
    booking = await place(db, customer, listing, contact_phone="+1 555", special_requests="no photos, please")
    await pay(db, system, booking)
    async with db.transaction(customer) as tx:
        await bookings.cancel(tx, booking.id, POLICY, reason="my mother is ill")
    assert customer.id is not None
    async with db.transaction(system) as tx:
        await bookings.forget(tx, identity.UserDeleted(user_id=customer.id))
    seen = await see(db, system, booking)
    left = (seen.contact_name, seen.contact_email, seen.contact_phone, seen.special_requests)
    assert left == ("", "", None, None)
    assert [(e["to"], e["reason"]) for e in seen.timeline] == [
        ("pending", None),
        ("confirmed", "Paid."),
        ("cancelled", None),
    ]
    assert (seen.total_cents, seen.user_id) == (24_840, customer.id)
