"""Reviews on the wire: by the customer, after the meeting, once; and shown with all of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from bookable.domain import bookings
from bookable.kernel.actors import Actor
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from bookable.wiring import House
from tests import make_bookings, make_catalogue

from .people import bearer, error, register


async def held(house: House, who: Actor, celebrity: dict[str, Any]) -> bookings.Placed:
    """A meeting that was booked, paid, and took place; with the token, if it is a guest's."""
    db, system = house.db, Actor.system(who.tenant_id)
    asked = make_bookings.ask(db, UUID(celebrity["id"]))
    async with db.transaction(who) as tx:
        placed = await bookings.place(tx, asked, make_bookings.POLICY)
    await make_bookings.pay(db, system, placed.booking)
    offset = db.clock.offset
    db.clock.offset = placed.booking.ends_at - db.clock.real() + timedelta(minutes=1)
    async with db.transaction(await make_catalogue.user(db, who.tenant_id, "admin")) as tx:
        await bookings.complete(tx, placed.booking.id)
    db.clock.offset = offset
    return placed


async def test_a_customer_reviews_once_and_it_shows(
    client: httpx.AsyncClient, house: House, storefront: Tenant, celebrity: dict[str, Any]
) -> None:
    person = await register(client, firstName="Ada", lastName="Byron")
    placed = await held(house, Actor(storefront.id, UUID(person["user"]["id"]), "user"), celebrity)
    path = f"/bookings/{placed.booking.number}/review"
    body = {"rating": 4, "title": "Kind", "comment": "Listened well."}
    answer = await client.post(path, json=body, headers=bearer(person))
    assert answer.status_code == 201, answer.text
    review = answer.json()["data"]["review"]
    assert review == {
        "id": review["id"],
        "bookingId": str(placed.booking.id),
        "rating": 4,
        "title": "Kind",
        "comment": "Listened well.",
        "isVerified": True,
        "helpfulCount": 0,
        "author": {"firstName": "Ada", "initial": "B"},
        "createdAt": review["createdAt"],
    }
    assert error(await client.post(path, json=body, headers=bearer(person)), 409)["code"] == "CONFLICT"
    shown = (await client.get(f"/celebrities/{celebrity['id']}")).json()["data"]["celebrity"]
    assert (shown["averageRating"], shown["totalReviews"]) == (4, 1)
    page = (await client.get(f"/celebrities/{celebrity['username']}/reviews")).json()["data"]
    assert page == {
        "items": [review],
        "summary": {"average": 4, "count": 1, "histogram": {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}},
        "page": 1,
        "limit": 20,
        "total": 1,
        "totalPages": 1,
        "nextCursor": None,
    }


@pytest.mark.parametrize("where", ["query", "body"])
async def test_a_guest_reviews_with_the_token_of_the_booking(
    client: httpx.AsyncClient, house: House, storefront: Tenant, celebrity: dict[str, Any], where: str
) -> None:
    placed = await held(house, Actor.guest(storefront.id, new_id()), celebrity)
    path = f"/bookings/{placed.booking.id}/review"
    error(await client.post(path, json={"rating": 5}), 401)
    error(await client.post(path, json={"rating": 5, "accessToken": "x" * 43}), 404)
    if where == "query":
        answer = await client.post(path, json={"rating": 5}, params={"accessToken": placed.access_token})
    else:
        answer = await client.post(path, json={"rating": 5, "accessToken": placed.access_token})
    assert answer.status_code == 201, answer.text
    assert answer.json()["data"]["review"]["author"] == {"firstName": "Robin", "initial": "F"}


async def test_others_and_too_early_are_refused(
    client: httpx.AsyncClient, house: House, storefront: Tenant, celebrity: dict[str, Any]
) -> None:
    person, other = await register(client), await register(client)
    who = Actor(storefront.id, UUID(person["user"]["id"]), "user")
    booking = await make_bookings.place(house.db, who, UUID(celebrity["id"]))
    path = f"/bookings/{booking.id}/review"
    early = error(await client.post(path, json={"rating": 5}, headers=bearer(person)), 409)
    assert early["code"] == "INVALID_STATE"
    error(await client.post(path, json={"rating": 5}, headers=bearer(other)), 404)
    for wrong in ({"rating": 0}, {"rating": 6}, {"rating": "5"}, {}, {"rating": 5, "title": "x" * 121}):
        error(await client.post(path, json=wrong, headers=bearer(person)), 422)


@pytest.mark.parametrize("params", [{"sort": "loudest"}, {"cursor": "x"}, {"limit": "101"}])
async def test_a_list_that_can_not_be_is_refused(
    client: httpx.AsyncClient, celebrity: dict[str, Any], params: dict[str, str]
) -> None:
    error(await client.get(f"/celebrities/{celebrity['id']}/reviews", params=params), 422)
