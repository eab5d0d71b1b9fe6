"""Which adapters each contract runs over."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bookable.kernel.db import Database
from tests.contracts.payment_providers import PaymentProvider, SandboxProvider, StripeProvider
from tests.doubles.receiver import Receiver
from tests.doubles.stripe import StripeDouble

PAYMENT_PROVIDERS = ["stripe", "sandbox"]
"""To add one, write the fixture `{name}_payments`."""


@pytest.fixture(params=PAYMENT_PROVIDERS)
def payments(request: pytest.FixtureRequest) -> PaymentProvider:
    """Each payment provider in turn."""
    provider: PaymentProvider = request.getfixturevalue(f"{request.param}_payments")
    return provider


@pytest.fixture(scope="session")
def stripe_servers() -> Iterator[tuple[StripeDouble, Receiver]]:
    """One Stripe and one endpoint for its webhooks; each test has intents of its own."""
    with StripeDouble() as double, Receiver() as receiver:
        yield double, receiver


@pytest.fixture
async def stripe_payments(stripe_servers: tuple[StripeDouble, Receiver]) -> AsyncIterator[PaymentProvider]:
    """The live adapter over Stripe's double."""
    provider = StripeProvider(*stripe_servers)
    await provider.deliveries()
    yield provider
    await provider.heal()
    await provider.gateway.aclose()


@pytest.fixture
async def sandbox_payments(
    db: Database, stripe_servers: tuple[StripeDouble, Receiver]
) -> AsyncIterator[PaymentProvider]:
    """The provider that needs no account, with the same kind of endpoint at the other end."""
    provider = SandboxProvider(db, stripe_servers[1])
    await provider.deliveries()
    yield provider
    await provider.close()
