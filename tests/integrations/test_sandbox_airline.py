"""The sandbox airline: a plausible world, fares that hold still, and seats that run out."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookable.domain.flights import airports
from bookable.domain.flights.ports import FlightQuery, Offer, OfferGone, Order, OrderRefused
from bookable.integrations.sandbox import SandboxAirline
from bookable.integrations.sandbox.airline.fares import RATES
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import ValidationFailed
from bookable.kernel.ids import new_id
from tests.contracts.flight_providers import CONTACT, travellers

SPRING_FORWARD = date(2027, 3, 28)
"""In Europe; New York's clocks went forward two weeks before."""


@pytest.fixture
async def airline(db: Database) -> SandboxAirline:
    return SandboxAirline(db)


def asked(origin: str = "LHR", destination: str = "JFK", **given_: object) -> FlightQuery:
    usual = FlightQuery(origin=origin, destination=destination, departure_date=date(2027, 6, 1), currency="EUR")
    return replace(usual, **given_)  # type: ignore[arg-type]  # what a test changes, it changes on purpose


async def try_to_buy(airline: SandboxAirline, offer: Offer) -> Order | None:
    try:
        return await airline.order(offer, travellers(offer.query), CONTACT, key=str(new_id()))
    except OfferGone:
        return None


async def test_seats_run_out_and_never_more_are_sold_than_there_are(airline: SandboxAirline) -> None:
    query = asked(departure_date=date(2027, 6, 2), max_stops=0, adults=4)
    offer = (await airline.search(query))[0]
    assert offer.seats_left is not None
    tries = offer.seats_left // 4 + 6
    orders = [o for o in await asyncio.gather(*(try_to_buy(airline, offer) for _ in range(tries))) if o]
    assert len(orders) == offer.seats_left // 4
    with pytest.raises(OfferGone):
        await airline.offer(offer)
    assert offer.segments not in [o.segments for o in await airline.search(query)]
    await airline.cancel_order(orders[0].id, key=str(new_id()))
    again = await airline.offer(offer)
    assert again.seats_left == offer.seats_left - 4 * (len(orders) - 1)


async def test_the_same_key_at_the_same_time_buys_once(airline: SandboxAirline) -> None:
    offer, key = (await airline.search(asked(departure_date=date(2027, 6, 3))))[0], str(new_id())
    orders = await asyncio.gather(*(airline.order(offer, travellers(offer.query), CONTACT, key=key) for _ in range(8)))
    assert len({o.id for o in orders}) == 1
    left = (await airline.offer(offer)).seats_left
    assert (left, offer.seats_left) == (offer.seats_left and offer.seats_left - 1, offer.seats_left)


async def test_a_price_holds_still_until_the_plane_leaves(airline: SandboxAirline, clock: Clock) -> None:
    offer = (await airline.search(asked()))[0]
    clock.offset += offer.outbound[0].departs_at - clock.now() - timedelta(hours=3)
    assert (await airline.offer(offer)).price == offer.price
    clock.offset += timedelta(hours=2, minutes=1)
    with pytest.raises(OfferGone):
        await airline.offer(offer)
    assert offer.ref not in [o.ref for o in await airline.search(asked())]


async def test_clocks_that_go_forward_shorten_no_flight(airline: SandboxAirline) -> None:
    usual = await airline.search(asked("JFK", "LHR", departure_date=SPRING_FORWARD - timedelta(days=8)))
    across = await airline.search(asked("JFK", "LHR", departure_date=SPRING_FORWARD - timedelta(days=1)))
    by_flight = {o.segments[0].flight_number: o.segments[0] for o in usual if o.stops == 0}
    nights = [o.segments[0] for o in across if o.stops == 0 and o.segments[0].arrives.date() == SPRING_FORWARD]
    assert nights
    for flight in nights:
        before = by_flight[flight.flight_number]
        assert flight.duration_minutes == before.duration_minutes
        assert flight.departs.time() == before.departs.time()
        late = flight.arrives - flight.departs - (before.arrives - before.departs)
        assert late == timedelta(hours=1 if flight.arrives.hour >= 2 else 0)


async def test_a_traveller_called_refused_is_refused_and_takes_no_seat(airline: SandboxAirline) -> None:
    offer = (await airline.search(asked(departure_date=date(2027, 6, 4))))[0]
    with pytest.raises(OrderRefused):
        await airline.order(offer, travellers(offer.query, last_name="Refused"), CONTACT, key=str(new_id()))
    assert (await airline.offer(offer)).seats_left == offer.seats_left


async def test_small_airports_are_reached_by_changing_planes(airline: SandboxAirline) -> None:
    for origin, destination in [("INN", "BRS"), ("XRY", "OKA"), ("ISP", "KEM")]:
        found = await airline.search(asked(origin, destination))
        assert found
        assert all(1 <= o.stops <= 2 for o in found)


async def test_prices_come_in_the_currency_that_was_asked_for(airline: SandboxAirline) -> None:
    in_euro, in_yen = [(await airline.search(asked(currency=c)))[0].price for c in ("EUR", "JPY")]
    assert (in_euro.currency, in_yen.currency) == ("EUR", "JPY")
    assert in_yen.amount == pytest.approx(in_euro.amount / 100 * RATES["JPY"] / RATES["EUR"], rel=0.01)
    with pytest.raises(ValidationFailed):
        await airline.search(asked(currency="XXX"))


async def test_dearer_cabins_cost_more(airline: SandboxAirline) -> None:
    cabins = ["economy", "premium_economy", "business", "first"]
    by_cabin = [{o.ref: o.price.amount for o in await airline.search(asked(cabin=c))} for c in cabins]
    common = set(by_cabin[0]).intersection(*by_cabin[1:])
    assert common
    assert all(sorted(prices) == prices for ref in common if (prices := [found[ref] for found in by_cabin]))


codes = st.sampled_from(airports.BUSIEST)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(origin=codes, destination=codes, days=st.integers(1, 300), back=st.integers(1, 20))
async def test_every_trip_could_be_flown(
    airline: SandboxAirline, clock: Clock, origin: str, destination: str, days: int, back: int
) -> None:
    day = clock.now().date() + timedelta(days=days)
    found = await airline.search(asked(origin, destination, departure_date=day, return_date=day + timedelta(days=back)))
    for offer in found:
        for one, other in zip(offer.segments, offer.segments[1:], strict=False):
            assert one.destination == other.origin
            assert one.arrives_at + timedelta(minutes=50) <= other.departs_at
        for s in offer.segments:
            assert s.arrives_at.replace(tzinfo=None) == s.arrives
            assert 30 <= s.duration_minutes <= 20 * 60
        assert offer.outbound[0].departs.date() == day
        assert offer.homebound[0].departs.date() == day + timedelta(days=back)
        assert offer.price.amount > 0
