"""Whole bookings against each other: codes, confirmations, and money that comes just as the hold ends."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import asyncpg
import pytest

from bookable.domain import bookings, catalogue, inventory, payments
from bookable.domain.bookings import Status
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import ValidationFailed
from tests import make_bookings
from tests.make_bookings import POLICY, ask, pay, see, soon
from tests.races.arena import CLIENTS, Outcome, race, rows

_PARTS = tuple(p.name for p in POLICY.parts)


async def place(
    db: Database, actor: Actor, asked: bookings.Request, policy: bookings.Policy = POLICY
) -> bookings.Booking:
    async with db.transaction(actor) as tx:
        return (await bookings.place(tx, asked, policy)).booking


async def whole(db: Database, system: Actor) -> None:
    async with db.transaction(system) as tx:
        assert await inventory.mismatches(tx) == []


async def test_one_slot_and_fifty_people(db: Database, system: Actor, listing: UUID) -> None:
    """G1 through the whole use case: one booking, forty-nine told that the slot is gone."""
    for n in range(1, 6):
        asked = ask(db, listing, day=soon(db, n))
        guests = [make_bookings.guest(system.tenant_id) for _ in range(CLIENTS)]
        outcome = (await race([partial(place, db, g, asked) for g in guests])).clean()
        assert len(outcome.won) == 1
        assert outcome.refused == {"SLOT_UNAVAILABLE": CLIENTS - 1}
    await whole(db, system)


async def test_rescheduling_and_booking_the_same_slots(
    db: Database, system: Actor, listing: UUID, customer: Actor
) -> None:
    async def move(booking: bookings.Booking, n: int) -> bookings.Booking:
        async with db.transaction(customer) as tx:
            return await bookings.reschedule(tx, booking.id, soon(db, n), "morning", POLICY)

    for start in range(1, 41, 10):
        mine = [await place(db, customer, ask(db, listing, day=soon(db, n))) for n in range(start, start + 4)]
        wanted = [random.randrange(start, start + 6) for _ in mine]
        clients = [partial(move, b, n) for b, n in zip(mine, wanted, strict=True)]
        newcomers = [partial(place, db, customer, ask(db, listing, day=soon(db, n))) for n in range(start, start + 6)]
        outcome = (await race([*clients, *newcomers])).clean()
        assert set(outcome.refused) <= {"SLOT_UNAVAILABLE"}
    taken = await rows(
        db, "SELECT day, slot, count(*) AS n FROM bookings WHERE tenant_id = $1 GROUP BY 1, 2", system.tenant_id
    )
    assert {row["n"] for row in taken} == {1}
    await whole(db, system)


async def test_a_code_is_used_as_often_as_it_says(db: Database, system: Actor, listing: UUID) -> None:
    for n in range(3):
        async with db.transaction(system) as tx:
            await bookings.add_promo(tx, f"FEW{n}", currency="USD", percent_off=20, max_uses=7)
        clients = [
            partial(
                place,
                db,
                make_bookings.guest(system.tenant_id),
                ask(db, listing, day=soon(db, 100 * n + d + 1), promo_code=f"few{n}"),
            )
            for d in range(CLIENTS)
        ]
        outcome = (await race(clients)).clean()
        assert len(outcome.won) == 7
        assert outcome.refused == {"VALIDATION_ERROR": CLIENTS - 7}
    await whole(db, system)


async def test_control_counting_uses_before_booking_lets_more_through(
    db: Database, system: Actor, listing: UUID
) -> None:
    """The same code without its pool, its uses counted first: the count is from before the others were done."""
    async with db.transaction(system) as tx:
        promo = await bookings.add_promo(tx, "MANY", currency="USD", percent_off=20)

    async def naively(n: int) -> bookings.Booking:
        owner = await asyncpg.connect(db.url)
        used = await owner.fetchval("SELECT count(*) FROM bookings WHERE promo_code_id = $1", promo.id)
        await owner.close()
        if used >= 7:
            raise ValidationFailed({"promoCode": "used up"})
        return await place(
            db, make_bookings.guest(system.tenant_id), ask(db, listing, day=soon(db, n + 1), promo_code="many")
        )

    outcome = await race([partial(naively, n) for n in range(CLIENTS)])
    assert len(outcome.won) > 7


async def confirm(db: Database, system: Actor, booking: bookings.Booking, payment: payments.Payment) -> None:
    heard = payments.events.PaymentSucceeded(
        payment_id=str(payment.id), subject_id=str(booking.id), amount_cents=booking.total_cents
    )
    async with db.transaction(system) as tx:
        await bookings.confirm_paid(tx, heard)


async def confirm_naively(db: Database, booking: bookings.Booking) -> None:
    owner = await asyncpg.connect(db.url)
    try:
        async with owner.transaction():
            if await owner.fetchval("SELECT status FROM bookings WHERE id = $1", booking.id) == "pending":
                await owner.execute("UPDATE bookings SET status = 'confirmed' WHERE id = $1", booking.id)
                await owner.execute(
                    "UPDATE listings SET bookings_count = bookings_count + 1 WHERE id = $1", booking.listing_id
                )
    finally:
        await owner.close()


async def test_a_booking_confirmed_fifty_times_is_confirmed_once(
    db: Database, system: Actor, listing: UUID, customer: Actor
) -> None:
    for n in range(1, 6):
        booking = await place(db, customer, ask(db, listing, day=soon(db, n)))
        outcome = await race([partial(pay, db, system, booking) for _ in range(CLIENTS)])
        outcome.clean()
        seen = await see(db, customer, booking)
        assert [e["to"] for e in seen.timeline] == ["pending", "confirmed"]
        payment = await pay(db, system, booking)
        (await race([partial(confirm, db, system, booking, payment) for _ in range(CLIENTS)])).clean()
        assert (await see(db, customer, booking)).timeline == seen.timeline
        async with db.transaction(system) as tx:
            assert (await catalogue.find(tx, listing)).bookings_count == n
            assert await payments.refunds_of(tx, payment.id) == []


async def test_control_reading_the_state_before_writing_it_confirms_more_than_once(
    db: Database, system: Actor, listing: UUID, customer: Actor
) -> None:
    for n in range(1, 11):
        booking = await place(db, customer, ask(db, listing, day=soon(db, n)))
        async with db.transaction(system) as tx:
            before = (await catalogue.find(tx, listing)).bookings_count
        await race([partial(confirm_naively, db, booking) for _ in range(CLIENTS)])
        async with db.transaction(system) as tx:
            if (await catalogue.find(tx, listing)).bookings_count > before + 1:
                return
    pytest.fail("the naive confirmation never counted twice: this race shows nothing")


async def test_cancelling_paying_moving_and_expiring_one_booking_at_once(
    db: Database, system: Actor, listing: UUID, customer: Actor
) -> None:
    """ST-1 in small: whatever comes first, paid means confirmed or going back, and its time is held once or not."""

    async def cancel(booking: bookings.Booking) -> None:
        async with db.transaction(customer) as tx:
            await bookings.cancel(tx, booking.id, POLICY)

    async def move(booking: bookings.Booking, slot: str) -> None:
        async with db.transaction(customer) as tx:
            await bookings.reschedule(tx, booking.id, booking.day, slot, POLICY)

    async def sweep() -> None:
        await bookings.expire_lapsed(db, system)

    for n in range(1, 21):
        policy = replace(POLICY, hold=random.choice([timedelta(milliseconds=30), timedelta(minutes=15)]))
        booking = await place(db, customer, ask(db, listing, day=soon(db, n + 5)), policy)
        clients: list[Callable[[], Awaitable[object]]] = [
            *(partial(cancel, booking) for _ in range(3)),
            *(partial(pay, db, system, booking) for _ in range(3)),
            *(partial(move, booking, random.choice(_PARTS)) for _ in range(4)),
            sweep,
        ]
        outcome: Outcome[object] = await race(clients)
        outcome.clean()
        assert set(outcome.refused) <= {"INVALID_STATE", "SLOT_UNAVAILABLE"}
        await settled(db, system, booking)
    await whole(db, system)


async def settled(db: Database, system: Actor, booking: bookings.Booking) -> Status:
    """Paid ⇒ confirmed or on its way back in full; time held ⇔ confirmed (or still pending)."""
    seen = await see(db, system, booking)
    async with db.transaction(system) as tx:
        found = await payments.of_subject(tx, booking.id)
        refunds = [r.amount_cents for p in found for r in await payments.refunds_of(tx, p.id)]
    held = (
        await rows(
            db, "SELECT count(*) FROM allocations WHERE holder_id = $1 AND holds AND expires_at IS NULL", booking.id
        )
    )[0][0]
    paid = any(p.is_paid for p in found)
    assert held == (1 if seen.status is Status.CONFIRMED else 0)
    if paid:
        assert seen.status in (Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED)
        assert sum(refunds) == (0 if seen.status is Status.CONFIRMED else booking.total_cents)
    return seen.status


HOLD = timedelta(milliseconds=400)
Payer = Callable[[Database, Actor, bookings.Booking], Awaitable[object]]


async def at_the_last_moment(
    db: Database, system: Actor, listing: UUID, n: int, payer: Payer
) -> tuple[bookings.Booking, bool]:
    """HOLD-1: paid within 50 ms of the end of the hold, while a rival books at that end. Has the rival the time?"""
    customer, rival = make_bookings.guest(system.tenant_id), make_bookings.guest(system.tenant_id)
    day, slot = soon(db, 1 + n // 3), _PARTS[n % 3]
    booking = await place(db, customer, ask(db, listing, day=day, slot=slot), replace(POLICY, hold=HOLD))
    over = booking.hold_expires_at
    assert over is not None

    async def wait_for(offset: float) -> None:
        await asyncio.sleep(max(0.0, (over - db.clock.now()).total_seconds() + offset))

    async def pays() -> None:
        await wait_for(random.uniform(-0.05, 0.05))
        await payer(db, system, booking)

    async def books() -> bool:
        await wait_for(random.uniform(-0.005, 0.03))
        for _ in range(3):
            try:
                await place(db, rival, ask(db, listing, day=day, slot=slot))
            except inventory.SlotTaken:
                await asyncio.sleep(0.01)
            else:
                return True
        return False

    _, rival_has_it = await asyncio.gather(pays(), books())
    return booking, rival_has_it


async def pay_naively(db: Database, system: Actor, booking: bookings.Booking) -> None:
    """Look whether the hold stands, take the money, then write that it is confirmed."""
    owner = await asyncpg.connect(db.url)
    try:
        if not await owner.fetchval("SELECT hold_expires_at > now() FROM bookings WHERE id = $1", booking.id):
            return
        await asyncio.sleep(0.03)
        await owner.execute("UPDATE bookings SET status = 'confirmed' WHERE id = $1", booking.id)
        await owner.execute("UPDATE allocations SET expires_at = NULL WHERE holder_id = $1 AND holds", booking.id)
    finally:
        await owner.close()


async def test_paid_at_the_last_moment_the_time_is_one_persons_and_the_others_money_goes_back(
    db: Database, system: Actor, listing: UUID
) -> None:
    ends = set()
    for batch in range(6):
        rounds = range(batch * 10, batch * 10 + 10)
        for booking, rival_has_it in await asyncio.gather(
            *(at_the_last_moment(db, system, listing, n, pay) for n in rounds)
        ):
            confirmed = (await settled(db, system, booking)) is Status.CONFIRMED
            assert confirmed != rival_has_it
            ends.add(confirmed)
    assert ends == {True, False}
    await whole(db, system)


async def test_control_looking_at_the_hold_before_taking_the_money_gives_the_time_to_two(
    db: Database, system: Actor, listing: UUID
) -> None:
    for batch in range(6):
        rounds = range(batch * 10, batch * 10 + 10)
        for booking, rival_has_it in await asyncio.gather(
            *(at_the_last_moment(db, system, listing, n, pay_naively) for n in rounds)
        ):
            if rival_has_it and (await see(db, system, booking)).status is Status.CONFIRMED:
                return
    pytest.fail("nobody's time was given to two: this race shows nothing")
