"""A payment from its opening to the money: one row, one intent, one charge, whatever happens in between."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookable.domain import payments
from bookable.domain.payments.events import PaymentFailed, PaymentProcessing, PaymentSucceeded
from bookable.domain.payments.ports import IntentState
from bookable.domain.payments.settling import refuse, settle
from bookable.integrations import sandbox
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import InvalidState, NotFound, Unavailable
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make_payments as make
from tests.domain.payments.conftest import Jobs


async def at_the_provider(db: Database, payment: payments.Payment) -> int:
    """How many intents the provider has for the payment."""
    async with make.as_owner(db) as owner:
        return int(
            await owner.fetchval(
                "SELECT count(*) FROM sandbox_intents WHERE state->'metadata'->>'payment_id' = $1", str(payment.id)
            )
        )


async def test_opening_twice_is_one_payment(db: Database, alice: Actor) -> None:
    subject = new_id()
    first = await make.opened(db, alice, subject_id=subject)
    assert await make.opened(db, alice, subject_id=subject) == first
    assert first.status is payments.Status.PENDING
    with pytest.raises(payments.AmountChanged):
        await make.opened(db, alice, subject_id=subject, cents=9_999)


async def test_a_deposit_and_the_rest_are_two_payments_of_one_subject(db: Database, alice: Actor) -> None:
    subject = new_id()
    deposit = await make.opened(db, alice, subject_id=subject, cents=5_000, purpose="deposit")
    rest = await make.opened(db, alice, subject_id=subject, cents=5_000, purpose="rest")
    assert deposit.id != rest.id
    async with db.transaction(alice) as tx:
        assert await payments.of_subject(tx, subject) == [deposit, rest]
        assert await payments.of_subjects(tx, [subject, new_id()]) == {subject: rest}


async def test_presenting_twice_is_one_intent(db: Database, alice: Actor, gateway: sandbox.SandboxGateway) -> None:
    payment = await make.opened(db, alice)
    first = await payments.present(db, alice, gateway, payment.id)
    second = await payments.present(db, alice, gateway, payment.id)
    assert first.client_secret == second.client_secret
    assert first.payment.intent_id == second.payment.intent_id
    assert first.payment.provider == "sandbox"
    assert await at_the_provider(db, payment) == 1


async def test_nobody_pays_what_is_not_theirs(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    payment = await make.presented(db, alice, gateway)
    mallory = make.customer(tenant.id)
    with pytest.raises(NotFound):
        await payments.present(db, mallory, gateway, payment.id)
    with pytest.raises(NotFound):
        await payments.confirm(db, mallory, gateway, payment.intent_id or "", "pm_card_visa")


async def test_a_good_card_pays_at_once(
    db: Database, tenant: Tenant, alice: Actor, gateway: sandbox.SandboxGateway, heard: make.Heard
) -> None:
    payment = await make.paid(db, alice, gateway)
    assert (payment.status, payment.captured_cents, payment.working_until) == ("succeeded", 10_000, None)
    assert (payment.method_type, payment.card_brand, payment.last4) == ("card", "visa", "4242")
    assert payment.paid_at is not None
    told = PaymentSucceeded(payment_id=str(payment.id), subject_id=str(payment.subject_id), amount_cents=10_000)
    assert heard == [told]
    assert await make.books(db, tenant.id) == {
        "gateway:sandbox": 10_000,
        "payable:celebrity": -7_700,
        "platform:fees": -1_500,
        "tax": -800,
    }


async def test_confirming_what_is_paid_changes_nothing(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway, heard: make.Heard
) -> None:
    payment = await make.paid(db, alice, gateway)
    assert await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_chargeDeclined") == payment
    assert len(heard) == 1


async def test_a_declined_card_is_told_and_another_one_pays(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway, heard: make.Heard
) -> None:
    payment = await make.presented(db, alice, gateway)
    with pytest.raises(payments.PaymentRefused) as refused:
        await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_chargeDeclined")
    assert refused.value.details["reason"] == "generic_decline"
    async with db.transaction(alice) as tx:
        failed = await payments.get(tx, payment.id)
    assert (failed.status, failed.failure_code, failed.working_until) == ("failed", "generic_decline", None)

    again = await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    assert (again.status, again.failure_code, again.attempt) == ("succeeded", None, 2)
    assert [type(event) for event in heard] == [PaymentFailed, PaymentSucceeded]


async def test_what_was_seen_before_something_changed_says_nothing(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    payment = await make.presented(db, alice, gateway)
    seen = replace(await gateway.intent(payment.intent_id or ""), state=IntentState.PROCESSING)
    with pytest.raises(payments.PaymentRefused):
        await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_chargeDeclined")
    async with db.transaction(alice.widened()) as tx:
        late = await settle(tx, payment_id=payment.id, seen=seen, basis=payment.version)
    assert (late.stale, late.payment.status) == (True, "failed")
    async with db.transaction(alice.widened()) as tx:
        fresh = await settle(tx, payment_id=payment.id, seen=seen, basis=late.payment.version)
    assert (fresh.stale, fresh.payment.status) == (False, "processing")


async def test_the_refusal_of_an_earlier_attempt_changes_nothing(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway, heard: make.Heard
) -> None:
    payment = await make.presented(db, alice, gateway)
    for _ in range(2):
        with pytest.raises(payments.PaymentRefused):
            await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_chargeDeclined")
    async with db.transaction(alice.widened()) as tx:
        before = await payments.get(tx, payment.id)
        after = await refuse(tx, payment_id=payment.id, attempt=before.attempt - 1, code="late_news")
    assert after == before
    assert before.failure_code == "generic_decline"


async def test_where_capture_fails_the_payment_is_refused(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    payment = await make.presented(db, alice, gateway)
    with pytest.raises(payments.PaymentRefused):
        await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa_captureFails")
    assert (await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")).is_paid


@pytest.mark.parametrize("card", ["pm_card_authenticationRequired", "pm_card_visa_delayed"])
async def test_waiting_for_the_payer_or_the_bank_is_processing_and_ends_by_webhook(
    db: Database,
    alice: Actor,
    gateway: sandbox.SandboxGateway,
    payer: sandbox.Payer,
    jobs: Jobs,
    heard: make.Heard,
    clock: Clock,
    card: str,
) -> None:
    payment = await make.presented(db, alice, gateway)
    intent_id = payment.intent_id or ""
    waiting = await payments.confirm(db, alice, gateway, intent_id, card)
    assert (waiting.status, waiting.captured_cents) == ("processing", 0)
    assert (await payments.confirm(db, alice, gateway, intent_id)).status == "processing"
    if card == "pm_card_authenticationRequired":
        await payer.act(intent_id, "authenticate")
    clock.offset = timedelta(seconds=3)
    await make.work_off(db, alice, jobs)
    async with db.transaction(alice) as tx:
        assert (await payments.get(tx, payment.id)).status == "succeeded"
    assert [type(event) for event in heard] == [PaymentProcessing, PaymentSucceeded]


async def test_asked_to_authenticate_one_may_take_another_card(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    payment = await make.presented(db, alice, gateway)
    await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_authenticationRequired")
    assert (await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")).is_paid


async def test_what_is_held_is_captured_once(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway, heard: make.Heard
) -> None:
    payment = await make.paid(db, alice, gateway, manual_capture=True)
    assert (payment.status, payment.captured_cents) == ("authorized", 0)
    taken = await payments.capture(db, alice, gateway, payment.id)
    assert (taken.status, taken.captured_cents) == ("succeeded", 10_000)
    assert await payments.capture(db, alice, gateway, payment.id) == taken
    assert [type(event).__name__ for event in heard] == ["PaymentAuthorized", "PaymentSucceeded"]


async def test_a_capture_that_fails_leaves_the_hold(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    payment = await make.presented(db, alice, gateway, manual_capture=True)
    await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa_captureFails")
    with pytest.raises(payments.PaymentRefused):
        await payments.capture(db, alice, gateway, payment.id)
    async with db.transaction(alice) as tx:
        assert (await payments.get(tx, payment.id)).status == "authorized"


async def test_a_lapsed_hold_ends_the_payment_and_makes_room_for_another(
    db: Database,
    alice: Actor,
    gateway: sandbox.SandboxGateway,
    payer: sandbox.Payer,
    jobs: Jobs,
    heard: make.Heard,
) -> None:
    payment = await make.paid(db, alice, gateway, manual_capture=True)
    await payer.act(payment.intent_id or "", "expire-authorization")
    await make.work_off(db, alice, jobs)
    with pytest.raises(InvalidState):
        await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    assert isinstance(heard[-1], PaymentFailed)
    assert heard[-1].code == "canceled"
    assert (await make.opened(db, alice, subject_id=payment.subject_id)).id != payment.id


async def test_what_is_unpaid_can_be_cancelled_and_what_is_paid_can_not(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway
) -> None:
    unpaid, paid = await make.presented(db, alice, gateway), await make.paid(db, alice, gateway)
    assert (await payments.cancel(db, alice, gateway, unpaid.id)).status == "cancelled"
    assert (await payments.cancel(db, alice, gateway, unpaid.id)).status == "cancelled"
    with pytest.raises(InvalidState):
        await payments.cancel(db, alice, gateway, paid.id)


@pytest.mark.parametrize("mode", ["down", "error-after-effect"])
async def test_a_lost_answer_to_the_creation_leaves_one_intent(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway, faults: sandbox.Faults, mode: str
) -> None:
    payment = await make.opened(db, alice)
    await faults.order("stripe", mode, 1)
    with pytest.raises(Unavailable):
        await payments.present(db, alice, gateway, payment.id)
    presented = await payments.present(db, alice, gateway, payment.id)
    assert presented.payment.intent_id is not None
    assert await at_the_provider(db, payment) == 1


async def test_a_charge_whose_answer_was_lost_is_found_and_not_repeated(
    db: Database,
    tenant: Tenant,
    alice: Actor,
    gateway: sandbox.SandboxGateway,
    faults: sandbox.Faults,
    heard: make.Heard,
) -> None:
    payment = await make.presented(db, alice, gateway)
    await faults.order("stripe", "error-after-effect", 1)
    with pytest.raises(Unavailable):
        await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    async with db.transaction(alice) as tx:
        assert (await payments.get(tx, payment.id)).status == "pending"
    paid = await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    assert (paid.status, paid.attempt, paid.working_until) == ("succeeded", 1, None)
    assert len(heard) == 1
    assert (await make.books(db, tenant.id))["gateway:sandbox"] == 10_000


async def test_while_the_provider_is_down_it_can_be_tried_again(
    db: Database, alice: Actor, gateway: sandbox.SandboxGateway, faults: sandbox.Faults
) -> None:
    payment = await make.presented(db, alice, gateway)
    await faults.order("stripe", "down", 1)
    with pytest.raises(Unavailable):
        await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    assert (await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")).is_paid


async def test_a_try_a_day_later_when_every_key_is_forgotten_is_still_one_charge(
    db: Database,
    tenant: Tenant,
    alice: Actor,
    gateway: sandbox.SandboxGateway,
    faults: sandbox.Faults,
    clock: Clock,
) -> None:
    payment = await make.presented(db, alice, gateway)
    await faults.order("stripe", "error-after-effect", 1)
    with pytest.raises(Unavailable):
        await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")
    clock.offset = timedelta(hours=25)
    assert (await payments.confirm(db, alice, gateway, payment.intent_id or "", "pm_card_visa")).is_paid
    assert (await make.books(db, tenant.id))["gateway:sandbox"] == 10_000


async def test_a_guests_payment_is_handed_over_to_the_user_they_become(
    db: Database, tenant: Tenant, system: Actor, gateway: sandbox.SandboxGateway
) -> None:
    guest, user = Actor.guest(tenant.id, new_id()), make.customer(tenant.id)
    payment = await make.paid(db, guest, gateway)
    async with db.transaction(system) as tx:
        assert await payments.hand_over(tx, old_owner=guest.id or new_id(), new_owner=user.id or new_id()) == 1
    async with db.transaction(user) as tx:
        assert (await payments.get(tx, payment.id)).captured_cents == 10_000
        told = await payments.export(tx, user.id or new_id())
    assert [(row["amount_cents"], row["last4"]) for row in told] == [(10_000, "4242")]
