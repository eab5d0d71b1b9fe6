"""Looking for flights on Travel's wire."""

import asyncio
from typing import Any

import httpx
import pytest

from bookable.wiring import House

from .trips import day, find, ok


async def test_airports_are_found_as_people_type_them(client: httpx.AsyncClient) -> None:
    found = ok(await client.get("/airports", params={"search": "heathro"}))["airports"]
    assert found[0]["iata"] == "LHR"
    assert found[0].keys() == {"iata", "name", "city", "country", "timeZone"}
    assert ok(await client.get("/airports"))["airports"]


async def test_a_flight_has_local_times_minutes_and_a_price_for_the_party(
    client: httpx.AsyncClient, house: House
) -> None:
    found = await find(client, house, returnDate=day(house, 37), adults=2, infants=1)
    assert found["cached"] is False
    flight = found["flights"][0]
    assert isinstance(flight["price"], int | float)
    for place in (flight["departure"], flight["arrival"]):
        assert len(place["time"]) == 19
        assert not place["time"].endswith("Z")
    assert (flight["departure"]["airport"], flight["arrival"]["airport"]) == ("LHR", "JFK")
    assert {s["direction"] for s in flight["segments"]} == {"outbound", "return"}
    detail = ok(await client.get(f"/flights/{flight['id']}"))["flight"]
    assert detail["price"] == flight["price"]
    assert {"fareRules", "baggage", "expiresAt"} <= detail.keys()


async def test_the_same_search_is_answered_from_what_is_kept_for_five_minutes(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    first, second = await find(client, house), await find(client, house)
    assert (first["cached"], second["cached"]) == (False, True)
    assert (first["searchId"], first["expiresAt"]) == (second["searchId"], second["expiresAt"])
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 301}))
    assert (await find(client, house))["searchId"] != first["searchId"]


@pytest.mark.parametrize(
    "other",
    [
        {"children": 1},
        {"infants": 1},
        {"adults": 2},
        {"cabin": "business"},
        {"currency": "EUR"},
        {"maxStops": 0},
        {"destination": "BOS"},
    ],
)
async def test_a_search_that_asks_for_something_else_is_another_search(
    client: httpx.AsyncClient, house: House, other: dict[str, Any]
) -> None:
    """QT-3: nothing that changes the answer is left out of the key."""
    first = await find(client, house)
    second = await find(client, house, **other)
    assert second["cached"] is False
    assert second["searchId"] != first["searchId"]


async def test_order_and_length_are_asked_of_what_is_kept(client: httpx.AsyncClient, house: House) -> None:
    await find(client, house)
    for sort, field, turned in (("price", "price", False), ("-price", "price", True), ("duration", "duration", False)):
        found = await find(client, house, sort=sort)
        assert found["cached"] is True
        shown = [flight[field] for flight in found["flights"]]
        assert shown == sorted(shown, reverse=turned)
    assert len((await find(client, house, limit=3))["flights"]) == 3


async def test_fifty_equal_searches_at_once_make_one_call(client: httpx.AsyncClient, house: House) -> None:
    found = await asyncio.gather(*(find(client, house, origin="CDG") for _ in range(50)))
    assert len({f["searchId"] for f in found}) == 1
    assert sum(not f["cached"] for f in found) == 1


async def test_what_is_kept_is_offered_as_such_while_nobody_answers(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    first = await find(client, house)
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 400}))
    for mode in ("down", "slow"):
        ok(await root.post("/sandbox/faults", json={"provider": "airline", "mode": mode, "times": 1}), 201)
        kept = await find(client, house)
        assert (kept["cached"], kept["stale"]) == (True, True)
        assert kept["searchId"] == first["searchId"]
        assert "notice" in kept
        await asyncio.sleep(1.1)
    ok(await root.post("/sandbox/faults", json={"provider": "airline", "mode": "down", "times": 1}), 201)
    asked = {"origin": "LHR", "destination": "SIN", "departureDate": day(house)}
    assert ok(await client.get("/flights/search", params=asked), 503)["error"]["code"] == "PROVIDER_UNAVAILABLE"
    assert (await find(client, house, destination="SIN"))["cached"] is False


async def test_an_offer_stands_for_half_an_hour(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    flight = (await find(client, house))["flights"][0]
    assert (await client.get("/flights/nothing")).status_code == 404
    assert (await client.get("/flights/0193a5b2-0000-7000-8000-000000000000")).status_code == 404
    ok(await root.post("/sandbox/clock", json={"advanceSeconds": 1801}))
    assert (await client.get(f"/flights/{flight['id']}")).status_code == 410


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"origin": "QQQ"}, "origin"),
        ({"origin": "LONDON"}, "origin"),
        ({"destination": "LHR"}, "destination"),
        ({"departureDate": "2020-01-01"}, "departureDate"),
        ({"departureDate": "tomorrow"}, "departureDate"),
        ({"returnDate": "2020-01-01"}, "returnDate"),
        ({"adults": 9, "children": 1}, "adults"),
        ({"adults": 0}, "adults"),
        ({"adults": 1, "infants": 2}, "infants"),
        ({"cabin": "cargo"}, "cabin"),
        ({"sort": "best"}, "sort"),
        ({"limit": 101}, "limit"),
        ({"maxStops": -1}, "maxStops"),
        ({"currency": "EURO"}, "currency"),
    ],
)
async def test_a_search_that_makes_no_sense_says_which_field(
    client: httpx.AsyncClient, house: House, asked: dict[str, Any], field: str
) -> None:
    whole = {"origin": "LHR", "destination": "JFK", "departureDate": day(house), **asked}
    refused = ok(await client.get("/flights/search", params=whole), 422)["error"]
    assert refused["code"] == "VALIDATION_ERROR"
    assert field in [wrong["field"] for wrong in refused["details"]["fields"]]
