"""The real database with a connection for each client, and one whose promises have been taken away."""

import os
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from bookable.kernel.tenants import Tenant
from tests import make_bookings, make_catalogue
from tests.races.arena import arena, scratch


@pytest.fixture
async def subscriptions() -> Subscriptions:
    heard = Subscriptions()
    make_bookings.listen(heard)
    return heard


@pytest.fixture
async def db(database_url: str, clock: Clock, subscriptions: Subscriptions) -> AsyncIterator[Database]:
    async with arena(database_url, clock, subscriptions) as database:
        yield database


@pytest.fixture(scope="module")
async def overlapping_url(worker_id: str) -> AsyncIterator[str]:
    """Without the exclusion constraint."""
    name = f"bookable_unguarded_{os.environ.get('BOOKABLE_TEST_DB_SUFFIX', '')}{worker_id}"
    async with scratch(name, "ALTER TABLE allocations DROP CONSTRAINT ex_allocations_no_overlap") as url:
        yield url


@pytest.fixture
async def overlapping(overlapping_url: str, clock: Clock, subscriptions: Subscriptions) -> AsyncIterator[Database]:
    async with arena(overlapping_url, clock, subscriptions) as database:
        yield database


@pytest.fixture
async def customer(db: Database, tenant: Tenant) -> Actor:
    return await make_catalogue.user(db, tenant.id)


@pytest.fixture
async def listing(db: Database, tenant: Tenant) -> UUID:
    return await make_catalogue.listing(db, tenant.id, time_zone="UTC")
