"""What tests are about, one call each with sensible contents; the caller names only what its claim is about."""

import secrets
from typing import Any

import msgspec

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Record, Transaction
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from bookable.kernel.tenants import queries as tenants

__all__ = ["Transaction", "as_row", "dsn", "tenant", "word"]


def dsn(db: Database) -> str:
    """The address the pool was opened with, as its owner (not as the application's role)."""
    return str(db.url)


def as_row(record: Record) -> dict[str, Any]:
    """A record's fields by name."""
    return msgspec.structs.asdict(record)


async def tenant(db: Database, **given: Any) -> Tenant:
    """A storefront of kind `starrymeet` under a name of its own."""
    row: dict[str, Any] = {
        "id": new_id(),
        "slug": f"t-{secrets.token_hex(6)}",
        "kind": "starrymeet",
        "name": "Test",
        "hosts": [],
        "currency": "USD",
        "fee_bps": 1500,
        "tax_bps": 800,
        "settings": {},
        **given,
    }
    async with db.transaction(Actor.system(row["id"])) as tx:
        await tx.run(tenants.add, **row)
    return Tenant(**row)


async def end(db: Database, made: Tenant) -> None:
    """Take a tenant out of the timetable, and its jobs off the queue: the next tests' clocks have less to do.

    What else it has stays; nobody is shown it.
    """
    async with db.pool.acquire() as conn:
        await conn.execute("SET ROLE NONE")
        await conn.execute("DELETE FROM procrastinate_jobs WHERE args->>'tenant_id' = $1", str(made.id))
        await conn.execute("DELETE FROM tenants WHERE id = $1", made.id)
        await conn.execute("RESET ROLE")


def word() -> str:
    """Twelve letters and digits that nobody else has drawn."""
    return secrets.token_hex(6)
