"""Refunds: never more than was captured, sent until it is known what became of them, booked once."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from bookable.domain import payments
from bookable.domain.payments import returning
from bookable.domain.payments.events import PaymentRefunded, PaymentSucceeded, RefundFailed
from bookable.domain.payments.ports import GatewayRefund, RefundState
from bookable.integrations import sandbox
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import InvalidState, NotFound, ValidationFailed
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money
from bookable.kernel.tenants import Tenant
from tests import make_payments as make
from tests.domain.payments.conftest import Jobs


async def asked(db: Database, actor: Actor, payment: payments.Payment, cents: int | None) -> payments.Refund:
    async with db.transaction(actor) as tx:
        return await payments.request_refund(tx, payment.id, cents, reason="rain", by=actor.id)


async def read(db: Database, actor: Actor, payment: payments.Payment) -> payments.Payment:
    async with db.transaction(actor.widened()) as tx:
        return await payments.get(tx, payment.id)


async def test_a_refund_is_sent_once_its_transaction_is_committed(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, jobs: Jobs, heard: make.Heard
) -> None:
    payment = await make.paid(db, alice, gateway)
    refund = await asked(db, alice, payment, 4_000)
    assert (await read(db, alice, payment)).refunding_cents == 4_000
    assert await gateway.refunds(payment.intent_id or "") == []
    await make.work_off(db, alice, jobs)
    back = await read(db, alice, payment)
    assert (back.status, back.refunded_cents, back.refunding_cents) == ("partially_refunded", 4_000, 0)
    assert [one.amount.amount for one in await gateway.refunds(payment.intent_id or "")] == [4_000]
    told = [event for event in heard if not isinstance(event, PaymentSucceeded)]
    assert told == [
        PaymentRefunded(
            payment_id=str(payment.id),
            subject_id=str(payment.subject_id),
            refund_id=str(refund.id),
            amount_cents=4_000,
            in_full=False,
        )
    ]
    assert await make.books(db, tenant.id) == {
        "gateway:sandbox": 6_000,
        "payable:celebrity": -4_620,
        "platform:fees": -900,
        "tax": -480,
    }


async def test_all_that_is_left_goes_back_to_the_cent(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, heard: make.Heard
) -> None:
    payment = await make.paid(db, alice, gateway, cents=9_997)
    for cents in (3_333, 1, 1_111, None):
        await payments.refund(db, alice, gateway, payment.id, cents)
    back = await read(db, alice, payment)
    assert (back.status, back.refunded_cents) == ("refunded", 9_997)
    assert back.refunded_at is not None
    assert await make.books(db, tenant.id) == {}
    assert [event.in_full for event in heard if isinstance(event, PaymentRefunded)] == [False, False, False, True]


@pytest.mark.parametrize(("cents", "error"), [(-1, ValidationFailed), (0, ValidationFailed)])
async def test_what_is_not_an_amount_is_refused(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway, cents: int, error: type[Exception]
) -> None:
    payment = await make.paid(db, alice, gateway)
    with pytest.raises(error):
        await asked(db, alice, payment, cents)


@pytest.mark.parametrize("cents", [10_001, 10**12])
async def test_more_than_is_left_is_refused(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway, cents: int
) -> None:
    payment = await make.paid(db, alice, gateway)
    with pytest.raises(payments.RefundTooLarge) as refused:
        await asked(db, alice, payment, cents)
    assert refused.value.details == {"refundableCents": 10_000}
    await payments.refund(db, alice, gateway, payment.id)
    with pytest.raises(payments.RefundTooLarge):
        await asked(db, alice, payment, None)


async def test_only_what_was_paid_can_be_refunded_and_only_by_those_who_see_it(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    unpaid, paid = await make.presented(db, alice, gateway), await make.paid(db, alice, gateway)
    with pytest.raises(InvalidState):
        await asked(db, alice, unpaid, None)
    with pytest.raises(NotFound):
        await asked(db, make.customer(tenant.id), paid, None)


async def test_refunds_at_once_never_exceed_the_capture(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    for round_ in range(5):
        payment = await make.paid(db, alice, gateway)
        tries = [payments.refund(db, alice, gateway, payment.id, 3_000 + round_) for _ in range(10)]
        done = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(one, payments.Refunded) for one in done) == 3
        assert sum(isinstance(one, payments.RefundTooLarge) for one in done) == 7
        assert (await read(db, alice, payment)).refunded_cents == 3 * (3_000 + round_)
    assert sum((await make.books(db, tenant.id)).values()) == 0


async def test_read_then_write_without_the_check_would_have_refunded_too_much(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    """The negative control: what the one statement prevents, happens without it."""
    payment = await make.paid(db, alice, gateway)

    async def naive(owner: "asyncpg.Connection[Any]", gate: asyncio.Barrier) -> None:
        row = await owner.fetchrow("SELECT captured_cents, refunding_cents FROM payments WHERE id = $1", payment.id)
        await gate.wait()
        assert row is not None
        if row["refunding_cents"] + 6_000 <= row["captured_cents"]:
            add = "UPDATE payments SET refunding_cents = refunding_cents + 6000 WHERE id = $1"
            await owner.execute(add, payment.id)

    async with make.as_owner(db) as first, make.as_owner(db) as second:
        check = "ck_payments_not_overrefunded"
        condition = await first.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", check
        )
        gate = asyncio.Barrier(2)
        with pytest.raises(asyncpg.CheckViolationError):
            await asyncio.gather(naive(first, gate), naive(second, gate))
        await first.execute("UPDATE payments SET refunding_cents = 0 WHERE id = $1", payment.id)
        await first.execute(f"ALTER TABLE payments DROP CONSTRAINT {check}")
        try:
            await asyncio.gather(naive(first, gate), naive(second, gate))
            promised = await first.fetchval("SELECT refunding_cents FROM payments WHERE id = $1", payment.id)
        finally:
            await first.execute("UPDATE payments SET refunding_cents = 0 WHERE id = $1", payment.id)
            await first.execute(f"ALTER TABLE payments ADD CONSTRAINT {check} {condition}")
    assert promised > payment.captured_cents


@pytest.mark.parametrize("mode", ["down", "error-after-effect"])
async def test_a_refund_whose_answer_was_lost_is_sent_again_and_made_once(
    db: Database,
    tenant: Tenant,
    alice: Actor,
    system: Actor,
    gateway: sandbox.SandboxGateway,
    faults: sandbox.Faults,
    clock: Clock,
    mode: str,
) -> None:
    payment = await make.paid(db, alice, gateway)
    await faults.order("stripe", mode, 1)
    pending = await payments.refund(db, alice, gateway, payment.id, 2_500)
    assert pending.refund.status == "pending"
    assert await payments.complete_abandoned(db, system, gateway) == 0
    clock.offset = timedelta(seconds=41)
    assert await payments.complete_abandoned(db, system, gateway) == 1
    back = await read(db, alice, payment)
    assert (back.refunded_cents, back.refunding_cents) == (2_500, 0)
    assert len(await gateway.refunds(payment.intent_id or "")) == 1
    assert (await make.books(db, tenant.id))["gateway:sandbox"] == 7_500


class Listening(sandbox.SandboxGateway):
    """The sandbox, with an ear for the keys that refunds are asked for under."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.keys: list[str] = []

    async def refund(self, intent_id: str, amount: Money, *, key: str, **given: Any) -> GatewayRefund:
        self.keys.append(key)
        return await super().refund(intent_id, amount, key=key, **given)


async def test_a_refund_that_may_still_be_on_its_way_is_sent_under_the_same_key(
    db: Database, alice: Actor, faults: sandbox.Faults, system: Actor, clock: Clock
) -> None:
    """What the provider does not know of yet it may have taken all the same; a new key would be another refund."""
    gateway = Listening(db)
    payment = await make.paid(db, alice, gateway)
    await faults.order("stripe", "down", 1)
    assert (await payments.refund(db, alice, gateway, payment.id, 2_500)).refund.status == "pending"
    clock.offset = timedelta(seconds=41)
    assert await payments.complete_abandoned(db, system, gateway) == 1
    assert len(gateway.keys) == 2
    assert len(set(gateway.keys)) == 1


async def test_the_same_refund_sent_by_many_is_made_once(
    db: Database, alice: Actor, system: Actor, gateway: sandbox.SandboxGateway, heard: make.Heard
) -> None:
    payment = await make.paid(db, alice, gateway)
    refund = await asked(db, alice, payment, 100)
    await asyncio.gather(*(payments.send_refund(db, system, gateway, refund.id) for _ in range(8)))
    assert len(await gateway.refunds(payment.intent_id or "")) == 1
    assert sum(isinstance(event, PaymentRefunded) for event in heard) == 1


async def test_a_refund_that_is_asked_for_again_under_its_id_goes_on_where_it_was(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    payment = await make.paid(db, alice, gateway)
    known = new_id()
    async with db.transaction(alice) as tx:
        await payments.request_refund(tx, payment.id, 4_000, by=alice.id, refund_id=known)
    for _ in range(2):
        done = await payments.refund(db, alice, gateway, payment.id, 4_000, refund_id=known)
        assert (done.refund.id, done.refund.status) == (known, "succeeded")
        assert done.payment.refunded_cents == 4_000
    assert len(await gateway.refunds(payment.intent_id or "")) == 1


async def test_what_was_refunded_at_the_provider_itself_is_booked_once(
    db: Database,
    tenant: Tenant,
    alice: Actor,
    gateway: sandbox.SandboxGateway,
    jobs: Jobs,
    heard: make.Heard,
) -> None:
    payment = await make.paid(db, alice, gateway)
    money = Money(6_000, "USD")
    await gateway.refund(payment.intent_id or "", money, key=str(new_id()), metadata={}, reason="by hand")
    await make.work_off(db, alice, jobs, times=3)
    back = await read(db, alice, payment)
    assert (back.status, back.refunded_cents) == ("partially_refunded", 6_000)
    assert sum(isinstance(event, PaymentRefunded) for event in heard) == 1
    assert (await make.books(db, tenant.id))["gateway:sandbox"] == 4_000
    async with db.transaction(alice.widened()) as tx:
        assert [one.requested_by for one in await payments.refunds_of(tx, payment.id)] == [None]


async def test_ours_gives_way_when_the_provider_has_nothing_left_to_refund(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, jobs: Jobs, heard: make.Heard
) -> None:
    payment = await make.paid(db, alice, gateway)
    await gateway.refund(payment.intent_id or "", Money(9_000, "USD"), key=str(new_id()), metadata={})
    with pytest.raises(payments.RefundTooLarge):
        await payments.refund(db, alice, gateway, payment.id, 5_000)
    assert (await read(db, alice, payment)).refunding_cents == 0
    await make.work_off(db, alice, jobs)
    back = await read(db, alice, payment)
    assert (back.refunded_cents, back.refunding_cents, back.refundable_cents) == (9_000, 0, 1_000)
    assert [type(e) for e in heard if not isinstance(e, PaymentSucceeded)] == [RefundFailed, PaymentRefunded]
    assert (await make.books(db, tenant.id))["gateway:sandbox"] == 1_000


async def test_a_refund_that_fails_after_it_succeeded_gives_back_what_can_be_refunded(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, heard: make.Heard
) -> None:
    """A bank may send the money back days later: the provider then says failed of what it called succeeded."""
    payment = await make.paid(db, alice, gateway)
    before = await make.books(db, tenant.id)
    done = await payments.refund(db, alice, gateway, payment.id)
    assert done.payment.status == "refunded"
    seen = (await gateway.refunds(payment.intent_id or ""))[0]
    failed = GatewayRefund(seen.id, seen.intent_id, RefundState.FAILED, seen.amount, seen.metadata)
    for told in (failed, seen, failed):
        async with db.transaction(alice.widened()) as tx:
            await returning.bring_home(tx, payment_id=payment.id, seen=told)
    back = await read(db, alice, payment)
    assert (back.status, back.refunded_cents, back.refundable_cents, back.refunded_at) == ("succeeded", 0, 10_000, None)
    assert isinstance(heard[-1], RefundFailed)
    assert await make.books(db, tenant.id) == before


async def test_one_of_ours_and_one_of_the_providers_that_do_not_fit_together_do_not_wait_for_each_other(
    db: Database,
    tenant: Tenant,
    alice: Actor,
    system: Actor,
    gateway: sandbox.SandboxGateway,
    faults: sandbox.Faults,
    jobs: Jobs,
    clock: Clock,
) -> None:
    payment = await make.paid(db, alice, gateway)
    await faults.order("stripe", "down", 1)
    await payments.refund(db, alice, gateway, payment.id, 6_000)
    await gateway.refund(payment.intent_id or "", Money(6_000, "USD"), key=str(new_id()), metadata={})
    clock.offset = timedelta(seconds=50)
    await make.work_off(db, alice, {**jobs, payments.HANDLE_EVENT: _nothing, payments.SEND_REFUND: _nothing})
    for _ in range(2):
        await payments.complete_abandoned(db, system, gateway)
        clock.offset += timedelta(seconds=50)
    back = await read(db, alice, payment)
    assert (back.refunded_cents, back.refunding_cents) == (6_000, 0)
    assert (await make.books(db, tenant.id))["gateway:sandbox"] == 4_000


async def _nothing(*_: object, **__: object) -> None:
    """A job that was lost."""
