"""Money that comes is for a confirmed booking, or on its way back: all of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from bookable.domain import bookings, catalogue, inventory, ledger, payments
from bookable.domain.bookings import By, Status
from bookable.domain.payments.ports import IntentState
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import InvalidState
from tests.make_bookings import POLICY, pay, place, see


async def promised(db: Database, system: Actor, booking: bookings.Booking) -> int:
    """What is on its way back to the payer, or there already."""
    async with db.transaction(system) as tx:
        found = await payments.of_subject(tx, booking.id)
        refunds = [r for p in found for r in await payments.refunds_of(tx, p.id)]
    return sum(r.amount_cents for r in refunds if r.status is not payments.RefundStatus.FAILED)


async def consistent(db: Database, system: Actor) -> None:
    async with db.transaction(system) as tx:
        assert await inventory.mismatches(tx) == []
    report = await ledger.check(db, unsealed_after=timedelta(days=1))
    assert report.problems == []


async def test_paying_confirms_and_the_time_is_theirs_for_good(
    db: Database, customer: Actor, listing: UUID, system: Actor, clock: Clock
) -> None:
    booking = await place(db, customer, listing)
    await pay(db, system, booking)
    seen = await see(db, customer, booking)
    assert (seen.status, seen.hold_expires_at) == (Status.CONFIRMED, None)
    assert seen.confirmed_at is not None
    assert seen.payment is not None
    assert (seen.payment.status, seen.payment.amount_cents) == ("succeeded", 24_840)
    assert [(e["from"], e["to"], e["by"]) for e in seen.timeline][-1] == ("pending", "confirmed", "gateway")
    clock.offset = timedelta(hours=1)
    with pytest.raises(inventory.SlotTaken):
        await place(db, customer, listing, day=booking.day)
    async with db.transaction(customer) as tx:
        assert (await catalogue.find(tx, listing)).bookings_count == 1


async def test_hearing_of_the_same_money_again_changes_nothing(
    db: Database, customer: Actor, listing: UUID, system: Actor
) -> None:
    booking = await place(db, customer, listing)
    payment = await pay(db, system, booking)
    first = await see(db, customer, booking)
    await pay(db, system, booking)
    async with db.transaction(system) as tx:
        heard = payments.events.PaymentSucceeded(
            payment_id=str(payment.id), subject_id=str(booking.id), amount_cents=booking.total_cents
        )
        await bookings.confirm_paid(tx, heard)
    assert (await see(db, customer, booking)).timeline == first.timeline
    assert await promised(db, system, booking) == 0


async def test_a_payment_under_way_shows_and_a_failed_one_can_be_tried_again(
    db: Database, customer: Actor, listing: UUID, system: Actor
) -> None:
    booking = await place(db, customer, listing)
    await pay(db, system, booking, IntentState.PROCESSING)
    assert (await see(db, customer, booking)).status is Status.PAYMENT_PROCESSING
    await pay(db, system, booking, IntentState.REQUIRES_METHOD)
    seen = await see(db, customer, booking)
    assert (seen.status, seen.hold_expires_at) == (Status.PENDING, booking.hold_expires_at)
    await pay(db, system, booking)
    assert (await see(db, customer, booking)).status is Status.CONFIRMED


@pytest.mark.parametrize("swept", [False, True])
async def test_money_after_the_hold_takes_the_time_again_while_it_is_free(
    db: Database, customer: Actor, listing: UUID, system: Actor, clock: Clock, swept: bool
) -> None:
    booking = await place(db, customer, listing)
    clock.offset = timedelta(minutes=16)
    if swept:
        assert await bookings.expire_lapsed(db, system) == 1
    await pay(db, system, booking)
    seen = await see(db, customer, booking)
    assert seen.status is Status.CONFIRMED
    assert [e["to"] for e in seen.timeline] == ["pending", "expired", "confirmed"]
    assert seen.starts_at == booking.starts_at
    assert await promised(db, system, booking) == 0
    with pytest.raises(inventory.SlotTaken):
        await place(db, customer, listing, day=booking.day)
    await consistent(db, system)


@pytest.mark.parametrize("swept", [False, True])
async def test_money_after_the_time_is_gone_goes_back_in_full(
    db: Database, customer: Actor, listing: UUID, system: Actor, clock: Clock, swept: bool
) -> None:
    late = await place(db, customer, listing)
    clock.offset = timedelta(minutes=16)
    if swept:
        await bookings.expire_lapsed(db, system)
    rival = await place(db, customer, listing, day=late.day)
    await pay(db, system, late)
    assert (await see(db, customer, late)).status is Status.EXPIRED
    assert await promised(db, system, late) == late.total_cents
    await pay(db, system, rival)
    assert (await see(db, customer, rival)).status is Status.CONFIRMED
    assert await promised(db, system, rival) == 0
    await consistent(db, system)


async def test_money_for_a_meeting_that_has_begun_goes_back(
    db: Database, customer: Actor, listing: UUID, system: Actor, clock: Clock
) -> None:
    booking = await place(db, customer, listing)
    clock.offset = booking.starts_at - clock.now() + timedelta(minutes=1)
    await pay(db, system, booking)
    assert (await see(db, customer, booking)).status is Status.EXPIRED
    assert await promised(db, system, booking) == booking.total_cents


async def test_money_after_cancelling_goes_back_in_full(
    db: Database, customer: Actor, listing: UUID, system: Actor
) -> None:
    booking = await place(db, customer, listing)
    async with db.transaction(customer) as tx:
        cancelled = await bookings.cancel(tx, booking.id, POLICY)
    assert cancelled.refund_cents == 0
    await pay(db, system, booking)
    assert (await see(db, customer, booking)).status is Status.CANCELLED
    assert await promised(db, system, booking) == booking.total_cents


async def test_a_used_up_code_that_lapsed_can_not_be_paid_for_late(
    db: Database, customer: Actor, listing: UUID, system: Actor, admin: Actor, clock: Clock
) -> None:
    async with db.transaction(admin) as tx:
        await bookings.add_promo(tx, "ONCE", currency="USD", percent_off=50, max_uses=1)
    late = await place(db, customer, listing, promo_code="once")
    clock.offset = timedelta(minutes=16)
    await place(db, customer, listing, slot="evening", promo_code="once")
    await pay(db, system, late)
    assert (await see(db, customer, late)).status is Status.EXPIRED
    assert await promised(db, system, late) == late.total_cents
    await place(db, customer, listing, day=late.day)
    await consistent(db, system)


async def test_a_booking_refunded_in_full_reads_refunded_and_its_time_is_free(
    db: Database, customer: Actor, listing: UUID, system: Actor
) -> None:
    booking = await place(db, customer, listing)
    payment = await pay(db, system, booking)
    async with db.transaction(system) as tx:
        part = payments.events.PaymentRefunded(
            payment_id=str(payment.id), subject_id=str(booking.id), refund_id="r", amount_cents=1, in_full=False
        )
        await bookings.note_refunded(tx, part)
        assert (await bookings.get(tx, booking.id)).status is Status.CONFIRMED
        whole = payments.events.PaymentRefunded(
            payment_id=str(payment.id), subject_id=str(booking.id), refund_id="r", amount_cents=1, in_full=True
        )
        await bookings.note_refunded(tx, whole)
        await bookings.note_refunded(tx, whole)
    assert (await see(db, customer, booking)).status is Status.REFUNDED
    assert (await place(db, customer, listing)).starts_at == booking.starts_at
    async with db.transaction(customer) as tx:
        assert (await catalogue.find(tx, listing)).bookings_count == 0
    await consistent(db, system)


async def test_money_for_something_else_is_not_heard(db: Database, system: Actor, listing: UUID) -> None:
    async with db.transaction(system) as tx:
        heard = payments.events.PaymentSucceeded(payment_id=str(listing), subject_id=str(listing), amount_cents=1)
        await bookings.confirm_paid(tx, heard)


def test_every_move_is_somebodys_and_leads_to_a_state() -> None:
    table = bookings.TRANSITIONS
    assert set(table) == set(Status)
    for moves in table.values():
        assert set(moves) <= set(Status)
        assert all(moves.values())
        assert all(who <= set(By) for who in moves.values())
    assert {s for s, moves in table.items() if not moves} == {Status.CANCELLED, Status.DECLINED, Status.REFUNDED}


@pytest.mark.parametrize("to", list(Status))
@pytest.mark.parametrize("by", list(By))
async def test_no_move_but_by_the_table(
    db: Database, customer: Actor, listing: UUID, system: Actor, to: Status, by: By
) -> None:
    from bookable.domain.bookings.moving import lock, move

    booking = await place(db, customer, listing)
    async with db.transaction(system) as tx:
        if by in bookings.TRANSITIONS[Status.PENDING].get(to, ()):
            assert (await move(tx, await lock(tx, booking.id), to, by=by)).status is to
        else:
            with pytest.raises(InvalidState) as refused:
                await move(tx, await lock(tx, booking.id), to, by=by)
            assert refused.value.details["from"] == "pending"
            assert "cancelled" in refused.value.details["allowed"]
