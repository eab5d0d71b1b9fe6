"""Two servers that start for the first time at the same moment fill the house once."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from bookable import settings
from bookable.kernel.db import Database
from bookable.seeding import starting
from bookable.settings import Settings
from tests.races.arena import scratch

_COUNTS = """
SELECT (SELECT count(*) FROM tenants), (SELECT count(*) FROM listings), (SELECT count(*) FROM films),
    (SELECT count(*) FROM film_comments), (SELECT count(*) - count(DISTINCT (tenant_id, email_key)) FROM users)
"""


@pytest.fixture
async def empty(worker_id: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of servers whose database nobody has used yet."""
    async with scratch(f"bookable_first_{os.environ.get('BOOKABLE_TEST_DB_SUFFIX', '')}{worker_id}") as url:
        addresses = {"database_url": SecretStr(url), "redis_url": SecretStr(redis_url), "data_dir": tmp_path}
        yield settings.load(_env_file=None, app_env="test", **addresses)


async def test_three_that_start_at_once_make_everything_once(empty: Settings) -> None:
    said: list[str] = []
    await asyncio.gather(*(starting.prepare(empty, demo=True, say=said.append) for _ in range(3)))
    assert empty.database_url
    owner = await asyncpg.connect(empty.database_url.get_secret_value())
    counted = await owner.fetchrow(_COUNTS)
    await owner.close()
    assert counted is not None
    assert tuple(counted) == (5, 12, 30, 2, 0), "tenants, listings, films, comments, people who are there twice"
    assert len(said) == 2, "one of them made it, and said so"


async def test_a_turn_is_waited_for_and_ends_with_the_block(db: Database) -> None:
    order: list[str] = []

    async def work(name: str, task: str) -> None:
        async with db.alone(task):
            order.append(f"{name} begins")
            await asyncio.sleep(0.3)
            order.append(f"{name} ends")

    await asyncio.gather(work("one", "seeding"), work("two", "seeding"))
    assert [line.split()[1] for line in order] == ["begins", "ends", "begins", "ends"]
    order.clear()
    with pytest.raises(ZeroDivisionError):
        async with db.alone("seeding"):
            _ = 1 / 0
    await asyncio.gather(work("one", "seeding"), work("two", "something else"))
    assert sorted(line.split()[1] for line in order[:2]) == ["begins", "begins"], "another task has a turn of its own"
