"""What every flight provider does: find flights, say again what they cost, and sell each order once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from bookable.domain.flights.ports import (
    Cabin,
    Direction,
    FlightQuery,
    Offer,
    OfferChanged,
    OfferGone,
    OrderRefused,
)
from bookable.kernel.db import Database
from bookable.kernel.errors import NotFound, Unavailable
from bookable.kernel.ids import new_id
from tests.contracts.flight_providers import (
    CONTACT,
    DuffelTester,
    FlightTester,
    KiwiTester,
    SandboxTester,
    travellers,
)
from tests.doubles.duffel import DuffelDouble
from tests.doubles.kiwi import KiwiDouble

SOON = datetime.now(UTC).date() + timedelta(days=40)


@pytest.fixture(scope="session")
def duffel_server() -> Iterator[DuffelDouble]:
    with DuffelDouble() as double:
        yield double


@pytest.fixture(scope="session")
def kiwi_server() -> Iterator[KiwiDouble]:
    with KiwiDouble() as double:
        yield double


@pytest.fixture
async def duffel_flights(duffel_server: DuffelDouble, db: Database) -> AsyncIterator[FlightTester]:
    tester = DuffelTester(duffel_server, db)
    yield tester
    await tester.heal()
    await tester.port.aclose()


@pytest.fixture
async def kiwi_flights(kiwi_server: KiwiDouble, db: Database) -> AsyncIterator[FlightTester]:
    tester = KiwiTester(kiwi_server, db)
    yield tester
    await tester.heal()
    await tester.port.aclose()


@pytest.fixture
async def sandbox_flights(db: Database) -> AsyncIterator[FlightTester]:
    tester = SandboxTester(db)
    yield tester
    await tester.heal()


@pytest.fixture(params=["duffel", "kiwi", "sandbox"])
def provider(request: pytest.FixtureRequest) -> FlightTester:
    """Each flight provider in turn."""
    tester: FlightTester = request.getfixturevalue(f"{request.param}_flights")
    return tester


def asked(origin: str = "LHR", **given: object) -> FlightQuery:
    usual = FlightQuery(origin=origin, destination="VIE", departure_date=SOON, currency="GBP")
    return replace(usual, **given)  # type: ignore[arg-type]  # what a test changes, it changes on purpose


def key() -> str:
    return str(new_id())


async def first(provider: FlightTester, query: FlightQuery) -> Offer:
    return (await provider.port.search(query))[0]


async def test_offers_come_cheapest_first_and_are_new_each_time(provider: FlightTester) -> None:
    offers = await provider.port.search(asked())
    again = await provider.port.search(asked())
    assert len(offers) >= 2
    assert [o.price.amount for o in offers] == sorted(o.price.amount for o in offers)
    assert {o.provider for o in offers} == {provider.port.name}
    assert not {o.id for o in offers} & {o.id for o in again}
    assert [o.price for o in offers] == [o.price for o in again]


async def test_a_flight_leaves_and_lands_by_the_clocks_of_its_airports(provider: FlightTester) -> None:
    for offer in await provider.port.search(asked()):
        assert offer.outbound[0].origin == "LHR"
        assert offer.outbound[-1].destination == "VIE"
        assert offer.outbound[0].departs.tzinfo is None
        assert offer.outbound[0].departs.date() == SOON
        assert (offer.outbound[0].departs_zone, offer.outbound[-1].arrives_zone) == ("Europe/London", "Europe/Vienna")
        for s in offer.segments:
            assert s.arrives_at.replace(tzinfo=None) == s.arrives
        lasted = offer.outbound[-1].arrives_at - offer.outbound[0].departs_at
        assert offer.outbound_minutes == lasted.total_seconds() // 60
        assert offer.expires_at.utcoffset() == timedelta(0)


async def test_a_round_trip_says_which_way_each_segment_goes(provider: FlightTester) -> None:
    home = SOON + timedelta(days=3)
    for offer in await provider.port.search(asked(return_date=home)):
        assert offer.homebound[0].origin == "VIE"
        assert offer.homebound[-1].destination == "LHR"
        assert offer.homebound[0].departs.date() == home
        assert offer.segments == (*offer.outbound, *offer.homebound)
        assert {s.direction for s in offer.segments} == set(Direction)
        assert offer.duration_minutes == offer.outbound_minutes + offer.return_minutes
        assert offer.stops == max(len(offer.outbound), len(offer.homebound)) - 1


async def test_stops_are_limited_each_way(provider: FlightTester) -> None:
    everything = await provider.port.search(asked(return_date=SOON + timedelta(days=3)))
    direct = await provider.port.search(asked(return_date=SOON + timedelta(days=3), max_stops=0))
    assert any(o.stops > 0 for o in everything)
    assert direct
    assert all(len(o.outbound) == len(o.homebound) == 1 for o in direct)


async def test_the_price_is_the_whole_partys_and_small_ones_fly_for_less(provider: FlightTester) -> None:
    one = (await first(provider, asked(max_stops=0))).price.amount
    with_child = (await first(provider, asked(max_stops=0, children=1))).price.amount
    with_infant = (await first(provider, asked(max_stops=0, infants=1))).price.amount
    assert one < with_infant < with_child < 2 * one


async def test_an_offer_survives_being_kept(provider: FlightTester) -> None:
    offer = await first(provider, asked(return_date=SOON + timedelta(days=3), infants=1))
    kept = msgspec.json.decode(msgspec.json.encode(offer), type=Offer)
    assert kept == offer
    assert (await provider.port.offer(kept)).price == offer.price


async def test_an_offer_costs_what_it_did_when_it_is_checked(provider: FlightTester) -> None:
    offer = await first(provider, asked())
    checked = await provider.port.offer(offer)
    assert (checked.id, checked.price, checked.segments) == (offer.id, offer.price, offer.segments)


async def test_a_price_that_has_changed_comes_with_an_offer_that_can_be_bought(provider: FlightTester) -> None:
    offer = await first(provider, asked("ZZP"))
    with pytest.raises(OfferChanged) as changed:
        await provider.port.offer(offer)
    dearer = changed.value.offer
    assert dearer.price.amount > offer.price.amount
    assert dearer.segments == offer.segments
    assert (await provider.port.offer(dearer)).price == dearer.price
    order = await provider.port.order(dearer, travellers(dearer.query), CONTACT, key=key())
    assert order.price == dearer.price


async def test_nothing_is_bought_at_a_price_that_was_not_agreed(provider: FlightTester) -> None:
    offer, before = await first(provider, asked("ZZP")), await provider.bought()
    with pytest.raises(OfferChanged):
        await provider.port.order(offer, travellers(offer.query), CONTACT, key=key())
    assert await provider.bought() == before


async def test_what_is_sold_out_is_gone(provider: FlightTester) -> None:
    offer, before = await first(provider, asked("ZZS")), await provider.bought()
    with pytest.raises(OfferGone):
        await provider.port.offer(offer)
    with pytest.raises(OfferGone):
        await provider.port.order(offer, travellers(offer.query), CONTACT, key=key())
    assert await provider.bought() == before


async def test_an_order_has_a_reference_and_the_price_of_the_offer(provider: FlightTester) -> None:
    query = asked(adults=2, children=1, infants=1)
    offer, before = await first(provider, query), await provider.bought()
    order = await provider.port.order(offer, travellers(query), CONTACT, key=key())
    assert (order.price, order.provider) == (offer.price, provider.port.name)
    assert order.id
    assert order.reference
    assert await provider.bought() == before + 1


async def test_the_same_key_buys_once(provider: FlightTester) -> None:
    offer, before, once = await first(provider, asked()), await provider.bought(), key()
    orders = [await provider.port.order(offer, travellers(offer.query), CONTACT, key=once) for _ in range(3)]
    assert orders[0] == orders[1] == orders[2]
    assert await provider.bought() == before + 1


async def test_everyone_who_saw_the_same_search_can_buy_from_it(provider: FlightTester) -> None:
    offers, before = (await provider.port.search(asked()))[:2], await provider.bought()
    for offer in [offers[0], offers[0], offers[1]]:
        order = await provider.port.order(offer, travellers(offer.query), CONTACT, key=key())
        assert order.price == offer.price
    assert await provider.bought() == before + 3


async def test_the_same_key_at_the_same_time_buys_once(provider: FlightTester) -> None:
    offer, before, once = await first(provider, asked()), await provider.bought(), key()
    tries = [provider.port.order(offer, travellers(offer.query), CONTACT, key=once) for _ in range(5)]
    orders = await asyncio.gather(*tries)
    assert all(order == orders[0] for order in orders)
    assert await provider.bought() == before + 1


async def test_an_order_whose_answer_was_lost_is_found_by_its_key(provider: FlightTester) -> None:
    offer, before, once = await first(provider, asked()), await provider.bought(), key()
    await provider.lose_an_order()
    try:
        order = await provider.port.order(offer, travellers(offer.query), CONTACT, key=once)
    except Unavailable:
        order = await provider.port.order(offer, travellers(offer.query), CONTACT, key=once)
    assert order == await provider.port.order(offer, travellers(offer.query), CONTACT, key=once)
    assert await provider.bought() == before + 1


async def test_a_provider_that_is_down_is_unavailable_and_sells_nothing(provider: FlightTester) -> None:
    offer, before, once = await first(provider, asked()), await provider.bought(), key()
    await provider.break_down()
    for call in (
        provider.port.search(asked()),
        provider.port.offer(offer),
        provider.port.order(offer, travellers(offer.query), CONTACT, key=once),
    ):
        with pytest.raises(Unavailable):
            await call
    await provider.heal()
    assert await provider.bought() == before
    await provider.port.order(offer, travellers(offer.query), CONTACT, key=once)
    assert await provider.bought() == before + 1


async def test_an_order_is_given_back_once_or_said_to_be_for_good(provider: FlightTester) -> None:
    offer = await first(provider, asked())
    order = await provider.port.order(offer, travellers(offer.query), CONTACT, key=key())
    if not provider.gives_back:
        with pytest.raises(OrderRefused):
            await provider.port.cancel_order(order.id, key=key())
        return
    first_time = await provider.port.cancel_order(order.id, key=key())
    assert first_time.order_id == order.id
    assert first_time.refund is not None
    assert 0 <= first_time.refund.amount < order.price.amount
    assert await provider.port.cancel_order(order.id, key=key()) == first_time
    with pytest.raises(NotFound):
        await provider.port.cancel_order("ord_of_nobody", key=key())


async def test_better_cabins_are_found(duffel_flights: FlightTester, sandbox_flights: FlightTester) -> None:
    for provider in (duffel_flights, sandbox_flights):
        offer = await first(provider, asked(cabin=Cabin.BUSINESS))
        assert {s.cabin for s in offer.segments} == {offer.cabin} == {Cabin.BUSINESS}
