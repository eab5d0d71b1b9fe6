"""Payments, as tests want them: opened, presented and paid with one call each."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from bookable.domain import payments
from bookable.domain.payments.ports import PaymentGateway
from bookable.integrations import sandbox
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.events import Event, Subscriptions
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money
from tests import make

__all__ = [
    "SECRET",
    "Heard",
    "as_owner",
    "books",
    "customer",
    "listen",
    "opened",
    "paid",
    "presented",
    "send_home",
    "work_off",
]

SECRET = "whsec_test"

Heard = list[Event]

_TAKE = """
DELETE FROM procrastinate_jobs
WHERE args->>'tenant_id' = $1 AND status = 'todo' AND coalesce(scheduled_at, now()) <= now() + $2::interval
RETURNING id, task_name, args
"""


def listen(subscriptions: Subscriptions) -> Heard:
    """Everything that payments publish from now on, in its order; of transactions undone, too."""
    heard: Heard = []

    async def keep(_: object, event: Event) -> None:
        heard.append(event)

    for name in payments.events.__all__:
        subscriptions.within(getattr(payments.events, name), keep)
    return heard


def customer(tenant_id: UUID) -> Actor:
    """Somebody with an account."""
    return Actor(tenant_id, new_id(), "user")


async def opened(db: Database, actor: Actor, cents: int = 10_000, **given: Any) -> payments.Payment:
    """A payment of `cents`, of which 15 % are our fee and 8 % tax."""
    subject_id = given.pop("subject_id", None) or new_id()
    fee, tax = Money(cents * 15 // 100, "USD"), Money(cents * 8 // 100, "USD")
    terms = {"payee": "celebrity", "amount": Money(cents, "USD"), "fee": fee, "tax": tax, **given}
    async with db.transaction(actor) as tx:
        return await payments.open(tx, subject_id=subject_id, owner_id=actor.id or new_id(), **terms)


async def presented(db: Database, actor: Actor, gateway: PaymentGateway, **given: Any) -> payments.Payment:
    """Opened, with an intent at the provider."""
    payment = await opened(db, actor, **given)
    return (await payments.present(db, actor, gateway, payment.id)).payment


async def paid(db: Database, actor: Actor, gateway: PaymentGateway, **given: Any) -> payments.Payment:
    """Presented, and paid with a good card."""
    payment = await presented(db, actor, gateway, **given)
    assert payment.intent_id is not None
    return await payments.confirm(db, actor, gateway, payment.intent_id, "pm_card_visa")


async def books(db: Database, tenant_id: UUID) -> dict[str, int]:
    """The balance of each account of the tenant, those that are zero left out."""
    async with as_owner(db) as owner:
        rows = await owner.fetch(
            "SELECT leg.account, sum(leg.amount)::bigint AS amount FROM ledger_movements AS m,"
            " unnest(m.accounts, m.amounts) AS leg(account, amount) WHERE m.tenant_id = $1 GROUP BY 1",
            tenant_id,
        )
    return {row["account"]: row["amount"] for row in rows if row["amount"]}


@asynccontextmanager
async def as_owner(db: Database) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection past every policy, to look at what is really there."""
    conn = await asyncpg.connect(make.dsn(db))
    try:
        yield conn
    finally:
        await conn.close()


def send_home(db: Database, gateway: PaymentGateway) -> sandbox.Send:
    """Webhooks come to us without a network between."""

    async def send(tenant_id: UUID, body: bytes, headers: Mapping[str, str]) -> int:
        await payments.receive(db, gateway, tenant_id, body, headers["Stripe-Signature"], secret=SECRET)
        return 200

    return send


async def work_off(db: Database, actor: Actor, jobs: Mapping[str, Any], *, times: int = 1) -> list[str]:
    """Do the tenant's due jobs, and what they bring about, each `times` times; answers their names."""
    done: list[str] = []
    while True:
        async with db.pool.acquire() as conn:
            due = sorted(await conn.fetch(_TAKE, str(actor.tenant_id), db.clock.offset), key=lambda row: row["id"])
        if not due:
            return done
        for row in due:
            args = {name: value for name, value in row["args"].items() if name != "tenant_id"}
            for _ in range(times):
                await jobs[row["task_name"]](db, Actor.system(actor.tenant_id), **args)
            done.append(row["task_name"])
