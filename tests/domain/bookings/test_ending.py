"""How bookings are cancelled, moved, completed and missed, and by whom."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bookable.domain import bookings, inventory, payments
from bookable.domain.bookings import By, Status
from bookable.domain.bookings.moving import move
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import Forbidden, InvalidState, ValidationFailed
from bookable.kernel.tenants import Tenant
from tests import make_catalogue
from tests.make_bookings import POLICY, pay, place, see, soon


async def cancel(db: Database, actor: Actor, booking: bookings.Booking, why: str | None = None) -> bookings.Cancelled:
    async with db.transaction(actor) as tx:
        return await bookings.cancel(tx, booking.id, POLICY, reason=why)


async def terms(db: Database, actor: Actor, booking: bookings.Booking) -> bookings.Cancellation:
    async with db.transaction(actor) as tx:
        return await bookings.cancellation(tx, booking.id, POLICY)


@pytest.fixture
async def paid(db: Database, customer: Actor, listing: UUID, system: Actor) -> bookings.Booking:
    """A confirmed meeting of 248.40 dollars in ten days."""
    booking = await place(db, customer, listing)
    await pay(db, system, booking)
    return await see(db, customer, booking)


@pytest.mark.parametrize(
    "before,percent,cents,tier",
    [
        (timedelta(hours=48, minutes=1), 100, 24_840, 48),
        (timedelta(hours=47, minutes=59), 50, 12_420, 24),
        (timedelta(hours=24, minutes=1), 50, 12_420, 24),
        (timedelta(hours=23, minutes=59), 0, 0, None),
        (timedelta(minutes=-5), 0, 0, None),
    ],
)
async def test_the_customer_gets_back_what_the_notice_is_worth(
    db: Database,
    customer: Actor,
    paid: bookings.Booking,
    clock: Clock,
    before: timedelta,
    percent: int,
    cents: int,
    tier: int | None,
) -> None:
    clock.offset = paid.starts_at - before - clock.now()
    told = await terms(db, customer, paid)
    assert (told.refund_percent, told.refund_cents) == (percent, cents)
    assert told.until == (paid.starts_at - timedelta(hours=tier) if tier else None)
    cancelled = await cancel(db, customer, paid, "ill")
    assert cancelled.refund_cents == cents
    assert cancelled.booking.status is Status.CANCELLED
    assert cancelled.booking.cancelled_at is not None
    assert cancelled.booking.timeline[-1] | {"at": ""} == {
        "from": "confirmed",
        "to": "cancelled",
        "at": "",
        "by": "customer",
        "reason": "ill",
    }


@pytest.mark.parametrize("by_admin", [False, True])
async def test_when_the_provider_or_the_house_cancels_everything_goes_back(
    db: Database, paid: bookings.Booking, clock: Clock, provider: Actor, admin: Actor, by_admin: bool
) -> None:
    clock.offset = paid.starts_at - clock.now() - timedelta(hours=1)
    acting = admin if by_admin else provider.widened()
    told = await terms(db, acting, paid)
    assert (told.refund_percent, told.until) == (100, None)
    cancelled = await cancel(db, acting, paid)
    assert cancelled.refund_cents == 24_840
    assert cancelled.booking.timeline[-1]["by"] == ("admin" if by_admin else "provider")


async def test_cancelling_frees_the_time_and_happens_once(
    db: Database, customer: Actor, listing: UUID, paid: bookings.Booking, system: Actor
) -> None:
    await cancel(db, customer, paid)
    with pytest.raises(InvalidState) as refused:
        await cancel(db, customer, paid)
    assert refused.value.details == {"from": "cancelled", "allowed": []}
    with pytest.raises(InvalidState):
        await terms(db, customer, paid)
    assert (await place(db, customer, listing)).starts_at == paid.starts_at
    async with db.transaction(system) as tx:
        assert await inventory.mismatches(tx) == []
        refunds = await payments.refunds_of(tx, paid.payment.id) if paid.payment else []
    assert [r.amount_cents for r in refunds] == [24_840]


async def test_what_went_back_already_is_not_returned_again(
    db: Database, customer: Actor, paid: bookings.Booking, system: Actor
) -> None:
    assert paid.payment is not None
    async with db.transaction(system) as tx:
        await payments.request_refund(tx, paid.payment.id, 4_840, reason="goodwill")
    assert (await terms(db, customer, paid)).refund_cents == 20_000
    assert (await cancel(db, customer, paid)).refund_cents == 20_000


async def test_an_unpaid_booking_is_cancelled_for_nothing(db: Database, customer: Actor, listing: UUID) -> None:
    booking = await place(db, customer, listing)
    assert (await terms(db, customer, booking)).refund_cents == 0
    assert (await cancel(db, customer, booking)).refund_cents == 0


async def test_a_meeting_is_completed_or_missed_after_its_start_by_its_provider_or_the_house(
    db: Database, customer: Actor, provider: Actor, admin: Actor, listing: UUID, system: Actor, clock: Clock
) -> None:
    morning, evening = await place(db, customer, listing), await place(db, customer, listing, slot="evening")
    for booking in (morning, evening):
        await pay(db, system, booking)
    async with db.transaction(provider) as tx:
        with pytest.raises(InvalidState):
            await bookings.complete(tx, morning.id)
    clock.offset = evening.ends_at - clock.now()
    async with db.transaction(customer) as tx:
        with pytest.raises(Forbidden):
            await bookings.complete(tx, morning.id)
        with pytest.raises(InvalidState):
            await bookings.reviewable(tx, morning.id)
    async with db.transaction(provider) as tx:
        assert (await bookings.complete(tx, morning.id)).completed_at is not None
        with pytest.raises(InvalidState):
            await bookings.miss(tx, morning.id)
        with pytest.raises(bookings.NoSuchBooking):
            await bookings.reviewable(tx, morning.id)
    async with db.transaction(admin) as tx:
        assert (await bookings.miss(tx, evening.id)).status is Status.NO_SHOW
    async with db.transaction(customer) as tx:
        assert (await bookings.reviewable(tx, morning.id)).status is Status.COMPLETED
        with pytest.raises(InvalidState):
            await bookings.cancel(tx, evening.id, POLICY)


async def test_strangers_move_nothing(db: Database, tenant: Tenant, paid: bookings.Booking) -> None:
    stranger = await make_catalogue.user(db, tenant.id)
    for actor in (stranger, stranger.widened()):
        async with db.transaction(actor) as tx:
            for attempt in (
                bookings.cancel(tx, paid.id, POLICY),
                bookings.cancellation(tx, paid.id, POLICY),
                bookings.complete(tx, paid.id),
                bookings.miss(tx, paid.id),
                bookings.reschedule(tx, paid.id, soon(db), "evening", POLICY),
            ):
                with pytest.raises(bookings.NoSuchBooking):
                    await attempt


async def test_rescheduling_takes_one_time_and_gives_the_other_back(
    db: Database, customer: Actor, listing: UUID, paid: bookings.Booking, system: Actor
) -> None:
    async with db.transaction(customer) as tx:
        moved = await bookings.reschedule(tx, paid.id, soon(db, 11), "evening", POLICY)
    assert (moved.status, moved.slot, moved.day, moved.sequence) == (Status.CONFIRMED, "evening", soon(db, 11), 1)
    assert moved.starts_at == datetime.combine(soon(db, 11), POLICY.parts[2].opens, UTC)
    assert moved.ends_at - moved.starts_at == timedelta(minutes=30)
    assert moved.total_cents == paid.total_cents
    assert (moved.timeline[-1]["from"], moved.timeline[-1]["to"]) == ("confirmed", "confirmed")
    assert (await place(db, customer, listing)).starts_at == paid.starts_at
    with pytest.raises(inventory.SlotTaken):
        await place(db, customer, listing, day=soon(db, 11), slot="evening")
    async with db.transaction(system) as tx:
        assert await inventory.mismatches(tx) == []


async def test_a_held_booking_moves_with_its_hold(
    db: Database, customer: Actor, listing: UUID, clock: Clock, system: Actor
) -> None:
    booking = await place(db, customer, listing)
    async with db.transaction(customer) as tx:
        moved = await bookings.reschedule(tx, booking.id, booking.day, "evening", POLICY)
    assert moved.hold_expires_at == booking.hold_expires_at
    clock.offset = timedelta(minutes=16)
    assert (await place(db, customer, listing, day=booking.day, slot="evening")).starts_at == moved.starts_at
    async with db.transaction(customer) as tx:
        with pytest.raises(InvalidState):
            await bookings.reschedule(tx, booking.id, booking.day, "morning", POLICY)


async def test_what_can_not_be_rescheduled_stays(
    db: Database, customer: Actor, listing: UUID, paid: bookings.Booking, clock: Clock, system: Actor
) -> None:
    await place(db, customer, listing, slot="evening")
    async with db.transaction(customer) as tx:
        with pytest.raises(inventory.SlotTaken):
            await bookings.reschedule(tx, paid.id, paid.day, "evening", POLICY)
        for day, slot in ((soon(db, -1), "morning"), (soon(db, 731), "morning"), (paid.day, "night")):
            with pytest.raises(ValidationFailed):
                await bookings.reschedule(tx, paid.id, day, slot, POLICY)
    assert (await see(db, customer, paid)).starts_at == paid.starts_at
    clock.offset = paid.starts_at - clock.now() + timedelta(minutes=1)
    async with db.transaction(customer) as tx:
        with pytest.raises(InvalidState):
            await bookings.reschedule(tx, paid.id, soon(db), "afternoon", POLICY)


async def test_a_booking_moves_only_out_of_the_state_in_which_it_was_read(
    db: Database, customer: Actor, paid: bookings.Booking, system: Actor
) -> None:
    await cancel(db, customer, paid)
    async with db.transaction(system) as tx:
        with pytest.raises(InvalidState) as refused:
            await move(tx, paid, Status.REFUNDED, by=By.GATEWAY)
    assert refused.value.details["from"] == "cancelled"
    assert (await see(db, customer, paid)).status is Status.CANCELLED
