"""What Duffel and Tequila are told, and how their answers are read."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bookable.domain.flights.ports import Cabin, FlightQuery, Gender, OfferGone, OrderRefused
from bookable.integrations.flights import DuffelFlights, KiwiFlights
from bookable.integrations.flights.calling import money, wall_time
from bookable.integrations.flights.duffel_reading import minutes
from bookable.kernel.db import Database
from bookable.kernel.errors import Unavailable
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money
from tests.contracts.flight_providers import CONTACT, travellers
from tests.doubles.duffel import DuffelDouble
from tests.doubles.kiwi import KiwiDouble

SOON = datetime.now(UTC).date() + timedelta(days=50)
QUERY = FlightQuery(origin="LHR", destination="VIE", departure_date=SOON, currency="GBP")


@pytest.fixture(scope="module")
def duffel_server() -> Iterator[DuffelDouble]:
    with DuffelDouble() as double:
        yield double


@pytest.fixture(scope="module")
def kiwi_server() -> Iterator[KiwiDouble]:
    with KiwiDouble() as double:
        yield double


@pytest.fixture
async def duffel(duffel_server: DuffelDouble, db: Database) -> AsyncIterator[DuffelFlights]:
    adapter = DuffelFlights(duffel_server.api_key, db, api_base=duffel_server.url)
    yield adapter
    duffel_server.heal()
    await adapter.aclose()


@pytest.fixture
async def kiwi(kiwi_server: KiwiDouble, db: Database) -> AsyncIterator[KiwiFlights]:
    adapter = KiwiFlights(kiwi_server.api_key, db, api_base=kiwi_server.url, poll=0.01)
    yield adapter
    kiwi_server.heal()
    await adapter.aclose()


@pytest.mark.parametrize(
    ("text", "lasts"), [("PT2H26M", 146), ("PT45M", 45), ("P1DT2H30M", 1_590), ("PT3H", 180), ("P1D", 1_440)]
)
def test_durations_are_iso_8601(text: str, lasts: int) -> None:
    assert minutes(text) == lasts


def test_what_is_no_duration_is_not_read() -> None:
    with pytest.raises(ValueError):
        minutes("2 hours")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"), [("60.80", "GBP", 6080), (121.005, "EUR", 12101), (9800, "JPY", 9800)]
)
def test_amounts_are_read_in_the_currencys_own_digits(amount: str | float, currency: str, minor: int) -> None:
    assert money(amount, currency) == Money(minor, currency)


def test_a_local_time_that_says_it_is_utc_is_not_believed() -> None:
    assert wall_time("2027-03-28T07:35:00.000Z") == datetime(2027, 3, 28, 7, 35)  # noqa: DTZ001 - a wall time


async def test_infants_sit_on_the_laps_of_their_adults(duffel: DuffelFlights, duffel_server: DuffelDouble) -> None:
    query = replace(QUERY, adults=2, infants=2)
    offer = (await duffel.search(query))[0]
    await duffel.order(offer, travellers(query)[::-1], CONTACT, key=str(new_id()))
    people = duffel_server.orders[-1]["passengers"]
    assert [p.get("infant_passenger_id") for p in people] == [people[2]["id"], people[3]["id"], None, None]


async def test_a_passport_goes_where_the_airline_takes_one(duffel: DuffelFlights, duffel_server: DuffelDouble) -> None:
    offer = (await duffel.search(QUERY))[0]
    await duffel.order(offer, travellers(QUERY), CONTACT, key=str(new_id()))
    (passport,) = duffel_server.orders[-1]["passengers"][0]["identity_documents"]
    assert (passport["issuing_country_code"], passport["expires_on"]) == ("GB", date(2034, 1, 1).isoformat())


async def test_an_order_that_names_no_sex_is_refused_before_anything_is_bought(
    duffel: DuffelFlights, kiwi: KiwiFlights, duffel_server: DuffelDouble, kiwi_server: KiwiDouble
) -> None:
    before = len(duffel_server.orders), len(kiwi_server.saved)
    for adapter in (duffel, kiwi):
        offer = (await adapter.search(QUERY))[0]
        people = [replace(t, gender=Gender.UNSPECIFIED) for t in travellers(QUERY)]
        with pytest.raises(OrderRefused):
            await adapter.order(offer, people, CONTACT, key=str(new_id()))
    assert (len(duffel_server.orders), len(kiwi_server.saved)) == before


async def test_an_order_is_not_sent_twice_by_itself(duffel: DuffelFlights, duffel_server: DuffelDouble) -> None:
    offer, key = (await duffel.search(QUERY))[0], str(new_id())
    duffel_server.down = True
    duffel_server.calls.clear()
    with pytest.raises(Unavailable):
        await duffel.order(offer, travellers(QUERY), CONTACT, key=key)
    assert duffel_server.calls.count(("POST", "/air/orders")) == 1


async def test_an_offer_that_duffel_does_not_know_is_gone(duffel: DuffelFlights) -> None:
    offer = (await duffel.search(QUERY))[0]
    with pytest.raises(OfferGone):
        await duffel.offer(replace(offer, id="off_0000000000000000000000"))


async def test_a_wrong_key_is_not_the_customers_fault(duffel_server: DuffelDouble, db: Database) -> None:
    adapter = DuffelFlights("wrong", db, api_base=duffel_server.url)
    with pytest.raises(Unavailable):
        await adapter.search(QUERY)
    await adapter.aclose()


async def test_tequila_is_asked_in_its_own_way(kiwi: KiwiFlights, kiwi_server: KiwiDouble) -> None:
    query = replace(QUERY, return_date=SOON + timedelta(days=2), cabin=Cabin.ECONOMY, currency="EUR")
    kiwi_server.calls.clear()
    offers = await kiwi.search(query)
    assert {o.price.currency for o in offers} == {"EUR"}
    assert all(o.deep_link for o in offers)
    kiwi_server.calls.clear()
    await kiwi.offer(offers[0])
    # The first answer says that Kiwi is still looking.
    assert kiwi_server.calls == [("GET", "/v2/booking/check_flights")] * 2


async def test_a_booking_whose_payment_was_not_heard_of_is_paid_once(
    kiwi: KiwiFlights, kiwi_server: KiwiDouble
) -> None:
    offer, key = (await kiwi.search(QUERY))[0], str(new_id())
    before = len(kiwi_server.saved)
    kiwi_server.losing.add("/v2/booking/confirm_payment")
    with pytest.raises(Unavailable):
        await kiwi.order(offer, travellers(QUERY), CONTACT, key=key)
    order = await kiwi.order(offer, travellers(QUERY), CONTACT, key=key)
    kiwi_server.calls.clear()
    assert await kiwi.order(offer, travellers(QUERY), CONTACT, key=key) == order
    assert kiwi_server.calls == []
    assert len(kiwi_server.saved) == before + 1


async def test_a_second_confirmation_that_is_refused_does_not_say_that_nothing_was_bought(
    kiwi: KiwiFlights, kiwi_server: KiwiDouble
) -> None:
    offer, key = (await kiwi.search(QUERY))[0], str(new_id())
    kiwi_server.losing.add("/v2/booking/confirm_payment")
    kiwi_server.once_only = True
    for _ in range(3):
        with pytest.raises(Unavailable):
            await kiwi.order(offer, travellers(QUERY), CONTACT, key=key)
    kiwi_server.once_only = False
