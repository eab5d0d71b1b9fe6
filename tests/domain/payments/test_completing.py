"""Whatever was cut short ends well, without anyone asking: kills between two phases, lost jobs, missed webhooks."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from bookable.domain import payments
from bookable.domain.payments.events import PaymentFailed, PaymentProcessing, PaymentSucceeded
from bookable.integrations import sandbox, signatures
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import Unavailable
from bookable.kernel.tenants import Tenant
from tests import make_payments as make

TROUBLE = {"before": "down", "after": "error-after-effect"}


async def cut_short(faults: sandbox.Faults, when: str, deed: Awaitable[object]) -> None:
    """The call ends before its effect or after it, and its caller does not come back."""
    await faults.order("stripe", TROUBLE[when], 1)
    with pytest.raises(Unavailable):
        await deed


async def status_of(db: Database, actor: Actor, payment: payments.Payment) -> payments.Payment:
    async with db.transaction(actor.widened()) as tx:
        return await payments.get(tx, payment.id)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_cut_short_around_the_charge_it_is_known_within_a_minute_what_happened(
    db: Database,
    tenant: Tenant,
    alice: Actor,
    system: Actor,
    gateway: sandbox.SandboxGateway,
    faults: sandbox.Faults,
    clock: Clock,
    heard: make.Heard,
    when: str,
) -> None:
    payment = await make.presented(db, alice, gateway)
    await cut_short(faults, when, payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa"))
    assert (await status_of(db, alice, payment)).working_until is not None
    clock.offset = timedelta(seconds=50)
    assert await payments.complete_abandoned(db, system, gateway) == 1
    assert await payments.complete_abandoned(db, system, gateway) == 0
    found = await status_of(db, alice, payment)
    assert found.working_until is None
    if when == "after":
        assert (found.status, [type(event) for event in heard]) == ("succeeded", [PaymentSucceeded])
    else:
        assert (found.status, heard) == ("pending", [])
        found = await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    assert found.captured_cents == 10_000
    assert (await make.books(db, tenant.id))["gateway:sandbox"] == 10_000


@pytest.mark.parametrize("when", ["before", "after"])
async def test_cut_short_around_a_decline_it_is_told_and_can_be_paid(
    db: Database,
    alice: Actor,
    system: Actor,
    gateway: sandbox.SandboxGateway,
    faults: sandbox.Faults,
    clock: Clock,
    heard: make.Heard,
    when: str,
) -> None:
    payment = await make.presented(db, alice, gateway)
    declined = payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_chargeDeclined")
    await cut_short(faults, when, declined)
    clock.offset = timedelta(seconds=50)
    await payments.complete_abandoned(db, system, gateway)
    assert (await status_of(db, alice, payment)).status == ("failed" if when == "after" else "pending")
    assert [type(event) for event in heard] == ([PaymentFailed] if when == "after" else [])
    assert (await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")).is_paid


async def test_killed_in_the_middle_of_the_creation_it_can_be_presented_again(
    db: Database,
    alice: Actor,
    system: Actor,
    gateway: sandbox.SandboxGateway,
    faults: sandbox.Faults,
    clock: Clock,
) -> None:
    payment = await make.opened(db, alice)
    await faults.order("stripe", "slow", 1)
    caller = asyncio.create_task(payments.present(db, alice, gateway, payment.id))
    await asyncio.sleep(0.3)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert (await status_of(db, alice, payment)).working_until is not None
    clock.offset = timedelta(seconds=50)
    assert await payments.complete_abandoned(db, system, gateway) == 1
    assert (await status_of(db, alice, payment)).working_until is None
    presented = await payments.present(db, alice, gateway, payment.id)
    assert (await payments.confirm(db, alice, gateway, presented.payment.intent_id or "", "pm_card_visa")).is_paid


async def test_a_webhook_whose_job_was_lost_is_worked_off_all_the_same(
    db: Database,
    tenant: Tenant,
    alice: Actor,
    system: Actor,
    gateway: sandbox.SandboxGateway,
    payer: sandbox.Payer,
    clock: Clock,
) -> None:
    payment = await make.presented(db, alice, gateway)
    await payer.act(payment.intent_id or "", "succeed")
    async with make.as_owner(db) as owner:
        rows = await owner.fetch("SELECT body FROM sandbox_deliveries WHERE tenant_id = $1", tenant.id)
    for row in rows:
        signature = signatures.sign(row["body"], make.SECRET, int(clock.real().timestamp()))
        await payments.receive(db, gateway, tenant.id, row["body"], signature, secret=make.SECRET)
    clock.offset = timedelta(seconds=50)
    assert await payments.complete_abandoned(db, system, gateway) == len(rows)
    assert (await status_of(db, alice, payment)).status == "succeeded"


async def test_a_webhook_that_never_comes_is_missed_for_minutes_only(
    db: Database,
    alice: Actor,
    system: Actor,
    gateway: sandbox.SandboxGateway,
    payer: sandbox.Payer,
    clock: Clock,
    heard: make.Heard,
) -> None:
    waiting = await make.presented(db, alice, gateway)
    await payments.confirm(db, alice, gateway, waiting.intent_id or "", "pm_card_authenticationRequired")
    left = await make.presented(db, alice, gateway)
    await payer.act(waiting.intent_id or "", "authenticate")
    assert await payments.reconcile(db, system, gateway) == 0
    clock.offset = timedelta(minutes=3)
    assert await payments.reconcile(db, system, gateway) == 2
    assert (await status_of(db, alice, waiting)).status == "succeeded"
    assert (await status_of(db, alice, left)).status == "pending"
    assert [type(event) for event in heard] == [PaymentProcessing, PaymentSucceeded]
    clock.offset = timedelta(days=9)
    assert await payments.reconcile(db, system, gateway) == 0


async def test_one_that_can_not_be_completed_stops_no_other(
    db: Database,
    tenant: Tenant,
    alice: Actor,
    system: Actor,
    gateway: sandbox.SandboxGateway,
    faults: sandbox.Faults,
    clock: Clock,
) -> None:
    first, second = [await make.presented(db, alice, gateway) for _ in range(2)]
    for payment in (first, second):
        paying = payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
        await cut_short(faults, "after", paying)
    clock.offset = timedelta(seconds=50)
    await faults.order("stripe", "down", 1)
    assert await payments.complete_abandoned(db, system, gateway) == 1
    assert await payments.complete_abandoned(db, system, gateway) == 1
    for payment in (first, second):
        assert (await status_of(db, alice, payment)).status == "succeeded"


async def test_a_provider_that_stays_down_leaves_everything_as_it_is(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway, faults: sandbox.Faults
) -> None:
    payment = await make.presented(db, alice, gateway)
    await faults.order("stripe", "down", 100)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    await faults.clear()
    found = await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    assert (found.status, found.attempt) == ("succeeded", 1)
