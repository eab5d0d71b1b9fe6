"""The whole journey over the live adapters, wired by the keys that are set, with Duffel's and Tequila's doubles."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bookable.app import Application, create
from bookable.edge import Edge
from bookable.settings import Settings
from bookable.wiring import House
from tests import make
from tests.doubles.duffel import DuffelDouble
from tests.doubles.kiwi import KiwiDouble
from tests.storefronts.conftest import Server

from .trips import adult, contact, day, find, ok, pay, see, sign_in, sign_up, try_to_book, work


@dataclass(frozen=True, slots=True)
class Provider:
    """One of the doubles, and how it is plugged in."""

    name: str
    double: DuffelDouble | KiwiDouble
    gives_back: bool

    @property
    def settings(self) -> dict[str, Any]:
        return {
            f"{self.name}_api_key": SecretStr(self.double.api_key),
            f"{self.name}_api_base": self.double.url,
        }

    @property
    def bought(self) -> int:
        return len(self.double.orders if isinstance(self.double, DuffelDouble) else self.double.bought)

    @property
    def buys_at(self) -> list[str]:
        """The calls that change something there."""
        return ["/air/orders"] if self.name == "duffel" else ["/v2/booking/save_booking", "/v2/booking/confirm_payment"]


@pytest.fixture
def doubles() -> Iterator[dict[str, Provider]]:
    with ExitStack() as stack:
        duffel, kiwi = stack.enter_context(DuffelDouble()), stack.enter_context(KiwiDouble())
        kiwi.looks = 1
        yield {"duffel": Provider("duffel", duffel, True), "kiwi": Provider("kiwi", kiwi, False)}


@pytest.fixture(params=["duffel", "kiwi"])
def provider(request: pytest.FixtureRequest, doubles: dict[str, Provider]) -> Provider:
    """Each of them in turn."""
    return doubles[request.param]


@pytest.fixture
def plugged_in(provider: Provider) -> dict[str, Any]:
    """The settings that say who sells flights."""
    return provider.settings


@pytest.fixture
async def server(settings: Settings, plugged_in: dict[str, Any]) -> AsyncIterator[Server]:
    """A server of the test's own, as somebody with an account would start it."""
    edge = create(settings.model_copy(update=plugged_in), works=False)
    assert isinstance(edge, Edge)
    application = edge._app
    assert isinstance(application, Application)
    await application.open()
    assert application.house is not None
    yield Server(edge, application.house)
    await application.close()


async def mails(root: httpx.AsyncClient, booking: Any) -> list[str]:
    """The subjects of what was written about it, oldest first."""
    found = ok(await root.get("/sandbox/mail", params={"to": contact["email"], "limit": 100}))["items"]
    return [mail["subject"] for mail in found if booking["bookingReference"] in mail["text"]][::-1]


async def booked(client: httpx.AsyncClient, house: House, who: dict[str, str], **asked: Any) -> Any:
    flight = (await find(client, house, **asked))["flights"][0]
    return ok(await try_to_book(client, who, flight), 201)["booking"]


async def test_a_flight_is_found_booked_paid_ordered_and_cancelled(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    who = await sign_up(client)
    flight = (await find(client, house, returnDate=day(house, 35)))["flights"][0]
    shown = ok(await client.get(f"/flights/{flight['id']}"))["flight"]
    assert (shown["price"], shown["passportsRequired"]) == (flight["price"], False)
    booking = ok(await try_to_book(client, who, flight, totalPrice=flight["price"]), 201)["booking"]
    paid = await pay(client, who, booking)
    assert paid["payment"]["amountCents"] == round(flight["price"] * 100)
    assert provider.bought == 0
    await work(root)

    after = await see(client, who, booking)
    assert (after["bookingStatus"], after["paymentStatus"], provider.bought) == ("confirmed", "paid", 1)
    assert after["providerReference"]
    for ending in ("ics", "pdf"):
        assert (await client.get(f"/bookings/{booking['id']}/itinerary.{ending}", headers=who)).status_code == 200
    assert [subject.split(":")[0] for subject in await mails(root, booking)] == ["Booked"]

    done = ok(await client.post(f"/bookings/{booking['id']}/cancel", json={}, headers=who))
    assert done["refund"] == {"amountCents": paid["payment"]["amountCents"]}
    await work(root)
    assert (await see(client, who, booking))["paymentStatus"] == "refunded"
    confirmations = [path for _, path in provider.double.calls if path.endswith("/actions/confirm")]
    assert len(confirmations) == int(provider.gives_back)


async def test_what_is_sold_before_it_is_ordered_is_refunded_and_said(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    who = await sign_up(client)
    booking = await booked(client, house, who)
    await pay(client, who, booking)
    provider.double.gone.add("LHR")
    await work(root)
    await work(root)
    after = await see(client, who, booking)
    assert (after["bookingStatus"], after["paymentStatus"], provider.bought) == ("declined", "refunded", 0)
    assert sum("could not book" in subject for subject in await mails(root, booking)) == 1


async def test_what_costs_more_by_then_is_refunded_and_never_charged_again(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    """Duffel's offers keep their price for as long as they stand; Tequila's are only what the last check said."""
    who = await sign_up(client)
    booking = await booked(client, house, who)
    await pay(client, who, booking)
    provider.double.dearer.add("LHR")
    await work(root)
    after = await see(client, who, booking)
    charged = await house.ports.gateway.intent(after["paymentIntentId"])
    assert charged.captured == round(booking["totalPrice"] * 100)
    if provider.name == "kiwi":
        assert (after["bookingStatus"], charged.refunded, provider.bought) == ("declined", charged.captured, 0)
    else:
        assert (after["bookingStatus"], charged.refunded, provider.bought) == ("confirmed", 0, 1)


async def test_a_price_that_has_changed_is_told_before_anything_is_booked(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    who = await sign_up(client)
    provider.double.dearer.add("LHR")
    flight = (await find(client, house))["flights"][0]
    told = ok(await try_to_book(client, who, flight), 409)["error"]
    assert told["code"] == "PRICE_CHANGED"
    now = told["details"]["flight"]
    assert now["price"] > flight["price"]
    booking = ok(await try_to_book(client, who, now, totalPrice=now["price"]), 201)["booking"]
    paid = await pay(client, who, booking)
    await work(root)
    assert paid["payment"]["amountCents"] == round(now["price"] * 100)
    assert (await see(client, who, booking))["bookingStatus"] == "confirmed"


async def test_an_order_whose_answers_are_lost_is_bought_once(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    email = f"{make.word()}@example.com"
    who = await sign_up(client, email=email)
    booking = await booked(client, house, who)
    await pay(client, who, booking)
    provider.double.losing.update(provider.buys_at)
    await work(root)
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 120}))
    after = await see(client, await sign_in(client, email), booking)
    assert (after["bookingStatus"], after["paymentStatus"], provider.bought) == ("confirmed", "paid", 1)


async def test_a_provider_that_is_away_sells_nothing_and_what_was_paid_waits_for_it(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    email = f"{make.word()}@example.com"
    who = await sign_up(client, email=email)
    booking = await booked(client, house, who)
    await pay(client, who, booking)
    provider.double.down = True
    asked = {"origin": "VIE", "destination": "JFK", "departureDate": day(house)}
    refused = ok(await client.get("/flights/search", params=asked), 503)["error"]
    assert refused["code"] == "PROVIDER_UNAVAILABLE"
    await work(root)
    assert (await see(client, who, booking))["bookingStatus"] == "awaiting_confirmation"
    provider.double.heal()
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 120}))
    after = await see(client, await sign_in(client, email), booking)
    assert (after["bookingStatus"], provider.bought) == ("confirmed", 1)


async def test_one_strange_offer_does_not_hide_the_others(
    client: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    provider.double.strange = [{"id": "odd"}, {"slices": [], "route": []}]
    assert len((await find(client, house))["flights"]) == 2


async def test_whoever_searches_where_the_provider_is_not_finds_nothing_and_hurts_nobody(
    client: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    provider.double.unknown = {"KEF"}
    for n in range(7):
        assert (await find(client, house, destination="KEF", departureDate=day(house, 10 + n)))["flights"] == []
    assert (await find(client, house))["flights"]


async def test_nonsense_is_no_answer_and_nobodys_money_is_kept_for_it(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    """Whatever is not known of an order, after two hours the money is back; nobody is told 500."""
    email = f"{make.word()}@example.com"
    who = await sign_up(client, email=email)
    booking = await booked(client, house, who)
    await pay(client, who, booking)
    provider.double.raving |= {"/v2/search", "/v2/booking/check_flights", "/air/offer_requests", "/air/orders"}
    asked = {"origin": "VIE", "destination": "JFK", "departureDate": day(house)}
    assert ok(await client.get("/flights/search", params=asked), 503)["error"]["code"] == "PROVIDER_UNAVAILABLE"
    await work(root)
    assert (await see(client, who, booking))["bookingStatus"] == "awaiting_confirmation"
    for _ in range(5):
        ok(await root.post("/sandbox/clock", json={"advanceSeconds": 1800}))
    await work(root)
    after = await see(client, await sign_in(client, email), booking)
    assert (after["bookingStatus"], after["paymentStatus"]) == ("declined", "refunded")


async def refused_fields(answer: httpx.Response) -> set[str]:
    return {wrong["field"] for wrong in ok(answer, 422)["error"]["details"]["fields"]}


async def test_what_the_provider_insists_on_is_said_before_anybody_pays(
    client: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    who = await sign_up(client)
    flight = (await find(client, house))["flights"][0]
    assert await refused_fields(await try_to_book(client, who, flight, adult(gender="unspecified"))) == {
        "travelers.0.gender"
    }
    local = {"email": "ada@example.com", "phone": "020 7946 0123"}
    assert await refused_fields(await try_to_book(client, who, flight, contact=local)) == {"contact.phone"}
    abroad = {"email": "ada@example.com", "phone": "0044 20 7946 0123"}
    assert (await try_to_book(client, who, flight, contact=abroad)).status_code == 201
    if provider.name == "duffel":
        named = adult(firstName="Ægir", lastName="Ломоносов")
        wrong = await refused_fields(await try_to_book(client, who, flight, named))
        assert wrong == {"travelers.0.firstName", "travelers.0.lastName"}
        assert (await try_to_book(client, who, flight, adult(lastName="Łuczak-Ørsted d'Été"))).status_code == 201


async def test_where_passports_are_demanded_they_are_asked_for_whole(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, provider: Provider
) -> None:
    who = await sign_up(client)
    flight = (await find(client, house, destination="PEK"))["flights"][0]
    nothing = adult(passportNumber=None, nationality=None, passportExpiry=None)
    fields = {f"travelers.0.{name}" for name in ("passportNumber", "nationality", "passportExpiry")}
    assert await refused_fields(await try_to_book(client, who, flight, nothing)) == fields
    half = adult(nationality=None)
    assert await refused_fields(await try_to_book(client, who, flight, half)) == {"travelers.0.nationality"}
    assert ok(await client.get("/bookings", headers=who))["bookings"] == []

    booking = ok(await try_to_book(client, who, flight, adult(passportExpiry=date(2040, 1, 1).isoformat())), 201)[
        "booking"
    ]
    await pay(client, who, booking)
    await work(root)
    assert (await see(client, who, booking))["bookingStatus"] == "confirmed"


class TestWhoSells:
    """The keys decide: Duffel's, else Kiwi's, else nobody is needed."""

    @pytest.fixture
    def plugged_in(self, request: pytest.FixtureRequest, doubles: dict[str, Provider]) -> dict[str, Any]:
        keys: dict[str, Any] = {}
        for name in request.param:
            keys |= doubles[name].settings
        return keys

    @pytest.mark.parametrize(
        ("plugged_in", "asked"),
        [((), set()), (("kiwi",), {"kiwi"}), (("duffel",), {"duffel"}), (("kiwi", "duffel"), {"duffel"})],
        indirect=["plugged_in"],
    )
    async def test_the_keys_that_are_set_say_who_is_asked(
        self, client: httpx.AsyncClient, house: House, doubles: dict[str, Provider], asked: set[str]
    ) -> None:
        assert (await find(client, house))["flights"]
        assert {name for name, one in doubles.items() if one.double.calls} == asked
