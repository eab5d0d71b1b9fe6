"""Databases of a test's own: one with a house in it, and new ones to restore it into."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from bookable import backups
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from tests import make, make_catalogue, servers
from tests.races.arena import scratch

AT = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def own_name(worker_id: str) -> str:
    return f"bookable_kept_{os.environ.get('BOOKABLE_TEST_DB_SUFFIX', '')}{worker_id}"


@pytest.fixture
async def house(own_name: str) -> AsyncIterator[Database]:
    """A database with a tenant, people and listings in it."""
    async with scratch(own_name) as url:
        database = await Database.connect(url, Clock(), Subscriptions(), size=4)
        shop = await make.tenant(database)
        for rated in ((5, 4), (), (3,)):
            await make_catalogue.listing(database, shop.id, rated=rated)
        await make_catalogue.user(database, shop.id)
        yield database
        await database.close()


@pytest.fixture
def empty(own_name: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases."""
    made: list[str] = []

    def make_one() -> str:
        made.append(f"{own_name}_{len(made)}")
        _do(f"DROP DATABASE IF EXISTS {made[-1]} WITH (FORCE)", f"CREATE DATABASE {made[-1]}")
        return f"{servers.admin_url().rsplit('/', 1)[0]}/{made[-1]}"

    yield make_one
    for name in made:
        _do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A media folder with two pictures, one of which is only just being received."""
    folder = tmp_path / "media" / "0a"
    folder.mkdir(parents=True)
    (folder / f"{'1' * 32}-{'2' * 64}.webp").write_bytes(b"a picture" * 1000)
    (folder / f"{'3' * 32}-{'4' * 64}.webp#1").write_bytes(b"half a pic")
    return tmp_path / "media"


@pytest.fixture
def backup(house: Database, pictures: Path, tmp_path: Path) -> Path:
    """A backup of the house."""
    return backups.make(house.url, tmp_path / "backup.tar", pictures=pictures, at=AT).path


def _do(*statements: str) -> None:
    with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)
