"""The same phases over Stripe, which remembers its failures: a 500 comes again under its key for a day."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from bookable.domain import payments
from bookable.integrations.stripe import StripeGateway
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import Unavailable
from bookable.kernel.tenants import Tenant
from tests import make_payments as make
from tests.doubles.stripe import StripeDouble


@pytest.fixture(scope="module")
def double() -> Iterator[StripeDouble]:
    with StripeDouble() as stripe:
        yield stripe


@pytest.fixture
async def stripe_gateway(double: StripeDouble) -> AsyncIterator[StripeGateway]:
    gateway = StripeGateway(double.secret_key, publishable_key="pk_test", api_base=double.url)
    yield gateway
    double.heal()
    await gateway.aclose()


async def test_paid_and_refunded_our_books_are_stripes(
    db: Database, tenant: Tenant, alice: Actor, stripe_gateway: StripeGateway
) -> None:
    payment = await make.paid(db, alice, stripe_gateway)
    done = await payments.refund(db, alice, stripe_gateway, payment.id, 2_500, reason="rain")
    assert (done.payment.status, done.refund.status) == ("partially_refunded", "succeeded")
    assert (await make.books(db, tenant.id))["gateway:stripe"] == 7_500
    seen = await stripe_gateway.intent(payment.intent_id or "")
    assert (seen.captured, seen.refunded) == (10_000, 2_500)


async def test_a_charge_behind_a_remembered_500_is_found(
    db: Database, alice: Actor, stripe_gateway: StripeGateway, double: StripeDouble
) -> None:
    payment = await make.presented(db, alice, stripe_gateway)
    intent_id = payment.intent_id or ""
    double.inject("error_after", match="confirm")
    with pytest.raises(Unavailable):
        await payments.confirm(db, alice, stripe_gateway, intent_id, "pm_card_visa")
    assert (await payments.confirm(db, alice, stripe_gateway, intent_id, "pm_card_visa")).is_paid
    assert len(double.charges(intent_id)) == 1


async def test_an_attempt_that_only_fails_gives_way_to_a_new_one_when_its_time_is_over(
    db: Database, alice: Actor, system: Actor, stripe_gateway: StripeGateway, double: StripeDouble, clock: Clock
) -> None:
    payment = await make.presented(db, alice, stripe_gateway)
    intent_id = payment.intent_id or ""
    double.inject("error_before", match="confirm")
    with pytest.raises(Unavailable):
        await payments.confirm(db, alice, stripe_gateway, intent_id, "pm_card_visa")
    clock.offset = timedelta(seconds=41)
    await payments.complete_abandoned(db, system, stripe_gateway)
    paid = await payments.confirm(db, alice, stripe_gateway, intent_id, "pm_card_visa")
    assert (paid.status, paid.attempt) == ("succeeded", 2)
    assert len(double.charges(intent_id)) == 1


async def test_a_creation_that_only_fails_gets_a_new_key(
    db: Database, alice: Actor, stripe_gateway: StripeGateway, double: StripeDouble
) -> None:
    payment = await make.opened(db, alice)
    double.inject("error_before", match="payment_intents$")
    for _ in range(2):
        with pytest.raises(Unavailable):
            await payments.present(db, alice, stripe_gateway, payment.id)
    await payments.present(db, alice, stripe_gateway, payment.id)
    assert len(double.intents(payment_id=str(payment.id))) == 1


@pytest.mark.parametrize("mode", ["error_before", "error_after"])
async def test_a_refund_behind_a_remembered_500_goes_back_once(
    db: Database,
    alice: Actor,
    system: Actor,
    stripe_gateway: StripeGateway,
    double: StripeDouble,
    clock: Clock,
    mode: str,
) -> None:
    payment = await make.paid(db, alice, stripe_gateway)
    double.inject(mode, match="refunds")
    pending = await payments.refund(db, alice, stripe_gateway, payment.id, 1_000)
    assert pending.refund.status == "pending"
    for minute in range(1, 5):
        clock.offset = timedelta(minutes=minute)
        await payments.complete_abandoned(db, system, stripe_gateway)
    async with db.transaction(alice) as tx:
        assert (await payments.get(tx, payment.id)).refunded_cents == 1_000
    assert [one["amount"] for one in double.refunds(payment.intent_id)] == [1_000]


async def test_a_slow_refund_that_fails_can_be_refunded_again(
    db: Database, alice: Actor, system: Actor, stripe_gateway: StripeGateway, double: StripeDouble, clock: Clock
) -> None:
    payment = await make.presented(db, alice, stripe_gateway)
    await payments.confirm(db, alice, stripe_gateway, payment.intent_id or "", "pm_card_refundFail")
    pending = await payments.refund(db, alice, stripe_gateway, payment.id)
    assert (pending.refund.status, pending.payment.refundable_cents) == ("pending", 0)
    assert pending.refund.provider_refund_id is not None
    double.payer.settle_refund(pending.refund.provider_refund_id, ok=False)
    clock.offset = timedelta(seconds=50)
    await payments.complete_abandoned(db, system, stripe_gateway)
    async with db.transaction(alice) as tx:
        found = await payments.get(tx, payment.id)
    assert (found.status, found.refundable_cents) == ("succeeded", 10_000)


async def test_many_tries_with_one_card_at_once_are_one_charge_and_nobody_is_told_of_trouble(
    db: Database, tenant: Tenant, alice: Actor, stripe_gateway: StripeGateway, double: StripeDouble
) -> None:
    payment = await make.presented(db, alice, stripe_gateway)
    intent_id = payment.intent_id or ""
    tries = [payments.confirm(db, alice, stripe_gateway, intent_id, "pm_card_visa") for _ in range(6)]
    assert {one.status for one in await asyncio.gather(*tries)} == {payments.Status.SUCCEEDED}
    assert len(double.charges(intent_id)) == 1
    assert (await make.books(db, tenant.id))["gateway:stripe"] == 10_000
