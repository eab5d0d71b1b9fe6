"""Webhooks: stored once, believed in no order, harmless when forged, late, early, doubled or unknown."""

import json
import random
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from bookable.domain import payments
from bookable.domain.payments.events import PaymentDisputed, PaymentRefunded, PaymentSucceeded
from bookable.integrations import sandbox, signatures
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import Malformed
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money
from bookable.kernel.tenants import Tenant
from tests import make_payments as make
from tests.domain.payments.conftest import Jobs


async def webhooks(db: Database, tenant: Tenant) -> list[bytes]:
    """What the provider has sent so far, oldest first."""
    async with make.as_owner(db) as owner:
        rows = await owner.fetch("SELECT body FROM sandbox_deliveries WHERE tenant_id = $1 ORDER BY id", tenant.id)
    return [row["body"] for row in rows]


async def inbox(db: Database, tenant: Tenant) -> list[asyncpg.Record]:
    async with make.as_owner(db) as owner:
        return list(await owner.fetch("SELECT * FROM gateway_inbox WHERE tenant_id = $1", tenant.id))


async def received(
    db: Database, gateway: payments.PaymentGateway, tenant_id: UUID, body: bytes, *, secret: str = make.SECRET
) -> bool:
    signature = signatures.sign(body, secret, int(db.clock.real().timestamp()))
    return await payments.receive(db, gateway, tenant_id, body, signature, secret=make.SECRET)


async def state_of(db: Database, tenant: Tenant, payment: payments.Payment) -> dict[str, object]:
    """What the end state is made of; times and counters of work are not."""
    async with db.transaction(Actor.system(tenant.id)) as tx:
        found = await payments.get(tx, payment.id)
        refunds = await payments.refunds_of(tx, payment.id)
    names = ("status", "captured_cents", "refunded_cents", "refunding_cents", "disputed_cents", "last4")
    told: dict[str, object] = {name: getattr(found, name) for name in names}
    books = await make.books(db, tenant.id)
    return {**told, "refunds": sorted(r.amount_cents for r in refunds), "books": books}


async def test_an_event_is_stored_once_and_its_work_is_put_off(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    await make.presented(db, alice, gateway)
    body = (await webhooks(db, tenant))[0]
    assert await received(db, gateway, tenant.id, body)
    assert not await received(db, gateway, tenant.id, body)
    assert [(row["type"], row["handled_at"]) for row in await inbox(db, tenant)] == [("payment_intent.created", None)]


@pytest.mark.parametrize("wrong", ["whsec_other", ""])
async def test_a_forged_event_is_refused_and_nothing_is_stored(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, wrong: str
) -> None:
    await make.presented(db, alice, gateway)
    body = (await webhooks(db, tenant))[0]
    with pytest.raises(payments.InvalidSignature):
        await received(db, gateway, tenant.id, body, secret=wrong)
    with pytest.raises(payments.InvalidSignature):
        await payments.receive(db, gateway, tenant.id, body, None, secret=make.SECRET)
    with pytest.raises(Malformed):
        await received(db, gateway, tenant.id, b"{}")
    assert await inbox(db, tenant) == []


@pytest.mark.parametrize("age", [-301, 301])
async def test_the_tolerance_is_of_real_time_and_has_two_sides(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, clock: Clock, age: int
) -> None:
    await make.presented(db, alice, gateway)
    body = (await webhooks(db, tenant))[0]
    stale = signatures.sign(body, make.SECRET, int(clock.real().timestamp()) + age)
    with pytest.raises(payments.InvalidSignature):
        await payments.receive(db, gateway, tenant.id, body, stale, secret=make.SECRET)


async def test_an_intent_that_is_not_ours_is_stored_and_left_alone(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, jobs: Jobs
) -> None:
    intent = await gateway.create_intent(
        Money(500, "USD"), key=str(new_id()), metadata={"payment_id": str(new_id())}, tenant_id=tenant.id
    )
    await gateway.confirm(intent.id, key=str(new_id()), method="pm_card_visa")
    await make.work_off(db, alice, jobs)
    assert {row["outcome"] for row in await inbox(db, tenant)} == {"not ours"}


async def test_the_payer_may_pay_in_their_browser_and_we_hear_of_it(
    db: Database,
    alice: Actor,
    gateway: sandbox.SandboxGateway,
    payer: sandbox.Payer,
    jobs: Jobs,
    heard: make.Heard,
) -> None:
    payment = await make.presented(db, alice, gateway)
    await payer.act(payment.intent_id or "", "succeed", duplicate=4)
    done = await make.work_off(db, alice, jobs, times=2)
    assert done.count(sandbox.DELIVER) >= 5
    async with db.transaction(alice) as tx:
        assert (await payments.get(tx, payment.id)).status == "succeeded"
    assert [type(event) for event in heard] == [PaymentSucceeded]


async def test_a_webhook_before_the_answer_to_the_creation_finds_its_payment(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, jobs: Jobs, heard: make.Heard
) -> None:
    """We were killed before we wrote down the intent; the payer had it all the same, and paid."""
    payment = await make.opened(db, alice)
    made = await gateway.create_intent(
        payment.amount, key=f"{payment.id}:create:0", metadata={"payment_id": str(payment.id)}, tenant_id=tenant.id
    )
    await gateway.confirm(made.id, key=str(new_id()), method="pm_card_visa")
    await make.work_off(db, alice, jobs)
    async with db.transaction(alice) as tx:
        found = await payments.get(tx, payment.id)
    assert (found.intent_id, found.status) == (made.id, "succeeded")
    assert len(heard) == 1


async def test_news_of_an_earlier_attempt_does_not_undo_a_later_one(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, jobs: Jobs, heard: make.Heard
) -> None:
    payment = await make.presented(db, alice, gateway)
    with pytest.raises(payments.PaymentRefused):
        await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_chargeDeclined")
    await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    for body in reversed(await webhooks(db, tenant)):
        await received(db, gateway, tenant.id, body)
        await make.work_off(db, alice, jobs, times=2)
    async with db.transaction(alice) as tx:
        assert (await payments.get(tx, payment.id)).status == "succeeded"
    assert [type(event).__name__ for event in heard] == ["PaymentFailed", "PaymentSucceeded"]


@pytest.mark.parametrize("seed", range(8))
async def test_events_in_any_order_and_number_end_the_same(
    db: Database,
    tenant: Tenant,
    gateway: sandbox.SandboxGateway,
    payer: sandbox.Payer,
    jobs: Jobs,
    heard: make.Heard,
    seed: int,
) -> None:
    """Declined, paid, refunded at the provider, disputed: the events come late, doubled and shuffled."""
    luck = random.Random(seed)
    alice = make.customer(tenant.id)
    payment = await make.presented(db, alice, gateway)
    intent_id = payment.intent_id or ""
    await payer.act(intent_id, "fail")
    await payer.act(intent_id, "succeed")
    await gateway.refund(intent_id, Money(2_000, "USD"), key=str(new_id()), metadata={})
    await payer.act(intent_id, "dispute")
    bodies = [body for body in await webhooks(db, tenant) for _ in range(luck.randint(1, 3))]
    luck.shuffle(bodies)
    async with make.as_owner(db) as owner:
        await owner.execute("DELETE FROM procrastinate_jobs WHERE args->>'tenant_id' = $1", str(tenant.id))
    for start in range(0, len(bodies), 4):
        for body in bodies[start : start + 4]:
            await received(db, gateway, tenant.id, body)
        await make.work_off(db, alice, jobs, times=luck.randint(1, 2))

    assert await state_of(db, tenant, payment) == {
        "status": "partially_refunded",
        "captured_cents": 10_000,
        "refunded_cents": 2_000,
        "refunding_cents": 0,
        "disputed_cents": 10_000,
        "last4": "4242",
        "refunds": [2_000],
        "books": {
            "gateway:sandbox": -2_000,
            "disputes": 10_000,
            "payable:celebrity": -6_160,
            "platform:fees": -1_200,
            "tax": -640,
        },
    }
    once = [PaymentSucceeded, PaymentRefunded, PaymentDisputed]
    assert sorted(type(e).__name__ for e in heard if type(e) in once) == sorted(kind.__name__ for kind in once)


async def test_a_dispute_marks_the_payment_and_nothing_of_it_can_be_refunded(
    db: Database,
    tenant: Tenant,
    alice: Actor,
    gateway: sandbox.SandboxGateway,
    payer: sandbox.Payer,
    jobs: Jobs,
    heard: make.Heard,
) -> None:
    payment = await make.paid(db, alice, gateway)
    await payer.act(payment.intent_id or "", "dispute", duplicate=2)
    await make.work_off(db, alice, jobs, times=2)
    async with db.transaction(alice) as tx:
        found = await payments.get(tx, payment.id)
        assert (found.status, found.disputed_cents) == ("succeeded", 10_000)
        assert found.disputed_at is not None
        with pytest.raises(payments.RefundTooLarge):
            await payments.request_refund(tx, payment.id, None)
    assert sum(isinstance(event, PaymentDisputed) for event in heard) == 1
    books = await make.books(db, tenant.id)
    assert (books["disputes"], books.get("gateway:sandbox", 0)) == (10_000, 0)


async def told(db: Database, gateway: payments.PaymentGateway, tenant: Tenant, jobs: Jobs, **event: object) -> None:
    """An event of the provider's that the sandbox has no act for."""
    named = {"id": f"evt_{new_id().hex}", "object": "event", "created": 1_700_000_000, **event}
    await received(db, gateway, tenant.id, json.dumps(named).encode())
    await make.work_off(db, Actor.system(tenant.id), jobs)


async def test_a_dispute_that_is_won_comes_back_whichever_is_heard_of_first(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, jobs: Jobs
) -> None:
    for order in (["created", "closed"], ["closed", "created"]):
        payment = await make.paid(db, alice, gateway)
        dispute = {
            "id": f"dp_{new_id().hex}",
            "object": "dispute",
            "amount": 10_000,
            "currency": "usd",
            "payment_intent": payment.intent_id,
        }
        for kind in order:
            status = "won" if kind == "closed" else "needs_response"
            data = {"object": {**dispute, "status": status}}
            await told(db, gateway, tenant, jobs, type=f"charge.dispute.{kind}", data=data)
        async with db.transaction(alice) as tx:
            assert (await payments.get(tx, payment.id)).refundable_cents == 10_000
    assert (await make.books(db, tenant.id))["gateway:sandbox"] == 20_000


async def test_a_payout_to_a_payees_account_lowers_what_they_are_owed(
    db: Database, tenant: Tenant, alice: Actor, system: Actor, gateway: sandbox.SandboxGateway, jobs: Jobs
) -> None:
    await make.paid(db, alice, gateway)
    account = {
        "id": "acct_1",
        "object": "account",
        "charges_enabled": True,
        "payouts_enabled": True,
        "metadata": {"payee": "celebrity"},
    }
    payout = {"id": "po_1", "object": "payout", "amount": 5_000, "currency": "usd", "status": "paid"}
    await told(db, gateway, tenant, jobs, type="account.updated", data={"object": account})
    for _ in range(2):
        await told(db, gateway, tenant, jobs, type="payout.paid", account="acct_1", data={"object": payout})
    await told(db, gateway, tenant, jobs, type="payout.paid", account="acct_9", data={"object": payout})
    async with db.transaction(system) as tx:
        earned = (await payments.earnings(tx, "celebrity"))["USD"]
    assert (earned.total.gross, earned.total.fees, earned.total.paid_out) == (9_200, 1_500, 5_000)
    assert earned.total.balance == 2_700
    assert [figures.balance for figures in earned.months.values()] == [2_700]
    outcomes = {row["type"]: row["outcome"] for row in await inbox(db, tenant)}
    assert outcomes["account.updated"] == "told"


async def test_older_news_of_an_account_changes_nothing(
    db: Database, tenant: Tenant, gateway: sandbox.SandboxGateway, jobs: Jobs
) -> None:
    def about(enabled: bool, created: int) -> dict[str, object]:
        account = {"id": "acct_2", "object": "account", "charges_enabled": enabled, "payouts_enabled": enabled}
        return {"type": "account.updated", "created": created, "data": {"object": account}}

    await told(db, gateway, tenant, jobs, **about(True, 1_700_000_100))
    await told(db, gateway, tenant, jobs, **about(False, 1_700_000_000))
    async with make.as_owner(db) as owner:
        enabled = await owner.fetchval(
            "SELECT payouts_enabled FROM payout_accounts WHERE tenant_id = $1 AND account_id = 'acct_2'", tenant.id
        )
    assert enabled is True


async def test_revenue_is_told_by_day(
    db: Database, tenant: Tenant, alice: Actor, system: Actor, gateway: sandbox.SandboxGateway, clock: Clock
) -> None:
    payment = await make.paid(db, alice, gateway)
    await payments.refund(db, system, gateway, payment.id, 1_000)
    await make.paid(db, alice, gateway, cents=500)
    clock.offset = timedelta(days=2)
    await make.paid(db, alice, gateway, cents=700)
    now = clock.now()
    async with db.transaction(system) as tx:
        days = await payments.revenue(tx, since=now - timedelta(days=9), until=now + timedelta(hours=1))
    assert [(d.payments, d.gross_cents, d.fee_cents, d.refunded_cents) for d in days] == [
        (2, 10_500, 1_575, 1_000),
        (1, 700, 105, 0),
    ]
    assert (days[1].day - days[0].day).days == 2
