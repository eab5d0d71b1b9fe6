"""A Stripe of the test's own, the official SDK pointed at it, and an endpoint for webhooks."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import stripe as sdk

from tests.doubles.receiver import Receiver
from tests.doubles.stripe import StripeDouble


@pytest.fixture
def stripe() -> Iterator[StripeDouble]:
    with StripeDouble() as double:
        yield double


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as endpoint:
        yield endpoint


@pytest.fixture
def client(stripe: StripeDouble) -> sdk.StripeClient:
    """The official SDK; it does not retry."""
    http = sdk.HTTPXClient(timeout=5, allow_sync_methods=True)
    return sdk.StripeClient(stripe.secret_key, base_addresses={"api": stripe.url}, http_client=http)


@pytest.fixture
async def wire(stripe: StripeDouble) -> AsyncIterator[httpx.AsyncClient]:
    """The bare wire, with the right key."""
    headers = {
        "Authorization": f"Bearer {stripe.secret_key}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with httpx.AsyncClient(base_url=stripe.url, headers=headers, trust_env=False) as client:
        yield client
