"""Flights under a crowd: the last seats, money at the last moment, second thoughts, and workers who come twice."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from bookable.domain import bookings, flights, payments
from bookable.domain.bookings import Status
from bookable.domain.flights import Contact, Offer, Trip
from bookable.domain.flights.ports import Order, Traveller
from bookable.domain.payments.events import PaymentSucceeded
from bookable.integrations import sandbox
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.events import Subscriptions
from bookable.kernel.ids import new_id
from tests import make_flights, make_payments
from tests.make_flights import POLICY, Opened, Travel
from tests.make_payments import as_owner
from tests.races.arena import race, statement

PEOPLE, SEATS = 20, 7
_days = count(20)


@pytest.fixture
async def subscriptions() -> Subscriptions:
    """Filled when the Travel is opened."""
    return Subscriptions()


@pytest.fixture
async def open_travel(
    db: Database, subscriptions: Subscriptions, system: Actor, redis_url: str, tmp_path: Path
) -> AsyncIterator[Opened]:
    """A Travel with the airline that is given, the sandbox's own otherwise."""
    async with make_flights.opening(db, subscriptions, system, redis_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def travel(open_travel: Opened) -> Travel:
    return open_travel()


# The last seats


async def crowd(travel: Travel, flight: flights.Flight) -> list[tuple[Trip, str]]:
    """Twenty people have booked and paid the same flight, each with an address of their own."""

    async def one() -> tuple[Trip, str]:
        who, email = await travel.somebody(), f"{new_id().hex}@example.com"
        trip = await travel.book(who, flight, email=email)
        await travel.pay(who, trip)
        return trip, email

    return await asyncio.gather(*(one() for _ in range(PEOPLE)))


async def sell_the_last_seats(travel: Travel) -> tuple[flights.Flight, list[tuple[Trip, str]]]:
    flight = await travel.shown(next(_days))
    await travel.leave(flight, SEATS)
    paid = await crowd(travel, flight)
    (await race([partial(travel.order, trip) for trip, _ in paid])).clean()
    await travel.work_off()
    return flight, paid


async def test_of_twenty_who_paid_for_the_last_seats_as_many_fly_as_there_are_seats(
    travel: Travel, system: Actor
) -> None:
    flown = 0
    for _ in range(3):
        flight, paid = await sell_the_last_seats(travel)
        price = flight.offer.price.amount
        for trip, email in paid:
            end = await travel.ended(trip)
            (subject,) = [mail.subject for mail in await travel.mailbox.mails(email) if "efund" not in mail.subject]
            if end.status is Status.CONFIRMED:
                flown += 1
                assert (end.captured, end.refunded, end.kept) == (price, 0, 1)
                assert subject.startswith("Booked")
            else:
                assert end.status is Status.DECLINED
                assert (end.captured, end.refunded, end.orders) == (price, price, 0)
                assert "could not book" in subject
        assert await travel.seats_left(flight) == 0
    assert flown == 3 * SEATS
    books = await make_payments.books(travel.db, system.tenant_id)
    assert sum(books.values()) == 0
    assert not [account for account in books if account == "refunds" or account.startswith("customer:")]


class Oversold(sandbox.SandboxAirline):
    """Looks whether there are seats, and takes them then: two steps, as most would write it."""

    async def order(self, offer: Offer, travellers: list[Traveller], contact: Contact, *, key: str) -> Order:
        await self.offer(offer)
        flight = f"{offer.segments[0].flight_number} {offer.segments[0].origin}-{offer.segments[0].destination}"
        async with as_owner(self._db) as owner:
            await owner.execute("UPDATE sandbox_seats SET taken = taken + 1 WHERE flight = $1", flight)
        return Order(id=f"ord_{new_id().hex}", reference="NAIVE1", provider=self.name, price=offer.price)


async def test_control_looking_for_a_seat_before_taking_it_sells_more_than_there_are(
    open_travel: Opened, db: Database
) -> None:
    travel = open_travel(Oversold(db))
    flight, paid = await sell_the_last_seats(travel)
    fly = [trip for trip, _ in paid if (await travel.ended(trip)).status is Status.CONFIRMED]
    assert len(fly) > SEATS
    assert await travel.seats_left(flight) < 0


# Money at the last moment


async def at_the_last_moment(travel: Travel, nth: int) -> Trip:
    """HOLD-1: paid about when the hold ends, while it is swept; of some, the seats are sold just then."""
    who, flight = await travel.somebody(), await travel.shown(next(_days))
    trip = await travel.book(who, flight)
    intent = await travel.present(who, trip)
    over = travel.db.clock.now() + timedelta(milliseconds=400)
    await statement(travel.db, "UPDATE bookings SET hold_expires_at = $2 WHERE id = $1", trip.booking.id, over)

    async def wait_for(offset: float) -> None:
        await asyncio.sleep(max(0.0, (over - travel.db.clock.now()).total_seconds() + offset))

    async def pays() -> None:
        await wait_for(random.uniform(-0.2, 0.03))  # taking the money takes a while itself
        await payments.confirm(travel.db, who, travel.gateway, intent, "pm_card_visa")

    async def sweeps() -> None:
        await wait_for(random.uniform(0, 0.03))
        await bookings.expire_lapsed(travel.db, travel.system)

    async def sells_the_rest() -> None:
        await wait_for(random.uniform(-0.05, 0.05))
        await travel.leave(flight, 0 if nth % 3 == 0 else 5)

    await asyncio.gather(pays(), sweeps(), sells_the_rest())
    await travel.order(trip)
    return trip


async def test_paid_at_the_last_moment_it_is_flown_or_the_money_is_back(travel: Travel) -> None:
    seen = set()
    for batch in range(10):
        trips = await asyncio.gather(*(at_the_last_moment(travel, 4 * batch + n) for n in range(4)))
        await travel.work_off()
        for trip in trips:
            end, price = await travel.ended(trip), trip.booking.total_cents
            assert end.captured == price
            if end.status is Status.CONFIRMED:
                assert (end.refunded, end.kept) == (0, 1)
            else:
                assert (end.status, end.refunded, end.kept) == (Status.DECLINED, price, 0)
            seen.add((end.status, "expired" in end.steps))
    assert seen >= {(Status.CONFIRMED, True), (Status.CONFIRMED, False)}
    assert Status.DECLINED in {status for status, _ in seen}


async def test_control_money_that_is_only_taken_for_what_is_held_stays_with_us_for_nothing(
    travel: Travel, subscriptions: Subscriptions
) -> None:
    async def confirm_what_is_held(tx: Transaction, event: PaymentSucceeded) -> None:
        async with as_owner(travel.db) as owner:
            held = (
                "SELECT count(*) FROM bookings WHERE id = $1::uuid AND status = 'pending' AND hold_expires_at > now()"
            )
            if await owner.fetchval(held, event.subject_id):
                await bookings.confirm_paid(tx, event)

    subscriptions.inside[PaymentSucceeded] = [confirm_what_is_held]
    for batch in range(10):
        for trip in await asyncio.gather(*(at_the_last_moment(travel, 4 * batch + n) for n in range(4))):
            end = await travel.ended(trip)
            if end.status is Status.EXPIRED and end.captured > end.refunded:
                return
    pytest.fail("nobody paid for what had expired: this race shows nothing")


# Second thoughts


async def cancelled_meanwhile(travel: Travel, order: Callable[[Trip], Awaitable[None]], ahead: int) -> tuple[Trip, int]:
    """The customer cancels while a worker orders; what the policy returned then, in per cent."""
    who, flight = await travel.somebody(), await travel.shown(ahead)
    trip = await travel.book(who, flight)
    await travel.pay(who, trip)

    async def cancels() -> None:
        await asyncio.sleep(random.uniform(0, 0.1))
        await travel.cancel(who, trip)

    async def orders() -> None:
        await asyncio.sleep(random.choice([0, 0.03, 0.2]))
        await order(trip)

    percent = POLICY.tier(trip.booking.starts_at, travel.db.clock.now()).percent
    await asyncio.gather(cancels(), orders())
    return trip, percent


async def test_cancelled_while_it_is_ordered_no_seat_is_kept_and_no_refund_is_forgotten(travel: Travel) -> None:
    bought = set()
    for batch in range(10):
        days = [2 if n % 2 else 30 + 10 * batch + n for n in range(4)]
        ended = await asyncio.gather(*(cancelled_meanwhile(travel, travel.order, day) for day in days))
        await travel.work_off()
        for trip, percent in ended:
            end, price = await travel.ended(trip), trip.booking.total_cents
            assert end.status is Status.CANCELLED
            assert (end.captured, end.kept) == (price, 0)
            assert end.orders <= 1
            assert end.refunded == (price * percent // 100 if end.orders else price)
            bought.add(end.orders)
    assert bought == {0, 1}


async def order_naively(travel: Travel, trip: Trip) -> None:
    """Look whether it is wanted, buy it, and write that down."""
    async with travel.db.transaction(travel.system) as tx:
        seen = await bookings.get(tx, trip.booking.id)
    if seen.status is not Status.AWAITING_CONFIRMATION:
        return
    offer, key = trip.flight.offer, f"order:{trip.booking.id}"
    traveller = Traveller(type=flights.TravellerType.ADULT, first_name="A", last_name="B", born_on=trip.booking.day)
    taken = await travel.desk.provider.order(offer, [traveller], Contact("a@example.com", "+431"), key=key)
    done = "UPDATE flight_bookings SET order_state = 'placed', order_id = $2 WHERE id = $1"
    await statement(travel.db, done, trip.booking.id, taken.id)


async def test_control_looking_before_ordering_leaves_seats_that_nobody_wants(travel: Travel) -> None:
    for batch in range(10):
        days = [60 + 10 * batch + n for n in range(4)]
        order = partial(order_naively, travel)
        for trip, _ in await asyncio.gather(*(cancelled_meanwhile(travel, order, day) for day in days)):
            end = await travel.ended(trip)
            if end.status is Status.CANCELLED and end.kept:
                return
    pytest.fail("no seat was left behind: this race shows nothing")


# Workers who come twice


async def paid(travel: Travel) -> Trip:
    who = await travel.somebody()
    trip = await travel.book(who, await travel.shown(next(_days)), email=f"{new_id().hex}@example.com")
    await travel.pay(who, trip)
    return trip


async def bought_once(travel: Travel, trip: Trip) -> None:
    await travel.work_off()
    end = await travel.ended(trip)
    assert (end.status, end.orders, end.kept, end.refunded) == (Status.CONFIRMED, 1, 1, 0)
    assert end.steps.count("confirmed") == 1
    mails = await travel.mailbox.mails(trip.booking.contact_email)
    assert [mail.subject.split(":")[0] for mail in mails] == ["Booked"]


async def test_five_workers_with_the_same_order_buy_it_once(travel: Travel) -> None:
    for _ in range(8):
        trip = await paid(travel)
        (await race([partial(travel.order, trip)] * 5)).clean()
        await bought_once(travel, trip)


async def test_a_worker_that_dies_anywhere_in_an_order_leaves_it_to_be_bought_once(travel: Travel) -> None:
    for _ in range(20):
        trip = await paid(travel)
        dying = asyncio.create_task(travel.order(trip))
        await asyncio.sleep(random.uniform(0, 0.03))
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await travel.order(trip)
        await bought_once(travel, trip)


class Forgetful(sandbox.SandboxAirline):
    """Every try of an order is a new one to it."""

    async def order(self, offer: Offer, travellers: list[Traveller], contact: Contact, *, key: str) -> Order:
        return await super().order(offer, travellers, contact, key=f"{key}:{new_id()}")


async def test_control_with_a_new_key_for_every_try_seats_are_bought_twice(open_travel: Opened, db: Database) -> None:
    travel = open_travel(Forgetful(db))
    for _ in range(8):
        trip = await paid(travel)
        await race([partial(travel.order, trip)] * 5)
        if (await travel.ended(trip)).orders > 1:
            return
    pytest.fail("nothing was bought twice: this race shows nothing")
