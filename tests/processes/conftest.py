"""Whole processes on a database of the test's own, on the suite's PostgreSQL."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from bookable.kernel.tenants import Tenant
from tests import make, make_catalogue
from tests.processes.books import Books
from tests.processes.programs import Program, Server
from tests.races.arena import scratch


@pytest.fixture
async def own_url(worker_id: str) -> AsyncIterator[str]:
    """A new database at the newest schema."""
    async with scratch(f"bookable_whole_{os.environ.get('BOOKABLE_TEST_DB_SUFFIX', '')}{worker_id}") as url:
        yield url


@pytest.fixture
def books(own_url: str) -> Books:
    return Books(own_url)


@pytest.fixture
async def house(own_url: str) -> AsyncIterator[Database]:
    """The application's way to it, to make what a test begins with."""
    database = await Database.connect(own_url, Clock(), Subscriptions(), size=4)
    yield database
    await database.close()


@pytest.fixture
async def shop(house: Database) -> Tenant:
    """A StarryMeet in it."""
    return await make.tenant(house)


@pytest.fixture
async def celebrities(house: Database, shop: Tenant) -> list[UUID]:
    """Ten of them."""
    return [await make_catalogue.listing(house, shop.id, time_zone="UTC") for _ in range(10)]


@pytest.fixture
def serving(own_url: str, redis_url: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Make a server (`no_worker=True` leaves the jobs to others); it is not started yet."""
    made: list[Server] = []

    def make_server(*words: str, **settings: object) -> Server:
        log = tmp_path / f"serve-{len(made)}.log"
        addresses = {"database_url": own_url, "redis_url": redis_url, "data_dir": tmp_path / "data"}
        made.append(Server("--no-seed", *words, log=log, **{**addresses, **settings}))
        return made[-1]

    yield make_server
    for one in made:
        one.kill()


@pytest.fixture
def working(own_url: str, redis_url: str, tmp_path: Path) -> Iterator[Callable[[Server], Program]]:
    """Make a worker in a process of its own, beside a server; it is not started yet."""
    made: list[Program] = []

    def make_worker(server: Server) -> Program:
        addresses = {"database_url": own_url, "redis_url": redis_url, "data_dir": tmp_path / "data"}
        made.append(Program("worker", log=tmp_path / f"worker-{len(made)}.log", port=server.port, **addresses))
        return made[-1]

    yield make_worker
    for one in made:
        one.kill()


@pytest.fixture
def check_ledger(own_url: str, redis_url: str, tmp_path: Path) -> Callable[[], None]:
    """`bookable ledger check`, which must find nothing."""

    def check() -> None:
        addresses = {"database_url": own_url, "redis_url": redis_url, "data_dir": tmp_path / "data"}
        program = Program("ledger", "check", log=tmp_path / "ledger.log", **addresses)
        assert program.run() == 0, program.log[-4000:]

    return check
