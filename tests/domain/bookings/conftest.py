"""A celebrity, their owner, a customer and an admin, in a tenant where bookings hear what they must."""

from uuid import UUID

import pytest

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from bookable.kernel.tenants import Tenant
from tests import make_bookings, make_catalogue


@pytest.fixture
async def subscriptions() -> Subscriptions:
    heard = Subscriptions()
    make_bookings.listen(heard)
    return heard


@pytest.fixture
async def customer(db: Database, tenant: Tenant) -> Actor:
    return await make_catalogue.user(db, tenant.id)


@pytest.fixture
async def admin(db: Database, tenant: Tenant) -> Actor:
    return await make_catalogue.user(db, tenant.id, "admin")


@pytest.fixture
async def provider(db: Database, tenant: Tenant) -> Actor:
    return await make_catalogue.user(db, tenant.id, "celebrity")


@pytest.fixture
async def listing(db: Database, tenant: Tenant, provider: Actor) -> UUID:
    """In UTC, at 100, 200 and 400 dollars."""
    return await make_catalogue.listing(db, tenant.id, owner_id=provider.id, time_zone="UTC")
