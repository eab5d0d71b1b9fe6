"""What every payment gateway does: charging, holding, refusing, giving back."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from stripe import WebhookSignature

from bookable.domain.payments.errors import InvalidSignature, KeyReused, PaymentRefused, RefundTooLarge
from bookable.domain.payments.ports import GatewayIntent, GatewayRefund, IntentState, RefundState
from bookable.kernel.errors import InvalidState, Malformed, NotFound, Unavailable
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money
from tests.contracts.payment_providers import PaymentProvider, events

EUR = 10_00
NOWHERE = "pi_0000000000000000000000"


def key() -> str:
    return str(new_id())


async def intent_of(provider: PaymentProvider, cents: int = EUR, *, held: bool = False) -> GatewayIntent:
    money = Money(cents, "EUR")
    return await provider.gateway.create_intent(money, key=key(), metadata={}, manual_capture=held)


async def paid(provider: PaymentProvider, cents: int = EUR, *, held: bool = False) -> GatewayIntent:
    intent = await intent_of(provider, cents, held=held)
    return await provider.gateway.confirm(intent.id, key=key(), method="pm_card_visa")


async def refund(provider: PaymentProvider, intent: GatewayIntent, cents: int) -> GatewayRefund:
    money = Money(cents, "EUR")
    return await provider.gateway.refund(intent.id, money, key=key(), metadata={"refund": str(cents)})


async def test_a_new_intent_waits_for_a_method_and_has_taken_nothing(payments: PaymentProvider) -> None:
    intent = await payments.gateway.create_intent(
        Money(EUR, "EUR"), key=key(), metadata={"booking": "b1"}, description="One hour"
    )
    assert intent.state is IntentState.REQUIRES_METHOD
    assert (intent.amount, intent.captured, intent.refunded) == (Money(EUR, "EUR"), 0, 0)
    assert intent.metadata["booking"] == "b1"
    assert intent.client_secret
    assert await payments.gateway.intent(intent.id) == intent


async def test_the_tenant_travels_in_the_metadata(payments: PaymentProvider) -> None:
    tenant = new_id()
    intent = await payments.gateway.create_intent(Money(EUR, "EUR"), key=key(), metadata={}, tenant_id=tenant)
    assert intent.metadata["tenant_id"] == str(tenant)


@pytest.mark.parametrize(("cents", "currency"), [(1_000, "JPY"), (500, "ISK"), (5_000, "KWD"), (500, "USD")])
async def test_amounts_come_back_in_our_minor_units(payments: PaymentProvider, cents: int, currency: str) -> None:
    money = Money(cents, currency)
    intent = await payments.gateway.create_intent(money, key=key(), metadata={}, manual_capture=True)
    await payments.gateway.confirm(intent.id, key=key(), method="pm_card_visa")
    part = Money(money.amount // 5, currency)
    taken = await payments.gateway.capture(intent.id, key=key(), amount=part)
    assert (taken.amount, taken.captured) == (money, part.amount)


async def test_the_same_key_twice_is_one_intent(payments: PaymentProvider) -> None:
    once, booking = key(), key()
    first, second = [
        await payments.gateway.create_intent(Money(EUR, "EUR"), key=once, metadata={"booking": booking})
        for _ in range(2)
    ]
    assert first == second
    assert await payments.intents(booking) == 1


async def test_the_same_key_with_another_amount_is_refused(payments: PaymentProvider) -> None:
    once, booking = key(), key()
    await payments.gateway.create_intent(Money(EUR, "EUR"), key=once, metadata={"booking": booking})
    with pytest.raises(KeyReused):
        await payments.gateway.create_intent(Money(EUR + 1, "EUR"), key=once, metadata={"booking": booking})
    assert await payments.intents(booking) == 1


async def test_a_good_card_pays_and_is_told_by_brand_and_last_digits(payments: PaymentProvider) -> None:
    intent = await paid(payments)
    assert intent.state is IntentState.SUCCEEDED
    assert intent.captured == EUR
    assert (intent.method_type, intent.card_brand, intent.last4) == ("card", "visa", "4242")
    assert intent.charge_id
    assert intent.decline_code is None


async def test_confirming_what_is_paid_changes_nothing(payments: PaymentProvider) -> None:
    intent = await paid(payments)
    again = await payments.gateway.confirm(intent.id, key=key(), method="pm_card_visa")
    assert again == intent


async def test_a_declined_card_leaves_the_intent_open_for_another(payments: PaymentProvider) -> None:
    intent = await intent_of(payments)
    with pytest.raises(PaymentRefused) as refused:
        await payments.gateway.confirm(intent.id, key=key(), method="pm_card_chargeDeclined")
    assert refused.value.details["reason"] == "generic_decline"

    declined = await payments.gateway.intent(intent.id)
    assert declined.state is IntentState.REQUIRES_METHOD
    assert (declined.decline_code, declined.captured) == ("generic_decline", 0)

    saved = await payments.gateway.confirm(intent.id, key=key(), method="pm_card_visa")
    assert (saved.state, saved.captured, saved.decline_code) == (IntentState.SUCCEEDED, EUR, None)


async def test_a_method_that_is_not_is_refused(payments: PaymentProvider) -> None:
    intent = await intent_of(payments)
    with pytest.raises(PaymentRefused):
        await payments.gateway.confirm(intent.id, key=key(), method="pm_card_nobodys")


async def test_confirming_without_any_method_is_not_possible(payments: PaymentProvider) -> None:
    intent = await intent_of(payments)
    with pytest.raises(InvalidState):
        await payments.gateway.confirm(intent.id, key=key())


async def test_a_card_may_ask_for_authentication(payments: PaymentProvider) -> None:
    intent = await intent_of(payments)
    asked = await payments.gateway.confirm(intent.id, key=key(), method="pm_card_authenticationRequired")
    assert (asked.state, asked.captured) == (IntentState.REQUIRES_ACTION, 0)

    await payments.authenticate(intent.id)
    assert (await payments.gateway.intent(intent.id)).state is IntentState.SUCCEEDED


async def test_failed_authentication_leaves_the_intent_open(payments: PaymentProvider) -> None:
    intent = await intent_of(payments)
    await payments.gateway.confirm(intent.id, key=key(), method="pm_card_authenticationRequired")
    await payments.fail(intent.id)
    failed = await payments.gateway.intent(intent.id)
    assert failed.state is IntentState.REQUIRES_METHOD
    assert failed.decline_code


async def test_a_slow_payment_succeeds_by_a_webhook(payments: PaymentProvider) -> None:
    intent = await intent_of(payments)
    slow = await payments.gateway.confirm(intent.id, key=key(), method="pm_card_visa_delayed")
    assert (slow.state, slow.captured) == (IntentState.PROCESSING, 0)
    assert (await payments.gateway.confirm(intent.id, key=key())).state in {
        IntentState.PROCESSING,
        IntentState.SUCCEEDED,
    }

    await payments.succeed(intent.id)
    assert (await payments.gateway.intent(intent.id)).captured == EUR
    told = events(payments, await payments.deliveries())
    assert ("payment_intent.succeeded", intent.id) in [(one.type, one.intent_id) for one in told]


async def test_the_payer_may_pay_without_us(payments: PaymentProvider) -> None:
    intent = await intent_of(payments)
    await payments.succeed(intent.id)
    assert (await payments.gateway.intent(intent.id)).state is IntentState.SUCCEEDED
    await payments.succeed(intent.id)
    told = [one.type for one in events(payments, await payments.deliveries())]
    assert told.count("payment_intent.succeeded") == 1


async def test_a_hold_takes_nothing_until_captured_and_says_when_it_lapses(payments: PaymentProvider) -> None:
    held = await paid(payments, held=True)
    assert (held.state, held.captured) == (IntentState.REQUIRES_CAPTURE, 0)
    assert held.capture_before is not None
    assert held.capture_before > datetime.now(UTC) + timedelta(days=1)

    taken = await payments.gateway.capture(held.id, key=key())
    assert (taken.state, taken.captured, taken.refunded) == (IntentState.SUCCEEDED, EUR, 0)
    assert await payments.gateway.capture(held.id, key=key()) == taken


async def test_part_of_a_hold_may_be_captured_and_the_rest_is_no_refund(payments: PaymentProvider) -> None:
    held = await paid(payments, held=True)
    part = Money(6_00, "EUR")
    taken = await payments.gateway.capture(held.id, key=key(), amount=part)
    assert (taken.state, taken.captured, taken.refunded) == (IntentState.SUCCEEDED, 6_00, 0)
    assert await payments.gateway.refunds(held.id) == []
    assert await payments.gateway.capture(held.id, key=key(), amount=part) == taken
    with pytest.raises(InvalidState):
        await payments.gateway.capture(held.id, key=key(), amount=Money(4_00, "EUR"))

    await refund(payments, held, 1_00)
    with pytest.raises(RefundTooLarge):
        await refund(payments, held, 5_01)
    assert (await payments.gateway.intent(held.id)).refunded == 1_00


async def test_no_more_than_is_held_can_be_captured(payments: PaymentProvider) -> None:
    held = await paid(payments, held=True)
    with pytest.raises(PaymentRefused):
        await payments.gateway.capture(held.id, key=key(), amount=Money(EUR + 1, "EUR"))
    assert (await payments.gateway.intent(held.id)).state is IntentState.REQUIRES_CAPTURE


async def test_a_capture_may_fail_and_the_hold_stays(payments: PaymentProvider) -> None:
    intent = await intent_of(payments, held=True)
    await payments.gateway.confirm(intent.id, key=key(), method="pm_card_visa_captureFails")
    with pytest.raises(PaymentRefused) as refused:
        await payments.gateway.capture(intent.id, key=key())
    assert refused.value.details["reason"]
    left = await payments.gateway.intent(intent.id)
    assert (left.state, left.captured) == (IntentState.REQUIRES_CAPTURE, 0)


async def test_where_capture_is_automatic_its_failure_is_a_decline(payments: PaymentProvider) -> None:
    intent = await intent_of(payments)
    with pytest.raises(PaymentRefused):
        await payments.gateway.confirm(intent.id, key=key(), method="pm_card_visa_captureFails")
    assert (await payments.gateway.intent(intent.id)).captured == 0


async def test_a_lapsed_hold_cannot_be_captured(payments: PaymentProvider) -> None:
    held = await paid(payments, held=True)
    await payments.expire_authorization(held.id)
    lapsed = await payments.gateway.intent(held.id)
    assert (lapsed.state, lapsed.captured, lapsed.refunded) == (IntentState.CANCELLED, 0, 0)
    with pytest.raises(InvalidState):
        await payments.gateway.capture(held.id, key=key())
    told = events(payments, await payments.deliveries())
    assert ("payment_intent.canceled", held.id) in [(one.type, one.intent_id) for one in told]


@pytest.mark.parametrize("held", [False, True])
async def test_cancelling_twice_is_cancelling_once(payments: PaymentProvider, held: bool) -> None:
    intent = await (paid(payments, held=True) if held else intent_of(payments))
    cancelled = await payments.gateway.cancel(intent.id, key=key())
    assert (cancelled.state, cancelled.captured, cancelled.refunded) == (IntentState.CANCELLED, 0, 0)
    assert await payments.gateway.cancel(intent.id, key=key()) == cancelled
    assert await payments.gateway.refunds(intent.id) == []
    with pytest.raises(InvalidState):
        await payments.gateway.confirm(intent.id, key=key(), method="pm_card_visa")


async def test_what_is_paid_cannot_be_cancelled(payments: PaymentProvider) -> None:
    intent = await paid(payments)
    with pytest.raises(InvalidState):
        await payments.gateway.cancel(intent.id, key=key())
    assert (await payments.gateway.intent(intent.id)).captured == EUR


async def test_refunds_add_up_to_at_most_what_was_captured(payments: PaymentProvider) -> None:
    intent = await paid(payments)
    first = await refund(payments, intent, 4_00)
    assert (first.state, first.intent_id, first.amount) == (
        RefundState.SUCCEEDED,
        intent.id,
        Money(4_00, "EUR"),
    )
    with pytest.raises(RefundTooLarge):
        await refund(payments, intent, 6_01)
    last = await refund(payments, intent, 6_00)
    with pytest.raises(RefundTooLarge):
        await refund(payments, intent, 1)
    assert (await payments.gateway.intent(intent.id)).refunded == EUR
    assert await payments.gateway.refunds(intent.id) == [first, last]
    assert [one.metadata["refund"] for one in (first, last)] == ["400", "600"]
    told = events(payments, await payments.deliveries())
    assert [one.intent_id for one in told if one.type == "charge.refunded"] == [intent.id] * 2


async def test_the_same_key_refunds_once(payments: PaymentProvider) -> None:
    intent, once = await paid(payments), key()
    first, second = [
        await payments.gateway.refund(intent.id, Money(1_00, "EUR"), key=once, metadata={}, reason="rain")
        for _ in range(2)
    ]
    assert first == second
    assert (await payments.gateway.intent(intent.id)).refunded == 1_00
    with pytest.raises(KeyReused):
        await payments.gateway.refund(intent.id, Money(2_00, "EUR"), key=once, metadata={}, reason="rain")


async def test_refunds_at_once_never_exceed_the_capture(payments: PaymentProvider) -> None:
    intent = await paid(payments)
    tries = await asyncio.gather(*[refund(payments, intent, 3_00) for _ in range(10)], return_exceptions=True)
    assert sum(isinstance(one, GatewayRefund) for one in tries) == 3
    assert sum(isinstance(one, RefundTooLarge) for one in tries) == 7
    assert (await payments.gateway.intent(intent.id)).refunded == 9_00


async def test_only_captured_money_can_be_refunded(payments: PaymentProvider) -> None:
    for intent in (await intent_of(payments), await paid(payments, held=True)):
        with pytest.raises(InvalidState):
            await refund(payments, intent, 1_00)


async def test_a_dispute_marks_the_intent(payments: PaymentProvider) -> None:
    intent = await paid(payments)
    await payments.dispute(intent.id)
    assert (await payments.gateway.intent(intent.id)).disputed
    told = events(payments, await payments.deliveries())
    assert ("charge.dispute.created", intent.id) in [(one.type, one.intent_id) for one in told]


async def test_what_is_unknown_is_not_found(payments: PaymentProvider) -> None:
    gateway, money = payments.gateway, Money(1_00, "EUR")
    for call in (
        gateway.intent(NOWHERE),
        gateway.confirm(NOWHERE, key=key(), method="pm_card_visa"),
        gateway.capture(NOWHERE, key=key()),
        gateway.cancel(NOWHERE, key=key()),
        gateway.refund(NOWHERE, money, key=key(), metadata={}),
        gateway.refunds(NOWHERE),
    ):
        with pytest.raises(NotFound):
            await call


async def test_a_lost_answer_is_found_again_under_the_same_key(payments: PaymentProvider) -> None:
    booking, create, confirm, back = key(), key(), key(), key()
    money = Money(EUR, "EUR")
    await payments.lose_answers()
    with pytest.raises(Unavailable):
        await payments.gateway.create_intent(money, key=create, metadata={"booking": booking})
    await payments.heal()
    intent = await payments.gateway.create_intent(money, key=create, metadata={"booking": booking})
    assert await payments.intents(booking) == 1

    await payments.lose_answers()
    with pytest.raises(Unavailable):
        await payments.gateway.confirm(intent.id, key=confirm, method="pm_card_visa")
    await payments.heal()
    taken = await payments.gateway.confirm(intent.id, key=confirm, method="pm_card_visa")
    assert taken.captured == EUR

    await payments.lose_answers()
    with pytest.raises(Unavailable):
        await payments.gateway.refund(intent.id, Money(1_00, "EUR"), key=back, metadata={"refund": "r"})
    await payments.heal()
    found = await payments.gateway.refund(intent.id, Money(1_00, "EUR"), key=back, metadata={"refund": "r"})
    assert await payments.gateway.refunds(intent.id) == [found]
    assert (await payments.gateway.intent(intent.id)).refunded == 1_00


async def test_webhooks_tell_what_happened_to_which_intent(payments: PaymentProvider) -> None:
    intent = await paid(payments)
    told = [one for one in events(payments, await payments.deliveries()) if one.intent_id == intent.id]
    assert {"payment_intent.created", "payment_intent.succeeded"} <= {one.type for one in told}
    assert len({one.id for one in told}) == len(told)
    success = next(one for one in told if one.type == "payment_intent.succeeded")
    assert success.object_id == intent.id
    assert success.payload["data"]["object"]["amount_received"] == EUR
    assert abs(success.created - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_webhook_that_was_changed_on_the_way_is_refused(payments: PaymentProvider) -> None:
    intent = await paid(payments)
    sent = (await payments.deliveries())[-1]
    header, verify = sent.headers["stripe-signature"], payments.gateway.verify
    assert verify(sent.body, header, secret=payments.secret).intent_id == intent.id
    written_anew = json.dumps(json.loads(sent.body), separators=(",", ":"), sort_keys=True).encode()
    for body, signature, secret in (
        (sent.body + b" ", header, payments.secret),
        (written_anew, header, payments.secret),
        (sent.body, header, "whsec_other"),
        (sent.body, header, ""),
        (sent.body, None, payments.secret),
        (sent.body, "", payments.secret),
        (sent.body, header.replace("v1=", "v0="), payments.secret),
    ):
        with pytest.raises(InvalidSignature):
            verify(body, signature, secret=secret)


EVENT = (
    b'{"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1700000000,'
    b'"data":{"object":{"id":"pi_1","object":"payment_intent"}}}'
)


def signed(body: bytes, secret: str, *, seconds_ahead: int) -> str:
    """By the official SDK."""
    at = int(time.time()) + seconds_ahead
    return str(WebhookSignature.generate_signature_header(body.decode(), secret, at))


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (-295, True), (295, True), (-305, False), (305, False)])
async def test_a_signature_holds_for_300_seconds_of_real_time_either_way(
    payments: PaymentProvider, seconds: int, good: bool
) -> None:
    header = signed(EVENT, payments.secret, seconds_ahead=seconds)
    if good:
        event = payments.gateway.verify(EVENT, header, secret=payments.secret)
        assert (event.id, event.intent_id) == ("evt_1", "pi_1")
        return
    with pytest.raises(InvalidSignature):
        payments.gateway.verify(EVENT, header, secret=payments.secret)


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b"{}", b"null", EVENT.replace(b'"id":"evt_1"', b'"id":7'), b'{"id":"evt_1"}']
)
async def test_what_is_rightly_signed_but_no_event_is_malformed(payments: PaymentProvider, body: bytes) -> None:
    header = signed(body, payments.secret, seconds_ahead=0)
    with pytest.raises(Malformed) as refused:
        payments.gateway.verify(body, header, secret=payments.secret)
    assert refused.value.code == "MALFORMED_REQUEST"
