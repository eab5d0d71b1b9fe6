"""Races for one payment: whoever comes, and in whatever order, the money is taken, told and booked once."""

import asyncio
import random
from functools import partial

import pytest

from bookable.domain import payments
from bookable.domain.payments.events import PaymentSucceeded
from bookable.domain.payments.ports import GatewayIntent
from bookable.integrations import sandbox
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import DomainError
from bookable.kernel.events import Subscriptions
from bookable.kernel.tenants import Tenant
from tests import make_payments as make

ROUNDS = 25


@pytest.fixture
def heard(subscriptions: Subscriptions) -> make.Heard:
    return make.listen(subscriptions)


async def booked(db: Database, payment: payments.Payment) -> list[str]:
    """The kinds of movements that were booked for the payment."""
    async with make.as_owner(db) as owner:
        rows = await owner.fetch("SELECT kind FROM ledger_movements WHERE subject_id = $1", payment.subject_id)
    return sorted(row["kind"] for row in rows)


async def test_browser_webhook_and_completer_at_once_settle_once(
    db: Database, tenant: Tenant, system: Actor, heard: make.Heard
) -> None:
    gateway = sandbox.SandboxGateway(db)
    luck = random.Random(11)
    for _ in range(ROUNDS):
        alice = make.customer(tenant.id)
        payment = await make.presented(db, alice, gateway)
        intent_id = payment.intent_id or ""
        callers = [
            payments.confirm(db, alice, gateway, intent_id, "pm_card_visa"),
            payments.confirm(db, alice, gateway, intent_id, "pm_card_visa"),
            payments.advance(db, system, gateway, payment.id),
            payments.advance(db, system, gateway, payment.id),
            payments.complete_abandoned(db, system, gateway),
        ]
        luck.shuffle(callers)
        await asyncio.gather(*callers)
        async with db.transaction(alice) as tx:
            assert (await payments.get(tx, payment.id)).status == "succeeded"
        assert await booked(db, payment) == ["capture", "charge"]
    assert len(heard) == ROUNDS


async def test_with_the_status_read_before_the_remote_call_it_would_be_told_twice(
    db: Database, tenant: Tenant, system: Actor, heard: make.Heard
) -> None:
    """The negative control: deciding on what was read before the provider was asked, as so many shops do."""
    gateway = sandbox.SandboxGateway(db)
    alice = make.customer(tenant.id)
    payment = await make.presented(db, alice, gateway)
    gate = asyncio.Barrier(3)

    async def naive() -> None:
        async with db.transaction(system) as tx:
            before = await payments.get(tx, payment.id)
        seen: GatewayIntent = await gateway.confirm(payment.intent_id or "", key="naive", method="pm_card_visa")
        await gate.wait()
        if not before.is_paid:
            async with db.transaction(system) as tx:
                told = PaymentSucceeded(
                    payment_id=str(payment.id), subject_id=str(payment.subject_id), amount_cents=seen.captured
                )
                for listener in tx.subscriptions.inside[PaymentSucceeded]:
                    await listener(tx, told)

    await asyncio.gather(*(naive() for _ in range(3)))
    assert len(heard) == 3
    heard.clear()
    await asyncio.gather(*(payments.advance(db, system, gateway, payment.id) for _ in range(3)))
    assert len(heard) == 1


async def test_a_good_and_a_bad_card_at_once_never_end_unpaid_with_money_taken(
    db: Database, tenant: Tenant, heard: make.Heard
) -> None:
    gateway = sandbox.SandboxGateway(db)
    for _ in range(ROUNDS):
        alice = make.customer(tenant.id)
        payment = await make.presented(db, alice, gateway)
        cards = ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_visa"]
        tries = [payments.confirm(db, alice, gateway, payment.intent_id or "", card) for card in cards]
        ended = await asyncio.gather(*tries, return_exceptions=True)
        assert all(isinstance(one, payments.Payment | DomainError) for one in ended), ended
        async with db.transaction(alice) as tx:
            found = await payments.get(tx, payment.id)
        taken = (await gateway.intent(payment.intent_id or "")).captured
        assert found.captured_cents == taken
        assert found.is_paid == (taken > 0)
        if not found.is_paid:
            assert (await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")).is_paid
    assert sum(isinstance(event, PaymentSucceeded) for event in heard) == ROUNDS


async def test_opening_and_presenting_fifty_at_once_is_one_payment_and_one_intent(db: Database, tenant: Tenant) -> None:
    gateway = sandbox.SandboxGateway(db)
    alice = make.customer(tenant.id)
    first = await make.opened(db, alice)
    opened = partial(make.opened, db, alice, subject_id=first.subject_id)
    assert {one.id for one in await asyncio.gather(*(opened() for _ in range(50)))} == {first.id}
    shown = await asyncio.gather(*(payments.present(db, alice, gateway, first.id) for _ in range(20)))
    assert len({one.payment.intent_id for one in shown}) == 1
    assert len({one.client_secret for one in shown}) == 1


async def test_the_same_webhook_handled_by_many_workers_has_one_effect(
    db: Database, tenant: Tenant, system: Actor, heard: make.Heard
) -> None:
    gateway = sandbox.SandboxGateway(db)
    payer = sandbox.Payer(db, make.SECRET, make.send_home(db, gateway))
    for _ in range(ROUNDS // 5):
        payment = await make.presented(db, make.customer(tenant.id), gateway)
        await payer.act(payment.intent_id or "", "succeed", duplicate=3)
        async with db.pool.acquire() as conn:
            rows = await conn.fetch("SELECT id FROM sandbox_deliveries WHERE tenant_id = $1", tenant.id)
        await asyncio.gather(*(payer.deliver(db, system, delivery_id=str(row["id"])) for row in rows * 2))
        async with make.as_owner(db) as owner:
            events = await owner.fetch("SELECT event_id FROM gateway_inbox WHERE tenant_id = $1", tenant.id)
        work = [payments.handle_event(db, system, gateway, row["event_id"]) for row in events for _ in range(4)]
        await asyncio.gather(*work)
        assert await booked(db, payment) == ["capture", "charge"]
    assert len(heard) == ROUNDS // 5
