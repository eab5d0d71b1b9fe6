"""From outside, as the application's own database role: a traveller's rows are theirs alone."""

from collections.abc import AsyncIterator
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import httpx
import pytest

from bookable.domain import flights, identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Transaction
from bookable.kernel.db.sealed import Resealed, reseal
from bookable.kernel.security import Sealer
from bookable.kernel.tenants import Tenant
from bookable.wiring import House

from .trips import book, ok, pay, sign_up

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
PRIVATE = ("bookings", "flight_bookings", "flight_travellers", "payments", "users")


@pytest.fixture
async def outside(house: House) -> AsyncIterator[Connection]:
    """A connection as the application's role, with no help from the application."""
    conn = await asyncpg.connect(house.db.url)
    await conn.execute("SET ROLE bookable_app")
    yield conn
    await conn.close()


async def owned(conn: Connection, table: str, context: dict[str, str]) -> list[asyncpg.Record]:
    """What a bare `SELECT *` brings under this context."""
    async with conn.transaction():
        for name, value in context.items():
            await conn.execute("SELECT set_config($1, $2, true)", f"app.{name}", value)
        return await conn.fetch(f"SELECT * FROM {table}")


async def test_the_role_can_not_bypass_it(outside: Connection) -> None:
    role = await outside.fetchrow(
        "SELECT rolsuper, rolbypassrls, (SELECT bool_or(relowner = r.oid) FROM pg_class"
        " WHERE relname = ANY($1)) AS owns FROM pg_roles r WHERE rolname = current_user",
        list(PRIVATE),
    )
    assert role is not None
    assert tuple(role) == (False, False, False)


async def test_a_bare_select_returns_only_the_travellers_own_rows(
    client: httpx.AsyncClient, house: House, outside: Connection, storefront: Tenant
) -> None:
    """SEC-R1."""
    people = []
    for _ in range(2):
        who = await sign_up(client)
        booking = await book(client, house, who)
        await pay(client, who, booking)
        me: dict[str, Any] = ok(await client.get("/auth/me", headers=who))["user"]
        people.append((me["id"], booking["id"]))
    for user_id, booking_id in people:
        context = {"tenant_id": str(storefront.id), "user_id": user_id}
        assert [str(row["id"]) for row in await owned(outside, "bookings", context)] == [booking_id]
        assert [str(row["id"]) for row in await owned(outside, "flight_bookings", context)] == [booking_id]
        assert [str(row["booking_id"]) for row in await owned(outside, "flight_travellers", context)] == [booking_id]
        assert [str(row["subject_id"]) for row in await owned(outside, "payments", context)] == [booking_id]
        assert [str(row["id"]) for row in await owned(outside, "users", context)] == [user_id]
    for table in PRIVATE:
        assert await owned(outside, table, {}) == []
        assert await owned(outside, table, {"tenant_id": str(storefront.id)}) == []
        assert await owned(outside, table, {"user_id": people[0][0]}) == []


async def test_nobody_writes_a_booking_in_anothers_name(
    client: httpx.AsyncClient, house: House, outside: Connection, storefront: Tenant
) -> None:
    who, thief = await sign_up(client), await sign_up(client)
    booking = await book(client, house, who)
    thiefs: dict[str, Any] = ok(await client.get("/auth/me", headers=thief))["user"]
    async with outside.transaction():
        await outside.execute("SELECT set_config('app.tenant_id', $1, true)", str(storefront.id))
        await outside.execute("SELECT set_config('app.user_id', $1, true)", thiefs["id"])
        taken = await outside.execute("UPDATE bookings SET owner_id = $1", thiefs["id"])
        assert taken == "UPDATE 0"
        assert await outside.execute("DELETE FROM flight_travellers WHERE booking_id = $1", booking["id"]) == "DELETE 0"


async def test_a_passport_is_sealed_to_its_row_and_follows_the_key(
    client: httpx.AsyncClient, house: House, storefront: Tenant
) -> None:
    who = await sign_up(client)
    booking = await book(client, house, who)
    owner = await asyncpg.connect(house.db.url)
    try:
        find = "SELECT passport FROM flight_travellers WHERE booking_id = $1"
        before: bytes = await owner.fetchval(find, booking["id"])
        assert b"X1234567" not in before
        old = house.settings.encryption_key.get_secret_value()
        newer = Sealer.from_setting(f"{'5e' * 32},{old}")
        system = Actor.system(storefront.id)
        assert (await reseal(house.db, system, newer, Resealed())).done >= 1
        after: bytes = await owner.fetchval(find, booking["id"])
        assert after != before
        await reseal(house.db, system, Sealer.from_setting(f"{old},{'5e' * 32}"), Resealed())
    finally:
        await owner.close()


async def test_a_leaving_travellers_papers_go(client: httpx.AsyncClient, house: House, storefront: Tenant) -> None:
    who = await sign_up(client)
    booking = await book(client, house, who)
    me: dict[str, Any] = ok(await client.get("/auth/me", headers=who))["user"]

    async def leave(tx: Transaction) -> None:
        await flights.forget(tx, identity.UserDeleted(user_id=UUID(me["id"])))

    await house.db.run(Actor.system(storefront.id), leave)
    (traveler,) = ok(await client.get(f"/bookings/{booking['id']}", headers=who))["booking"]["travelers"]
    assert (traveler["firstName"], traveler["passportNumber"]) == ("", None)
    assert traveler["dateOfBirth"] == "1985-01-01"
