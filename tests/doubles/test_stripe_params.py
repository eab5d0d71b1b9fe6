"""The double takes the parameters that the SDK's own annotations list, and nothing else."""

from typing import Any

import httpx
import pytest
import stripe as sdk

from tests.doubles.stripe import StripeDouble

INTENTS = "/v1/payment_intents"


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ("amount=1099&currency=eur&colour=red", "parameter_unknown", "colour"),
        ("amount=1099&currency=eur&payment_method_types[]=card", "parameter_unknown", "payment_method_types"),
        ("amount=1099&currency=eur&idempotency_key=k", "parameter_unknown", "idempotency_key"),
        (
            "amount=1099&currency=eur&automatic_payment_methods[enable]=true",
            "parameter_unknown",
            "automatic_payment_methods[enable]",
        ),
        ("amount=1099", "parameter_missing", "currency"),
        (
            "amount=1099&currency=eur&automatic_payment_methods[allow_redirects]=never",
            "parameter_missing",
            "automatic_payment_methods[enabled]",
        ),
        ("amount=ten&currency=eur", "parameter_invalid_integer", "amount"),
        ("amount=10.99&currency=eur", "parameter_invalid_integer", "amount"),
        ("amount=1e3&currency=eur", "parameter_invalid_integer", "amount"),
        ("amount=&currency=eur", "parameter_invalid_empty", "amount"),
        ("amount=1099&currency=", "parameter_invalid_empty", "currency"),
        ("amount=1099&currency=eur&confirm=yes", None, "confirm"),
        ("amount=1099&currency=eur&capture_method=sometimes", None, "capture_method"),
        ("amount=1099&currency=eur&metadata=x", None, "metadata"),
        ("amount=1099&currency=eur&expand=latest_charge", None, "expand"),
        ("amount[x]=1099&currency=eur", None, "amount"),
        ("amount=1099&currency=eur&[x]=1", None, "[x]"),
        ("amount=10&currency=eur", "amount_too_small", "amount"),
    ],
)
async def test_what_stripe_does_not_know_is_refused(
    wire: httpx.AsyncClient, stripe: StripeDouble, form: str, code: str | None, param: str
) -> None:
    refused = await wire.post(INTENTS, content=form)
    error = refused.json()["error"]
    assert (refused.status_code, error.get("code"), error["param"]) == (400, code, param)
    assert error["type"] == "invalid_request_error"
    assert stripe.intents() == []


async def test_parameters_of_a_query_are_checked_too(wire: httpx.AsyncClient) -> None:
    assert (await wire.get("/v1/refunds?limit=3")).status_code == 200
    assert (await wire.get("/v1/refunds?limit=many")).status_code == 400
    assert (await wire.get("/v1/refunds?colour=red")).status_code == 400


@pytest.mark.parametrize(
    "params",
    [
        {"capture_method": "manual", "metadata": {"a": "1", "b": "x=y&z [1]"}},
        {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}, "description": "Zoë ✓"},
        {"allowed_payment_method_types": ["card", "sepa_debit"], "setup_future_usage": "off_session"},
        {"shipping": {"name": "N", "address": {"line1": "1 Way", "country": "DE"}}, "receipt_email": "a@b.test"},
        {"payment_method_options": {"card": {"request_three_d_secure": "any"}}, "transfer_group": "g"},
    ],
)
def test_what_the_sdk_sends_is_understood(client: sdk.StripeClient, params: Any) -> None:
    order: Any = {"amount": 1099, "currency": "eur", **params}
    made = client.v1.payment_intents.create(order)
    assert made.metadata.to_dict() == (params.get("metadata") or {})
    assert made.description == params.get("description")


def test_only_the_right_secret_opens(stripe: StripeDouble) -> None:
    http = sdk.HTTPXClient(allow_sync_methods=True)
    stranger = sdk.StripeClient("sk_test_other", base_addresses={"api": stripe.url}, http_client=http)
    with pytest.raises(sdk.AuthenticationError):
        stranger.v1.payment_intents.retrieve("pi_1")
    assert [call.status for call in stripe.calls()] == [401]


async def test_an_unknown_address_is_404(wire: httpx.AsyncClient) -> None:
    assert (await wire.get("/v1/nonsense")).status_code == 404
    assert (await wire.post(f"{INTENTS}/pi_1/devour")).status_code == 404
