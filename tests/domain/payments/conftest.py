"""A tenant with the sandbox's payment provider, its payer, and the jobs that both need."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bookable.domain import payments
from bookable.integrations import sandbox
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from bookable.kernel.tenants import Tenant
from tests import make_payments as make

Jobs = dict[str, Callable[..., Awaitable[None]]]


@pytest.fixture
def heard(subscriptions: Subscriptions) -> make.Heard:
    """What payments told, in its order."""
    return make.listen(subscriptions)


@pytest.fixture
def gateway(db: Database) -> sandbox.SandboxGateway:
    return sandbox.SandboxGateway(db)


@pytest.fixture
def payer(db: Database, gateway: sandbox.SandboxGateway) -> sandbox.Payer:
    """Webhooks go through the same code as over HTTP, without the network."""
    return sandbox.Payer(db, make.SECRET, make.send_home(db, gateway))


@pytest.fixture
def jobs(gateway: sandbox.SandboxGateway, payer: sandbox.Payer) -> Jobs:
    """The tasks by their names, as `subscriptions` has them."""
    work = payments.Jobs(gateway)
    return {
        payments.SEND_REFUND: work.send_refund,
        payments.HANDLE_EVENT: work.handle_event,
        sandbox.DELIVER: payer.deliver,
        sandbox.ACT: payer.follow_up,
    }


@pytest.fixture
async def faults(db: Database) -> Any:
    """Trouble to order, gone after the test."""
    ordered = sandbox.Faults(db)
    yield ordered
    await ordered.clear()


@pytest.fixture
def alice(tenant: Tenant) -> Actor:
    """A customer."""
    return make.customer(tenant.id)
