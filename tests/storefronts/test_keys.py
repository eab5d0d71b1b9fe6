"""A POST that comes twice under one Idempotency-Key happens once, and everybody gets the first answer."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from bookable.kernel import idempotency
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.db.sealed import Resealed, reseal
from bookable.kernel.events import Subscriptions
from bookable.kernel.security import Sealer
from bookable.kernel.tenants import Tenant
from bookable.wiring import House
from tests import make, make_bookings, make_catalogue
from tests.races.arena import rows
from tests.storefronts.conformance import Conformance
from tests.storefronts.conftest import Server
from tests.storefronts.starrymeet.people import bearer, error, new_email, register

RACERS = 50
_TAKEN = """
SELECT (state->'charge'->>'captured')::int AS captured FROM sandbox_intents
WHERE state->'metadata'->>'subject_id' = $1
"""
_NO_WEBHOOKS = "DELETE FROM procrastinate_jobs WHERE task_name = 'sandbox.deliver' AND args->>'tenant_id' = $1"
_LAPSE = "UPDATE idempotency_keys SET locked_until = locked_until - interval '1 hour' WHERE tenant_id = $1"


def key(name: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": name or secrets.token_hex(16)}


@pytest.fixture
async def meeting(house: House, storefront: Tenant) -> dict[str, Any]:
    """What is asked for when a meeting is booked."""
    listing = await make_catalogue.listing(house.db, storefront.id)
    day = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    contact = {"contactName": "Robin", "contactEmail": "robin@example.com"}
    return {"celebrityId": str(listing), "meetingType": "quick", "date": day, "timeSlot": "morning", **contact}


async def count_bookings(house: House, storefront: Tenant) -> int:
    return len(await rows(house.db, "SELECT 1 FROM bookings WHERE tenant_id = $1", storefront.id))


async def until_final(client: httpx.AsyncClient, path: str, **request: Any) -> httpx.Response:
    while True:
        answer = await client.post(path, **request)
        if answer.status_code != 409 or answer.json()["error"]["code"] != "IDEMPOTENCY_IN_PROGRESS":
            return answer
        assert int(answer.headers["retry-after"]) >= 1
        await asyncio.sleep(0.05)


async def test_fifty_at_once_have_one_effect_and_one_answer(
    client: httpx.AsyncClient, house: House, storefront: Tenant, meeting: dict[str, Any]
) -> None:
    headers = bearer(await register(client)) | key()
    ask = {"json": meeting, "headers": headers}
    answers = await asyncio.gather(*(until_final(client, "/bookings", **ask) for _ in range(RACERS)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert Counter(a.headers.get("idempotency-replayed") for a in answers) == {None: 1, "true": RACERS - 1}
    assert len({a.headers["x-request-id"] for a in answers}) == RACERS, "a replay is a request of its own"
    assert await count_bookings(house, storefront) == 1


async def test_fifty_payments_at_once_take_the_money_once(
    client: httpx.AsyncClient, house: House, meeting: dict[str, Any]
) -> None:
    who = bearer(await register(client))
    booking = (await client.post("/bookings", json=meeting, headers=who)).json()["data"]["booking"]
    body = {"bookingId": booking["id"]}
    intent = (await client.post("/payments/create-intent", json=body, headers=who | key())).json()["data"]
    pay = {"paymentIntentId": intent["paymentIntentId"], "paymentMethod": "pm_card_visa"}
    ask = {"json": pay, "headers": who | key()}
    answers = await asyncio.gather(*(until_final(client, "/payments/confirm", **ask) for _ in range(RACERS)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.content for a in answers}) == 1
    taken = [row["captured"] for row in await rows(house.db, _TAKEN, booking["id"])]
    assert taken == [booking["totalCents"]]


async def test_the_same_key_with_something_else_is_422(client: httpx.AsyncClient, meeting: dict[str, Any]) -> None:
    headers = bearer(await register(client)) | key()
    first = await client.post("/bookings", json=meeting, headers=headers)
    other = await client.post("/bookings", json=meeting | {"meetingType": "premium"}, headers=headers)
    assert error(other, 422)["code"] == "IDEMPOTENCY_KEY_REUSED"
    again = await client.post("/bookings", json=meeting, headers=headers)
    assert again.content == first.content


async def test_a_key_is_its_users_and_its_routes_own(client: httpx.AsyncClient, meeting: dict[str, Any]) -> None:
    name, ada, bob = secrets.token_hex(8), await register(client), await register(client)
    first = await client.post("/bookings", json=meeting, headers=bearer(ada) | key(name))
    others = await client.post("/bookings", json=meeting, headers=bearer(bob) | key(name))
    assert (first.status_code, error(others, 409)["code"]) == (201, "SLOT_UNAVAILABLE")
    elsewhere = {"bookingId": first.json()["data"]["booking"]["id"]}
    intent = await client.post("/payments/create-intent", json=elsewhere, headers=bearer(ada) | key(name))
    assert intent.status_code == 201


async def test_guests_keys_are_kept_per_address(
    server: Server, storefront: Tenant, conformance: Conformance, meeting: dict[str, Any]
) -> None:
    name = secrets.token_hex(8)
    answers = []
    for address in ("203.0.113.7", "203.0.113.7", "203.0.113.8"):
        transport = httpx.ASGITransport(server.asgi, client=(address, 50_000))
        base = f"http://bookable.test/{storefront.slug}/api"
        hooks = conformance.hooks(f"/{storefront.slug}")
        async with httpx.AsyncClient(transport=transport, base_url=base, event_hooks=hooks) as guest:
            answers.append(await guest.post("/bookings", json=meeting, headers=key(name)))
    assert [a.status_code for a in answers] == [201, 201, 409]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["data"]["accessToken"]


async def test_a_refusal_is_kept_though_its_reason_has_gone(
    client: httpx.AsyncClient, house: House, storefront: Tenant, meeting: dict[str, Any]
) -> None:
    ada, bob = bearer(await register(client)), bearer(await register(client))
    taken = (await client.post("/bookings", json=meeting, headers=ada)).json()["data"]["booking"]
    headers = bob | key()
    refused = await client.post("/bookings", json=meeting, headers=headers)
    await client.patch(f"/bookings/{taken['id']}/cancel", json={}, headers=ada)
    again = await client.post("/bookings", json=meeting, headers=headers)
    assert error(again, 409)["code"] == "SLOT_UNAVAILABLE"
    assert (again.content, again.headers["idempotency-replayed"]) == (refused.content, "true")
    invalid = bob | key()
    for replayed in (None, "true"):
        answer = await client.post("/bookings", json=meeting | {"date": "2020-01-01"}, headers=invalid)
        assert error(answer, 422)
        assert answer.headers.get("idempotency-replayed") == replayed
    assert (await client.post("/bookings", json=meeting, headers=bob | key())).status_code == 201


async def test_what_says_nothing_final_is_not_kept(
    client: httpx.AsyncClient, root: httpx.AsyncClient, meeting: dict[str, Any]
) -> None:
    ada, name = bearer(await register(client)), secrets.token_hex(8)
    nobody = {"Authorization": "Bearer nonsense"}
    assert error(await client.post("/bookings", json=meeting, headers=nobody | key(name)), 401)
    booked = await client.post("/bookings", json=meeting, headers=ada | key(name))
    assert booked.status_code == 201
    body, headers = {"bookingId": booked.json()["data"]["booking"]["id"]}, ada | key()
    await root.post("/sandbox/faults", json={"provider": "stripe", "mode": "down", "times": 1})
    down = await client.post("/payments/create-intent", json=body, headers=headers)
    assert error(down, 503)["code"] == "PROVIDER_UNAVAILABLE"
    assert int(down.headers["retry-after"]) >= 1
    first = await client.post("/payments/create-intent", json=body, headers=headers)
    again = await client.post("/payments/create-intent", json=body, headers=headers)
    assert (first.status_code, first.headers.get("idempotency-replayed")) == (201, None)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")


async def test_a_key_means_something_else_after_three_days(
    client: httpx.AsyncClient, root: httpx.AsyncClient, meeting: dict[str, Any]
) -> None:
    person = await register(client)
    name = secrets.token_hex(8)
    first = await client.post("/bookings", json=meeting, headers=bearer(person) | key(name))

    async def later(hours: float) -> dict[str, str]:
        await root.post("/sandbox/clock", json={"advanceSeconds": hours * 3600})
        login = {"email": person["user"]["email"], "password": "Correct-horse-7"}
        return bearer((await client.post("/auth/login", json=login)).json()["data"]) | key(name)

    kept = await client.post("/bookings", json=meeting, headers=await later(71.9))
    assert kept.content == first.content
    fresh = await client.post("/bookings", json=meeting | {"timeSlot": "evening"}, headers=await later(0.2))
    assert (fresh.status_code, fresh.headers.get("idempotency-replayed")) == (201, None)


@pytest.mark.parametrize("name", ["", "x" * 256, "a\tb", "\x7f"])
async def test_a_key_that_is_none_is_422(client: httpx.AsyncClient, meeting: dict[str, Any], name: str) -> None:
    refused = error(await client.post("/bookings", json=meeting, headers={"Idempotency-Key": name}), 422)
    assert refused["details"]["fields"][0]["field"] == "Idempotency-Key"


async def test_calls_under_auth_take_no_key(client: httpx.AsyncClient) -> None:
    headers = key()
    first = await register(client)
    body = {"email": new_email(), "password": "Correct-horse-7", "firstName": "Bob", "lastName": "B"}
    made = [await client.post("/auth/register", json=body, headers=headers) for _ in range(2)]
    assert made[0].status_code == 201
    assert error(made[1], 409)["code"] == "EMAIL_TAKEN"
    login = {"email": first["user"]["email"], "password": "Correct-horse-7"}
    tokens = [(await client.post("/auth/login", json=login, headers=headers)).json()["data"]["token"] for _ in "ab"]
    assert tokens[0] != tokens[1]


async def test_what_is_kept_is_sealed_and_outlives_a_new_key(
    client: httpx.AsyncClient, house: House, storefront: Tenant, meeting: dict[str, Any]
) -> None:
    """A guest's answer holds the key to their booking: no dump of the table gives it away."""
    headers = key()
    first = await client.post("/bookings", json=meeting, headers=headers)
    token = first.json()["data"]["accessToken"].encode()
    for (body,) in await rows(house.db, "SELECT body FROM idempotency_keys WHERE tenant_id = $1", storefront.id):
        assert token not in body
    old, new = bytes.fromhex("0b" * 32), bytes(32)
    rotated = Sealer([new, old])
    assert (await reseal(house.db, Actor.system(storefront.id), rotated, Resealed())) == Resealed(done=1)
    kept = await rows(house.db, "SELECT body FROM idempotency_keys WHERE tenant_id = $1", storefront.id)
    assert not any(rotated.needs_rotation(body) for (body,) in kept)
    unable = Sealer([bytes.fromhex("0c" * 32)])
    assert (await reseal(house.db, Actor.system(storefront.id), unable, Resealed())) == Resealed(broken=1)
    await reseal(house.db, Actor.system(storefront.id), Sealer([old, new]), Resealed())
    again = await client.post("/bookings", json=meeting, headers=headers)
    assert again.content == first.content


async def test_whoever_lost_the_claim_while_asleep_undoes_what_they_did(house: House, storefront: Tenant) -> None:
    async def claim() -> idempotency.Claim | idempotency.Kept:
        named = {"principal": "somebody", "route": "POST /somewhere", "key": "k"}
        return await idempotency.claim(house.db, storefront.id, **named, fingerprint=b"f")

    answer: dict[str, Any] = {"status": 201, "headers": {}, "body": b"{}"}
    asleep = await claim()
    with pytest.raises(idempotency.InProgress):
        await claim()
    await rows(house.db, _LAPSE, storefront.id)
    awake = await claim()
    assert isinstance(asleep, idempotency.Claim)
    assert isinstance(awake, idempotency.Claim)
    async with house.db.transaction(Actor.system(storefront.id)) as tx:
        await idempotency.keep(tx, awake, house.ports.sealer, **answer)
    with pytest.raises(idempotency.InProgress):
        async with house.db.transaction(Actor.system(storefront.id)) as tx:
            await idempotency.keep(tx, asleep, house.ports.sealer, **answer)


async def claimed(db: Database, tenant: Tenant) -> idempotency.Claim:
    """The one key of this test, by a process."""
    named = {"principal": "somebody", "route": "POST /somewhere", "key": "k"}
    mine = await idempotency.claim(db, tenant.id, **named, fingerprint=b"f")
    assert isinstance(mine, idempotency.Claim)
    return mine


@pytest.fixture
async def others(house: House) -> AsyncIterator["tuple[Database, asyncpg.Connection[Any]]"]:
    """Another process, and the connection by which it is seen to live."""
    db = await Database.connect(make.dsn(house.db), Clock(), Subscriptions(), size=2)
    conn = await asyncpg.connect(make.dsn(house.db))
    await db.presence.show(conn)
    yield db, conn
    await conn.close()
    await db.close()


async def test_a_dead_processs_key_is_free_at_once(
    house: House, storefront: Tenant, others: "tuple[Database, asyncpg.Connection[Any]]"
) -> None:
    db, life = others
    lost = await claimed(db, storefront)
    for living in (house.db, db):
        with pytest.raises(idempotency.InProgress):
            await claimed(living, storefront)
    life.terminate()
    async with asyncio.timeout(5):
        while True:
            with suppress(idempotency.InProgress):
                mine = await claimed(house.db, storefront)
                break
            await asyncio.sleep(0.02)
    answer: dict[str, Any] = {"status": 201, "headers": {}, "body": b"{}"}
    with pytest.raises(idempotency.InProgress):
        async with db.transaction(Actor.system(storefront.id)) as tx:
            await idempotency.keep(tx, lost, house.ports.sealer, **answer)
    async with house.db.transaction(Actor.system(storefront.id)) as tx:
        await idempotency.keep(tx, mine, house.ports.sealer, **answer)


async def test_a_process_that_can_not_be_seen_is_not_taken_for_dead(
    house: House, storefront: Tenant, others: "tuple[Database, asyncpg.Connection[Any]]"
) -> None:
    """It claims without a lock to be known by, or looks at its own claim while the lock is lost."""
    db, life = others
    db.presence.hide()
    await claimed(db, storefront)
    with pytest.raises(idempotency.InProgress):
        await claimed(house.db, storefront)
    await rows(house.db, "UPDATE idempotency_keys SET holder = $1 WHERE tenant_id = $2", db.presence.key, storefront.id)
    await life.close()
    with pytest.raises(idempotency.InProgress):
        await claimed(db, storefront)


async def test_of_two_who_find_a_key_without_its_process_one_gets_it(
    house: House, storefront: Tenant, others: "tuple[Database, asyncpg.Connection[Any]]"
) -> None:
    db, life = others
    await claimed(db, storefront)
    await life.close()
    found = await asyncio.gather(*(claimed(house.db, storefront) for _ in range(10)), return_exceptions=True)
    assert [type(one) for one in found].count(idempotency.Claim) == 1
    assert [type(one) for one in found].count(idempotency.InProgress) == 9


async def test_what_was_cut_short_is_finished_without_the_client(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, storefront: Tenant, meeting: dict[str, Any]
) -> None:
    who = bearer(await register(client))
    booking = (await client.post("/bookings", json=meeting, headers=who)).json()["data"]["booking"]
    intent = (await client.post("/payments/create-intent", json={"bookingId": booking["id"]}, headers=who)).json()[
        "data"
    ]
    await root.post("/sandbox/faults", json={"provider": "stripe", "mode": "error-after-effect", "times": 1})
    pay = {"paymentIntentId": intent["paymentIntentId"], "paymentMethod": "pm_card_visa"}
    error(await client.post("/payments/confirm", json=pay, headers=who | key()), 503)
    await rows(house.db, _NO_WEBHOOKS, str(storefront.id))
    await root.post("/sandbox/clock", json={"advanceSeconds": 60})
    found = await make_bookings.see(house.db, Actor.system(storefront.id), UUID(booking["id"]))
    assert (found.status, found.payment and found.payment.status) == ("confirmed", "succeeded")
