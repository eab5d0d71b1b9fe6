"""Placing a booking holds its time, freezes its price, and refuses what can't be."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bookable.domain import bookings, catalogue, inventory
from bookable.domain.bookings import Status
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import DomainError, Unauthenticated, ValidationFailed
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make_bookings, make_catalogue
from tests.make_bookings import POLICY, ask, place, see, soon


def field(error: DomainError) -> str:
    return str(error.details["fields"][0]["field"])


async def test_a_booking_holds_its_time_for_fifteen_minutes(
    db: Database, customer: Actor, listing: UUID, clock: Clock
) -> None:
    booking = await place(db, customer, listing)
    assert booking.status is Status.PENDING
    assert booking.number.startswith(f"BK-{clock.now().year}-")
    assert booking.starts_at == datetime.combine(soon(db), make_bookings.MORNING.opens, UTC)
    assert booking.ends_at - booking.starts_at == timedelta(minutes=30)
    assert booking.hold_expires_at is not None
    assert timedelta(minutes=14, seconds=50) < booking.hold_expires_at - clock.now() <= timedelta(minutes=15)
    assert (booking.total_cents, booking.currency) == (24_840, "USD")
    assert booking.payment is None
    assert [(e["from"], e["to"], e["by"]) for e in booking.timeline] == [(None, "pending", "customer")]
    with pytest.raises(inventory.SlotTaken):
        await place(db, customer, listing)


async def test_an_unpaid_hold_reads_expired_and_frees_its_time_without_anyone_asking(
    db: Database, customer: Actor, listing: UUID, clock: Clock
) -> None:
    first = await place(db, customer, listing)
    clock.offset = timedelta(minutes=15, seconds=1)
    seen = await see(db, customer, first)
    assert (seen.status, seen.stored) == (Status.EXPIRED, Status.PENDING)
    assert seen.timeline[-1]["to"] == "expired"
    assert (await place(db, customer, listing)).starts_at == first.starts_at


async def test_the_sweeper_only_writes_down_what_is_so(
    db: Database, customer: Actor, listing: UUID, clock: Clock, system: Actor
) -> None:
    booking = await place(db, customer, listing)
    assert await bookings.expire_lapsed(db, system) == 0
    clock.offset = timedelta(minutes=16)
    before = await see(db, customer, booking)
    assert await bookings.expire_lapsed(db, system) == 1
    assert await bookings.expire_lapsed(db, system) == 0
    after = await see(db, customer, booking)
    assert after.stored is Status.EXPIRED
    assert after.timeline == before.timeline
    async with db.transaction(system) as tx:
        assert await inventory.mismatches(tx) == []


@pytest.mark.parametrize(
    "given,said",
    [
        ({"day": -1}, "date"),
        ({"day": 731}, "date"),
        ({"slot": "night"}, "timeSlot"),
        ({"offer": "endless"}, "meetingType"),
        ({"promo_code": "NOPE"}, "promoCode"),
    ],
)
async def test_what_cannot_be_is_refused_on_its_field(
    db: Database, customer: Actor, listing: UUID, given: dict[str, object], said: str
) -> None:
    asked = {k: soon(db, v) if k == "day" and isinstance(v, int) else v for k, v in given.items()}
    with pytest.raises(ValidationFailed) as refused:
        await place(db, customer, listing, **asked)
    assert field(refused.value) == said
    async with db.transaction(customer) as tx:
        with pytest.raises(ValidationFailed):
            await bookings.quote(tx, ask(db, listing, **asked), POLICY)


async def test_the_last_day_of_the_horizon_can_be_booked(db: Database, customer: Actor, listing: UUID) -> None:
    assert (await place(db, customer, listing, day=soon(db, 730))).status is Status.PENDING


async def test_a_part_of_today_that_has_begun_is_refused(
    db: Database, customer: Actor, listing: UUID, clock: Clock
) -> None:
    today = clock.now().date()
    clock.offset = datetime(today.year, today.month, today.day, 10, tzinfo=UTC) - clock.now() + timedelta(days=1)
    tomorrow = today + timedelta(days=1)
    with pytest.raises(ValidationFailed) as refused:
        await place(db, customer, listing, day=tomorrow)
    assert field(refused.value) == "timeSlot"
    assert (await place(db, customer, listing, day=tomorrow, slot="afternoon")).slot == "afternoon"


async def test_days_are_the_celebritys_own(db: Database, customer: Actor, tenant: Tenant) -> None:
    tokyo = await make_catalogue.listing(db, tenant.id, time_zone="Asia/Tokyo")
    booking = await place(db, customer, tokyo)
    assert booking.starts_at == datetime.combine(soon(db), make_bookings.MORNING.opens, UTC) - timedelta(hours=9)
    assert booking.time_zone == "Asia/Tokyo"


async def test_who_is_inactive_or_unknown_is_not_there(db: Database, customer: Actor, tenant: Tenant) -> None:
    gone = await make_catalogue.listing(db, tenant.id, is_active=False)
    for listing_id in (gone, new_id()):
        with pytest.raises(catalogue.NoSuchListing):
            await place(db, customer, listing_id)


async def test_a_price_that_was_not_shown_is_told(db: Database, customer: Actor, listing: UUID) -> None:
    with pytest.raises(bookings.PriceChanged) as refused:
        await place(db, customer, listing, expected_total_cents=24_839)
    assert refused.value.details["totalCents"] == 24_840
    assert (await place(db, customer, listing, expected_total_cents=24_840)).total_cents == 24_840


async def test_a_price_is_frozen_when_it_is_placed(db: Database, customer: Actor, listing: UUID, admin: Actor) -> None:
    booking = await place(db, customer, listing)
    async with db.transaction(admin) as tx:
        await catalogue.change(tx, admin, listing, catalogue.Change(offers=(catalogue.Offer("standard", 30, 99_900),)))
    assert (await see(db, customer, booking)).total_cents == 24_840
    assert (await place(db, customer, listing, slot="evening")).subtotal_cents == 99_900


async def test_a_quote_takes_nothing(db: Database, customer: Actor, listing: UUID) -> None:
    async with db.transaction(Actor.nobody(customer.tenant_id)) as tx:
        quote = await bookings.quote(tx, ask(db, listing), POLICY)
    assert quote.total_cents == 24_840
    await place(db, customer, listing)


async def test_nobody_has_no_bookings(db: Database, tenant: Tenant, listing: UUID) -> None:
    with pytest.raises(Unauthenticated):
        await place(db, Actor.nobody(tenant.id), listing)


async def test_only_who_is_in_it_sees_it(
    db: Database, customer: Actor, provider: Actor, admin: Actor, listing: UUID, tenant: Tenant
) -> None:
    booking = await place(db, customer, listing)
    for actor in (customer, provider, admin):
        assert (await see(db, actor, booking)).id == booking.id
        async with db.transaction(actor) as tx:
            assert (await bookings.get(tx, booking.number.lower())).id == booking.id
    for stranger in (await make_catalogue.user(db, tenant.id), make_bookings.guest(tenant.id), Actor.nobody(tenant.id)):
        with pytest.raises(bookings.NoSuchBooking):
            await see(db, stranger, booking)
        with pytest.raises(bookings.NoSuchBooking):
            await see(db, stranger.widened(), booking)


async def test_a_guests_key_opens_their_booking_until_ninety_days_after_the_meeting(
    db: Database, tenant: Tenant, listing: UUID, system: Actor, clock: Clock
) -> None:
    async with db.transaction(make_bookings.guest(tenant.id)) as tx:
        placed = await bookings.place(tx, ask(db, listing), POLICY)
    assert placed.access_token is not None
    assert placed.booking.is_guests
    other = await place(db, make_bookings.guest(tenant.id), listing, slot="evening")

    async def key(name: UUID | str, token: str) -> Actor:
        async with db.transaction(system) as tx:
            return await bookings.guest(tx, name, token, POLICY)

    actor = await key(placed.booking.number, placed.access_token)
    assert (await see(db, actor, placed.booking)).id == placed.booking.id
    with pytest.raises(bookings.NoSuchBooking):
        await see(db, actor, other)
    for name, token in ((other.id, placed.access_token), (placed.booking.id, "x" * 43)):
        with pytest.raises(bookings.NoSuchBooking):
            await key(name, token)
    clock.offset = placed.booking.ends_at + timedelta(days=90) - clock.now() - timedelta(seconds=30)
    await key(placed.booking.id, placed.access_token)
    clock.offset += timedelta(minutes=1)
    with pytest.raises(bookings.NoSuchBooking):
        await key(placed.booking.id, placed.access_token)


async def test_a_code_lowers_the_price_and_is_used_as_often_as_it_says(
    db: Database, customer: Actor, listing: UUID, admin: Actor, clock: Clock
) -> None:
    async with db.transaction(admin) as tx:
        await bookings.add_promo(tx, "Spring", currency="USD", percent_off=10, max_uses=1)
        with pytest.raises(bookings.CodeTaken):
            async with tx.savepoint():
                await bookings.add_promo(tx, "SPRING", currency="USD", percent_off=10)
    booking = await place(db, customer, listing, promo_code=" spring ")
    assert booking.discount_cents == 2_000
    with pytest.raises(ValidationFailed) as refused:
        await place(db, customer, listing, slot="evening", promo_code="SPRING")
    assert field(refused.value) == "promoCode"
    clock.offset = timedelta(minutes=16)
    assert (await place(db, customer, listing, slot="evening", promo_code="SPRING")).discount_cents == 2_000


async def test_a_code_holds_in_its_time_and_for_its_listing(
    db: Database, customer: Actor, listing: UUID, admin: Actor, clock: Clock, tenant: Tenant
) -> None:
    elsewhere = await make_catalogue.listing(db, tenant.id)
    now = clock.now()
    async with db.transaction(admin) as tx:
        await bookings.add_promo(tx, "LATER", currency="USD", percent_off=5, starts_at=now + timedelta(hours=1))
        await bookings.add_promo(tx, "OVER", currency="USD", percent_off=5, ends_at=now - timedelta(hours=1))
        await bookings.add_promo(tx, "THERE", currency="USD", percent_off=5, listing_id=elsewhere)
        await bookings.add_promo(tx, "EURO", currency="EUR", amount_off_cents=500)
        kinds: list[dict[str, Any]] = [{}, {"percent_off": 5, "amount_off_cents": 5}]
        for kind in kinds:
            with pytest.raises(ValidationFailed):
                await bookings.add_promo(tx, "BAD", currency="USD", **kind)
    for code in ("LATER", "OVER", "THERE", "EURO"):
        with pytest.raises(ValidationFailed):
            await place(db, customer, listing, promo_code=code)
    clock.offset = timedelta(hours=2)
    assert (await place(db, customer, listing, promo_code="LATER")).discount_cents == 1_000


async def test_with_nothing_to_pay_it_is_confirmed_at_once(
    db: Database, customer: Actor, listing: UUID, admin: Actor, clock: Clock
) -> None:
    async with db.transaction(admin) as tx:
        await bookings.add_promo(tx, "FREE", currency="USD", percent_off=100, max_uses=3)
    booking = await place(db, customer, listing, promo_code="FREE")
    assert (booking.status, booking.total_cents, booking.hold_expires_at) == (Status.CONFIRMED, 0, None)
    assert booking.confirmed_at is not None
    clock.offset = timedelta(days=2)
    with pytest.raises(inventory.SlotTaken):
        await place(db, customer, listing, day=booking.day)
    async with db.transaction(customer) as tx:
        assert (await catalogue.find(tx, listing)).bookings_count == 1
