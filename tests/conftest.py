"""One PostgreSQL and one Valkey for the whole run, one database a worker, a tenant of its own for each test."""

import os
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from bookable.kernel.tenants import Tenant
from bookable.migrate import upgrade
from tests import make, servers


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.stop()


@pytest.fixture(scope="session")
def database_url(worker_id: str) -> Iterator[str]:
    """This worker's own database, at the newest schema; its user is the owner, as a migration needs."""
    name = f"bookable_{os.environ.get('BOOKABLE_TEST_DB_SUFFIX', '')}{worker_id}"
    with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
    url = servers.admin_url().rsplit("/", 1)[0] + f"/{name}"
    upgrade(url)
    yield url
    with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def redis_url(worker_id: str) -> str:
    """This worker's own numbered database of Valkey."""
    digits = "".join(c for c in worker_id if c.isdigit())
    return servers.redis_url(int(digits) + 1 if digits else 0)


@pytest.fixture
async def clock() -> Clock:
    """A clock of the test's own, which it may move."""
    return Clock()


@pytest.fixture
async def subscriptions() -> Subscriptions:
    """Nobody listens, unless the test says so."""
    return Subscriptions()


@pytest.fixture
async def db(database_url: str, clock: Clock, subscriptions: Subscriptions) -> AsyncIterator[Database]:
    """The application's own way to the database: its role, its pool, row-level security and all."""
    database = await Database.connect(database_url, clock, subscriptions, size=20)
    yield database
    await database.close()


@pytest.fixture
async def tenant(db: Database) -> AsyncIterator[Tenant]:
    """A StarryMeet of the test's own: no other test's rows are in it."""
    made = await make.tenant(db)
    yield made
    await make.end(db, made)


@pytest.fixture
def system(tenant: Tenant) -> Actor:
    """The house itself, in the test's tenant."""
    return Actor.system(tenant.id)
