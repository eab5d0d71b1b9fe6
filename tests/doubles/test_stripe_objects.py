"""The double's objects move as Stripe's do, and look like them: the SDK's own classes are the oracle."""

from typing import Any, get_args, get_origin

import pytest
import stripe as sdk

from tests.doubles.stripe import StripeDouble

HERE = {"enabled": True, "allow_redirects": "never"}


def intent(client: sdk.StripeClient, **params: Any) -> sdk.PaymentIntent:
    return client.v1.payment_intents.create(
        {"amount": 1099, "currency": "eur", "automatic_payment_methods": HERE, **params}  # type: ignore[typeddict-item]  # free
    )


def paid(client: sdk.StripeClient, method: str = "pm_card_visa", **params: Any) -> sdk.PaymentIntent:
    return intent(client, payment_method=method, confirm=True, **params)


def literals(hint: Any) -> set[str]:
    if isinstance(hint, str):
        return {hint}
    return set().union(*map(literals, get_args(hint))) if get_origin(hint) or get_args(hint) else set()


def test_every_field_event_and_state_is_one_the_sdk_knows(stripe: StripeDouble, client: sdk.StripeClient) -> None:
    held = paid(client, capture_method="manual")
    client.v1.payment_intents.capture(held.id, {"amount_to_capture": 500})
    client.v1.refunds.create({"payment_intent": held.id, "amount": 100})
    client.v1.payment_intents.cancel(intent(client).id)
    paid(client, "pm_card_createDispute")
    stripe.payer.dispute(paid(client).id)
    slow = paid(client, "pm_card_visa_delayed")
    stripe.payer.fail(slow.id)
    account = client.v1.accounts.create({"type": "express", "capabilities": {"transfers": {"requested": True}}})
    stripe.payer.onboard(account.id)
    client.v1.transfers.create({"amount": 300, "currency": "eur", "destination": account.id})
    client.v1.payouts.create({"amount": 300, "currency": "eur"}, {"stripe_account": account.id})

    known = {
        "payment_intent": sdk.PaymentIntent,
        "charge": sdk.Charge,
        "refund": sdk.Refund,
        "dispute": sdk.Dispute,
        "account": sdk.Account,
        "transfer": sdk.Transfer,
        "payout": sdk.Payout,
    }
    types = literals(sdk.Event.__annotations__["type"])
    seen = set()
    for event in stripe.events():
        told = event["data"]["object"]
        seen.add(told["object"])
        assert event["type"] in types
        assert set(event) <= set(sdk.Event.__annotations__)
        assert set(told) <= set(known[told["object"]].__annotations__), told["object"]
    assert seen == set(known)


def test_a_return_address_is_wanted_where_redirects_are_allowed(client: sdk.StripeClient) -> None:
    free = client.v1.payment_intents.create(
        {"amount": 1099, "currency": "eur", "automatic_payment_methods": {"enabled": True}}
    )
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.payment_intents.confirm(free.id, {"payment_method": "pm_card_visa"})
    assert refused.value.param == "return_url"


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
    ],
)
def test_declines_come_as_card_errors(
    stripe: StripeDouble, client: sdk.StripeClient, method: str, code: str, decline_code: str | None
) -> None:
    made = intent(client)
    with pytest.raises(sdk.CardError) as refused:
        client.v1.payment_intents.confirm(made.id, {"payment_method": method})
    error = refused.value.error
    assert error is not None
    assert error.payment_intent is not None
    assert (refused.value.code, getattr(error, "decline_code", None)) == (code, decline_code)
    assert error.payment_intent.status == "requires_payment_method"
    assert stripe.charges(made.id) == []
    assert [e["type"] for e in stripe.events("payment_intent")][-1] == "payment_intent.payment_failed"


def test_authentication_is_asked_of_who_is_there_and_refused_of_who_is_not(client: sdk.StripeClient) -> None:
    asked = paid(client, "pm_card_authenticationRequired")
    assert (asked.status, asked.next_action is not None) == ("requires_action", True)
    with pytest.raises(sdk.CardError) as refused:
        paid(client, "pm_card_authenticationRequired", off_session=True)
    assert refused.value.code == "authentication_required"


def test_latest_charge_is_an_id_unless_expanded(client: sdk.StripeClient) -> None:
    plain = paid(client)
    assert isinstance(plain.latest_charge, str)
    whole = client.v1.payment_intents.retrieve(plain.id, {"expand": ["latest_charge"]})
    assert isinstance(whole.latest_charge, sdk.Charge)
    assert whole.latest_charge.id == client.v1.charges.retrieve(plain.latest_charge).id == plain.latest_charge
    with pytest.raises(sdk.InvalidRequestError):
        client.v1.payment_intents.retrieve(plain.id, {"expand": ["colour"]})


def test_what_is_not_captured_counts_as_refunded_on_the_charge(stripe: StripeDouble, client: sdk.StripeClient) -> None:
    held = paid(client, capture_method="manual")
    client.v1.payment_intents.capture(held.id, {"amount_to_capture": 500})
    charge = stripe.charges(held.id)[0]
    assert (charge["amount"], charge["amount_captured"], charge["amount_refunded"]) == (1099, 500, 599)
    assert stripe.totals() == {"eur": {"captured": 500, "refunded": 0}}


def test_holds_lapse_after_seven_days_of_the_doubles_clock(stripe: StripeDouble, client: sdk.StripeClient) -> None:
    held = paid(client, capture_method="manual")
    stripe.advance(6 * 86_400)
    assert client.v1.payment_intents.retrieve(held.id).status == "requires_capture"
    stripe.advance(86_401)
    lapsed = client.v1.payment_intents.retrieve(held.id)
    assert (lapsed.status, lapsed.cancellation_reason) == ("canceled", "automatic")
    assert "charge.expired" in [event["type"] for event in stripe.events()]


def test_a_refund_may_fail_later_and_then_its_amount_is_free_again(
    stripe: StripeDouble, client: sdk.StripeClient
) -> None:
    made = paid(client, "pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": made.id})
    assert refund.status == "pending"
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": made.id, "amount": 1})
    assert refused.value.code == "charge_already_refunded"
    stripe.payer.settle_refund(refund.id, ok=False)
    assert client.v1.refunds.retrieve(refund.id).status == "failed"
    assert stripe.totals()["eur"]["refunded"] == 0
    assert client.v1.refunds.create({"payment_intent": made.id, "amount": 99}).amount == 99
    assert stripe.events("refund.failed")


def test_a_disputed_charge_is_not_refunded_and_a_won_dispute_gives_the_money_back(
    stripe: StripeDouble, client: sdk.StripeClient
) -> None:
    made = paid(client)
    stripe.payer.dispute(made.id)
    assert stripe.totals()["eur"] == {"captured": 1099, "refunded": 0, "disputed": 1099}
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": made.id})
    assert refused.value.code == "charge_disputed"
    stripe.payer.close_dispute(made.id, won=True)
    assert "disputed" not in stripe.totals()["eur"]


def test_transfers_fill_an_account_and_payouts_empty_it(stripe: StripeDouble, client: sdk.StripeClient) -> None:
    account = client.v1.accounts.create({"type": "express", "country": "DE"})
    assert account.payouts_enabled is False
    with pytest.raises(sdk.InvalidRequestError):
        client.v1.transfers.create({"amount": 500, "currency": "eur", "destination": account.id})
    link = client.v1.account_links.create({"account": account.id, "type": "account_onboarding"})
    assert link.url.startswith("https://")
    stripe.payer.onboard(account.id)
    client.v1.transfers.create({"amount": 500, "currency": "eur", "destination": account.id})
    theirs: Any = {"stripe_account": account.id}
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.payouts.create({"amount": 501, "currency": "eur"}, theirs)
    assert refused.value.code == "balance_insufficient"
    payout = client.v1.payouts.create({"amount": 500, "currency": "eur"}, theirs)
    with pytest.raises(sdk.InvalidRequestError):
        client.v1.payouts.create({"amount": 1, "currency": "eur"}, theirs)
    stripe.payer.settle_payout(payout.id, ok=True)
    stripe.payer.settle_payout(payout.id, ok=False)
    assert client.v1.payouts.create({"amount": 500, "currency": "eur"}, theirs).status == "pending"
    assert stripe.totals()["eur"] == {"transferred": 500, "paid_out": 500}


def test_lists_are_newest_first_and_go_on_by_pages(client: sdk.StripeClient) -> None:
    made = paid(client)
    for amount in range(1, 8):
        client.v1.refunds.create({"payment_intent": made.id, "amount": amount})
    pages = client.v1.refunds.list({"payment_intent": made.id, "limit": 3})
    assert [one.amount for one in pages.data] == [7, 6, 5]
    assert [one.amount for one in pages.auto_paging_iter()] == [7, 6, 5, 4, 3, 2, 1]


def test_events_are_listed_by_type_and_time(stripe: StripeDouble, client: sdk.StripeClient) -> None:
    made = paid(client)
    found = client.v1.events.list({"types": ["payment_intent.succeeded"]}).data
    assert [(one.type, one.data.object["id"]) for one in found] == [("payment_intent.succeeded", made.id)]
    assert client.v1.events.retrieve(found[0].id).request is not None
    stripe.advance(100)
    assert client.v1.events.list({"created": {"gt": found[0].created + 50}}).data == []
