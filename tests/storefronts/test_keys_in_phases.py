"""Operations that work in phases under an Idempotency-Key: an answer is kept with its work, or the work can be gone on
with. A crash between the two leaves nothing that a second try would do again."""

import secrets
from typing import Any

import httpx
import pytest

from bookable.kernel import idempotency
from bookable.kernel.tenants import Tenant
from bookable.wiring import House, storefronts
from tests import make
from tests.make_identity import PASSWORD, email
from tests.races.arena import rows
from tests.storefronts.conftest import Server
from tests.storefronts.travel import trips

KEPT_WITH_THEIR_WORK = {
    "travel POST /bookings",
    "movies POST /movies/import",
    "movies POST /movies/{movie_id}/comments",
}
SAFE_TO_DO_AGAIN = {
    "starrymeet POST /payments/create-intent": "the same intent, however often it is asked for",
    "starrymeet POST /payments/confirm": "what is paid stays paid",
    "starrymeet POST /payments/{payment_id}/refund": "goes on with the refund that goes by the work's id",
    "travel POST /payments/create-intent": "as above",
    "travel POST /payments/confirm": "as above",
    "movies POST /uploads/images": "what is announced and not sent lapses",
    "movies POST /uploads/images/{upload_id}/complete": "what is complete is answered again",
}
_TOGETHER = "SELECT (SELECT array_agg(xmin::text) FROM {}) AS work, xmin::text AS answer, status FROM idempotency_keys"


def test_every_keyed_operation_in_phases_is_one_or_the_other() -> None:
    there = {
        f"{kind} {o.method} {o.path}"
        for kind, storefront in storefronts().items()
        for o in (route.operation for route in storefront.routes)
        if o.phases and o.keyed
    }
    assert there == KEPT_WITH_THEIR_WORK | SAFE_TO_DO_AGAIN.keys()


async def at(server: Server, kind: str) -> tuple[httpx.AsyncClient, Tenant]:
    """A new storefront of that kind, to ask."""
    tenant = await make.tenant(server.house.db, kind=kind)
    await server.house.tenants.refresh(server.house.db)
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    below = "/api" if kind == "travel" else ""
    return httpx.AsyncClient(transport=transport, base_url=f"http://bookable.test/{tenant.slug}{below}"), tenant


async def written_together(house: House, tenant: Tenant, table: str) -> bool:
    """Whether the rows of the work and the answer under its key were written by one transaction."""
    (found,) = await rows(
        house.db, f"{_TOGETHER.format(f'{table} WHERE tenant_id = $1')} WHERE tenant_id = $1", tenant.id
    )
    assert found["status"] in (200, 201)
    return set(found["work"]) == {found["answer"]}


async def test_a_booking_of_a_flight_is_there_with_its_answer(server: Server, house: House) -> None:
    client, tenant = await at(server, "travel")
    async with client:
        who = await trips.sign_up(client)
        flight = (await trips.find(client, house))["flights"][0]
        headers = {**who, "Idempotency-Key": secrets.token_hex(8)}
        first = await trips.try_to_book(client, headers, flight)
        again = await trips.try_to_book(client, headers, flight)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert await written_together(house, tenant, "flight_bookings")


@pytest.mark.parametrize(
    ("path", "request_", "table"),
    [
        ("/movies/import", {"json": [{"title": "Heat"}, {"title": "Ran"}]}, "films"),
        ("/movies/{}/comments", {"json": {"text": "Great."}}, "film_comments"),
    ],
)
async def test_what_comes_into_a_collection_is_there_with_its_answer(
    server: Server, house: House, path: str, request_: dict[str, Any], table: str
) -> None:
    client, tenant = await at(server, "movies")
    async with client:
        made = await client.post("/auth/signup", json={"name": "Ada", "email": email(), "password": PASSWORD})
        who = trips.with_token(made.json()["accessToken"])
        film = (
            {"id": 0} if table == "films" else (await client.post("/movies", json={"title": "X"}, headers=who)).json()
        )
        headers = {**who, "Idempotency-Key": secrets.token_hex(8)}
        first = await client.post(path.format(film["id"]), headers=headers, **request_)
        again = await client.post(path.format(film["id"]), headers=headers, **request_)
    assert first.status_code in (200, 201), first.text
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert await written_together(house, tenant, table)


async def test_the_work_under_a_key_goes_by_one_name_however_often_it_is_begun(
    house: House, storefront: Tenant
) -> None:
    async def claim(what: bytes = b"f") -> idempotency.Claim:
        named = {"principal": "somebody", "route": "POST /somewhere", "key": "k"}
        mine = await idempotency.claim(house.db, storefront.id, **named, fingerprint=what)
        assert isinstance(mine, idempotency.Claim)
        return mine

    first = await claim()
    await idempotency.let_go(house.db, first)
    second = await claim()
    assert second.attempt != first.attempt
    assert second.work_id == first.work_id
    await idempotency.let_go(house.db, second)
    with pytest.raises(idempotency.KeyReused):
        await claim(b"something else")
