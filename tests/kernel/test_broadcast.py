"""What everybody must hear is heard at once, and a second later where the notice was lost."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from bookable.kernel import tenants
from bookable.kernel.broadcast import CHANNEL, Broadcast
from bookable.kernel.db import Database
from bookable.kernel.tenants import Directory, SlugTaken
from tests import make


@pytest.fixture
async def directory(db: Database) -> AsyncIterator[Directory]:
    """Another process's copy of the tenants, kept fresh."""
    copy = Directory(hosts={"api.example.com": "known"})
    broadcast = Broadcast(make.dsn(db), db.presence)
    broadcast.follow(lambda: copy.refresh(db))
    await broadcast.start()
    yield copy
    await broadcast.stop()


async def until(fact: object, *, seconds: float) -> bool:
    """Whether it becomes so in time."""
    for _ in range(int(seconds / 0.02)):
        if callable(fact) and fact():
            return True
        await asyncio.sleep(0.02)
    return False


async def test_a_new_tenant_is_served_by_every_process_at_once(db: Database, directory: Directory) -> None:
    slug = f"t-{make.word()}"
    made = await tenants.create(
        db, slug, kind="starrymeet", name="T", currency="EUR", fee_bps=1, tax_bps=2, hosts=(f"{slug}.example.com",)
    )
    assert await until(lambda: slug in directory.by_slug, seconds=0.8)
    assert directory.by_host[f"{slug}.localhost"] == made
    assert directory.by_host[f"{slug}.example.com"] == made
    assert directory.by_id(made.id) == made


async def test_a_slug_belongs_to_one(db: Database, directory: Directory) -> None:
    known = await make.tenant(db)
    with pytest.raises(SlugTaken):
        await tenants.create(db, known.slug, kind="starrymeet", name="T", currency="EUR", fee_bps=0, tax_bps=0)
    again = await tenants.ensure(db, known.slug, kind="starrymeet", name="T", currency="EUR", fee_bps=0, tax_bps=0)
    assert again.id == known.id


async def test_what_comes_without_notice_is_heard_within_a_second_or_so(db: Database, directory: Directory) -> None:
    made = await make.tenant(db)
    assert await until(lambda: made.slug in directory.by_slug, seconds=2.5)


async def test_a_lost_connection_is_opened_again(db: Database, directory: Directory) -> None:
    admin = await asyncpg.connect(make.dsn(db))
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
    )
    await admin.close()
    made = await make.tenant(db)
    assert await until(lambda: made.slug in directory.by_slug, seconds=5)


async def test_a_kind_that_does_not_exist_is_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="starrymeet"):
        await tenants.create(db, "other", kind="other", name="T", currency="EUR", fee_bps=0, tax_bps=0)


async def test_news_that_come_with_the_end_do_not_put_it_off(db: Database) -> None:
    teller = await asyncpg.connect(make.dsn(db))
    for turn in range(40):
        broadcast = Broadcast(make.dsn(db), db.presence)
        await broadcast.start()
        await teller.execute(f"NOTIFY {CHANNEL}")
        for _ in range(turn % 4):
            await asyncio.sleep(0)
        await asyncio.wait_for(broadcast.stop(), 5)
    await teller.close()
