"""Orders at a provider that hangs, and at one that the house has left."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bookable.domain import flights
from bookable.domain.bookings import Status
from bookable.integrations.flights import DuffelFlights, KiwiFlights
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from tests import make_flights
from tests.doubles.duffel import DuffelDouble
from tests.doubles.kiwi import KiwiDouble
from tests.make_flights import Opened, Travel


@pytest.fixture
async def open_travel(
    db: Database, subscriptions: Subscriptions, system: Actor, redis_url: str, tmp_path: Path
) -> AsyncIterator[Opened]:
    """A Travel with the provider that is given, the sandbox's own otherwise."""
    async with make_flights.opening(db, subscriptions, system, redis_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def doubles() -> Iterator[tuple[DuffelDouble, KiwiDouble]]:
    with ExitStack() as stack:
        duffel, kiwi = stack.enter_context(DuffelDouble()), stack.enter_context(KiwiDouble())
        kiwi.looks = 1
        yield duffel, kiwi


async def bought_after_hanging(travel: Travel, clock: Clock) -> None:
    """Paid, and ordered at a provider that has the order but never answers; an hour on all is well."""
    who = await travel.somebody()
    trip = await travel.book(who, await travel.shown(30))
    await travel.pay(who, trip)
    for _ in range(4):
        await travel.work_off()
        clock.offset += timedelta(minutes=1)
    end = await travel.ended(trip)
    assert (end.status, end.refunded) == (Status.CONFIRMED, 0)
    assert end.captured == trip.booking.total_cents


async def test_an_order_that_duffel_takes_and_never_answers_is_found_and_not_sent_again(
    open_travel: Opened, doubles: tuple[DuffelDouble, KiwiDouble], db: Database, clock: Clock
) -> None:
    duffel, _ = doubles
    duffel.hanging.add("/air/orders")
    await bought_after_hanging(open_travel(DuffelFlights(duffel.api_key, db, api_base=duffel.url, timeout=0.5)), clock)
    assert len(duffel.orders) == 1
    assert duffel.calls.count(("POST", "/air/orders")) == 1


async def test_a_booking_that_tequila_saves_or_takes_payment_for_and_never_answers_is_paid_once(
    open_travel: Opened, doubles: tuple[DuffelDouble, KiwiDouble], db: Database, clock: Clock
) -> None:
    _, kiwi = doubles
    kiwi.hanging |= {"/v2/booking/save_booking", "/v2/booking/confirm_payment"}
    await bought_after_hanging(open_travel(KiwiFlights(kiwi.api_key, db, api_base=kiwi.url, timeout=0.5)), clock)
    assert len(kiwi.bought) == 1


async def test_a_house_with_another_provider_sells_nothing_of_the_last_ones_and_refunds_what_was_not_ordered(
    open_travel: Opened, doubles: tuple[DuffelDouble, KiwiDouble], db: Database
) -> None:
    before = open_travel()
    who, flight = await before.somebody(), await before.shown(30)
    trip = await before.book(who, flight)
    await before.pay(who, trip)
    duffel, _ = doubles
    other = DuffelFlights(duffel.api_key, db, api_base=duffel.url)
    now = replace(before, desk=replace(before.desk, provider=other))

    with pytest.raises(flights.OfferLapsed):
        await now.book(who, flight)
    await now.order(trip)
    await before.work_off()

    end = await now.ended(trip)
    assert (end.status, end.refunded, end.orders) == (Status.DECLINED, trip.booking.total_cents, 0)
    assert duffel.calls == []
    await other.aclose()
