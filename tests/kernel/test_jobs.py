"""Jobs are done at least once, later and later when they fail, and by somebody else when their worker dies."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Event, Subscriptions, publish
from bookable.kernel.jobs import defer
from bookable.kernel.jobs.workshop import Workshop
from bookable.kernel.tenants import Directory, Tenant
from tests import make


class Happened(Event, frozen=True):
    """Something did."""

    what: str


class Log:
    """What was done, in its order; `failing` tries go wrong first, and as many rounds as `unlucky` says."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.failing = 0
        self.unlucky: Counter[UUID] = Counter()

    async def note(self, db: Database, system: Actor, *, what: str) -> None:
        if self.failing:
            self.failing -= 1
            raise RuntimeError(what)
        self.done.append((what, db.clock.now()))

    async def hear(self, db: Database, system: Actor, event: Happened) -> None:
        self.done.append(event)

    async def round(self, db: Database, system: Actor) -> None:
        if self.unlucky[system.tenant_id]:
            self.unlucky[system.tenant_id] -= 1
            raise RuntimeError("an unlucky tenant")
        self.done.append(system.tenant_id)

    async def chore(self, db: Database) -> None:
        if self.failing:
            self.failing -= 1
            raise RuntimeError("a chore")
        self.done.append("chore")

    @property
    def names(self) -> list[Any]:
        return [d[0] if isinstance(d, tuple) else d for d in self.done]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def subscriptions(log: Log) -> Subscriptions:
    heard = Subscriptions()
    heard.job("log.note", log.note)
    heard.after(Happened, "log.hear", log.hear)
    heard.every("0 0 1 1 *", "log.round", log.round)
    heard.once("0 0 1 1 *", "log.chore", log.chore)
    return heard


@pytest.fixture
def tenants(tenant: Tenant) -> Directory:
    """One tenant."""
    only = Directory()
    only.by_slug = {tenant.slug: tenant}
    return only


@pytest.fixture
async def workshop(
    db: Database, clock: Clock, subscriptions: Subscriptions, tenants: Directory
) -> AsyncIterator[Workshop]:
    """A workshop whose queue is empty, for one tenant."""
    admin = await asyncpg.connect(make.dsn(db))
    await admin.execute("TRUNCATE procrastinate_jobs CASCADE")
    await admin.close()
    opened = Workshop(make.dsn(db), db, clock, subscriptions, tenants)
    await opened.open()
    yield opened
    await opened.close()


async def ask(db: Database, system: Actor, what: str, **options: Any) -> None:
    async with db.transaction(system) as tx:
        defer(tx, "log.note", what=what, **options)


async def keep(offset: timedelta) -> None:
    """Nobody else follows this clock."""


async def test_what_was_deferred_is_done(db: Database, system: Actor, workshop: Workshop, log: Log) -> None:
    await ask(db, system, "a")
    done = await workshop.run_due()
    assert log.names == ["a"]
    assert [(d.task, d.outcome) for d in done] == [("log.note", "done")]


async def test_an_event_is_heard_after_the_commit_and_not_without_it(
    db: Database, system: Actor, workshop: Workshop, log: Log
) -> None:
    with pytest.raises(RuntimeError):
        async with db.transaction(system) as tx:
            await publish(tx, Happened(what="undone"))
            raise RuntimeError
    async with db.transaction(system) as tx:
        await publish(tx, Happened(what="done"))
    await workshop.run_due()
    assert log.done == [Happened(what="done")]


async def test_within_stands_and_falls_with_the_publisher(
    db: Database, system: Actor, subscriptions: Subscriptions, workshop: Workshop, log: Log
) -> None:
    async def refuse(_: make.Transaction, event: Happened) -> None:
        raise PermissionError(event.what)

    subscriptions.within(Happened, refuse)
    with pytest.raises(PermissionError):
        async with db.transaction(system) as tx:
            await publish(tx, Happened(what="refused"))
    await workshop.run_due()
    assert log.done == []


async def test_what_fails_is_tried_again_later(db: Database, system: Actor, workshop: Workshop, log: Log) -> None:
    log.failing = 1
    await ask(db, system, "a")
    done = await workshop.run_due()
    assert [d.outcome for d in done] == ["failed"]
    await asyncio.sleep(1.5)
    await workshop.run_due()
    assert log.names == ["a"]


async def test_what_never_works_waits_among_the_dead_letters_and_can_be_retried(
    db: Database, system: Actor, workshop: Workshop, log: Log
) -> None:
    log.failing = 99
    await ask(db, system, "a")
    admin = await asyncpg.connect(make.dsn(db))
    for _ in range(12):
        await workshop.run_due()
        await admin.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    letters = await workshop.dead_letters()
    assert [(letter["task_name"], letter["attempts"]) for letter in letters] == [("log.note", 12)]
    log.failing = 0
    assert await workshop.retry(letters[0]["id"]) == 1
    await admin.close()
    await workshop.run_due()
    assert log.names == ["a"]
    assert await workshop.dead_letters() == []


async def test_a_job_whose_worker_died_is_done_by_another(
    db: Database, system: Actor, workshop: Workshop, log: Log
) -> None:
    """A worker takes the job and is never heard of again: the row says `doing`, its heartbeat is long past."""
    await ask(db, system, "a")
    admin = await asyncpg.connect(make.dsn(db))
    dead = await admin.fetchval(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
    )
    await admin.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = $1", dead)
    working = asyncio.create_task(workshop.work())
    for _ in range(100):
        if log.done:
            break
        await asyncio.sleep(0.1)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    await admin.close()
    assert log.names == ["a"]


async def test_the_timetable_comes_round_to_every_tenant(tenant: Tenant, workshop: Workshop, log: Log) -> None:
    await workshop.run_timetable()
    assert log.done == [tenant.id]


async def come_round(db: Database, task: str = "timetable.log.round") -> None:
    """The timetable's turn, as its keeper puts it on the queue."""
    async with db.pool.acquire() as conn:
        await conn.execute(
            f"""SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', '{task}', 0, NULL,
               '{task}', '{{"timestamp": 0}}'::jsonb, NULL)::procrastinate_job_to_defer_v1])"""
        )


async def jobs_left(db: Database) -> list[str]:
    async with db.pool.acquire() as conn:
        return [row["status"] for row in await conn.fetch("SELECT status FROM procrastinate_jobs")]


async def test_a_turn_that_goes_wrong_is_tried_a_few_times_and_then_left_to_the_next(
    db: Database, tenant: Tenant, workshop: Workshop, log: Log
) -> None:
    log.unlucky[tenant.id] = 99
    await come_round(db)
    done = await workshop.run_due()
    assert [d.outcome for d in done] == ["failed"] * 3
    assert await jobs_left(db) == [], "no dead letter, and nothing in the next turn's way"
    log.unlucky.clear()
    await come_round(db)
    await workshop.run_due()
    assert log.done == [tenant.id]


async def test_a_turn_that_goes_wrong_once_is_had_all_the_same(
    db: Database, tenant: Tenant, workshop: Workshop, log: Log
) -> None:
    log.unlucky[tenant.id] = 1
    await come_round(db)
    assert [d.outcome for d in await workshop.run_due()] == ["failed", "done"]
    assert log.done == [tenant.id]


async def test_one_tenants_failure_keeps_nobody_else_from_their_turn(
    db: Database, tenant: Tenant, tenants: Directory, workshop: Workshop, log: Log
) -> None:
    others = [await make.tenant(db) for _ in range(2)]
    tenants.by_slug = {one.slug: one for one in (others[0], tenant, others[1])}
    log.unlucky[tenant.id] = 99
    await workshop.run_timetable()
    assert log.done == [one.id for one in others], "once each, and no more when the third is tried again"


async def test_a_dead_workers_turn_is_not_in_the_way_of_the_next_nor_of_other_jobs(
    db: Database, system: Actor, tenant: Tenant, workshop: Workshop, log: Log
) -> None:
    """The worker died in the middle of a turn, and the next turn waits under the same queueing lock."""
    admin = await asyncpg.connect(make.dsn(db))
    dead = await admin.fetchval(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
    )
    await come_round(db)
    await ask(db, system, "a")
    await admin.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = $1", dead)
    await come_round(db)
    await admin.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE status = 'todo'")
    await admin.close()
    working = asyncio.create_task(workshop.work())
    for _ in range(100):
        if log.done:
            break
        await asyncio.sleep(0.1)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    assert log.names == ["a"]
    assert await jobs_left(db) == ["todo"]


async def test_a_chore_is_done_once_for_the_whole_house(
    db: Database, tenant: Tenant, tenants: Directory, workshop: Workshop, log: Log
) -> None:
    tenants.by_slug |= {one.slug: one for one in [await make.tenant(db) for _ in range(3)]}
    await come_round(db, "log.chore")
    assert [d.task for d in await workshop.run_due()] == ["log.chore"]
    assert log.done == ["chore"]


async def test_a_chore_that_never_works_is_a_dead_letter_and_its_retry_gives_way_to_the_next_one(
    db: Database, workshop: Workshop, log: Log
) -> None:
    log.failing = 12
    await come_round(db, "log.chore")
    for _ in range(12):
        await workshop.run_due()
        async with db.pool.acquire() as conn:
            await conn.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    assert [letter["task_name"] for letter in await workshop.dead_letters()] == ["log.chore"]
    await come_round(db, "log.chore")
    assert await workshop.retry() == 0
    await workshop.run_due()
    assert await workshop.retry() == 1
    await workshop.run_due()
    assert log.done == ["chore", "chore"]
    assert await jobs_left(db) == []


async def test_moving_the_clock_does_what_falls_due_in_its_order_and_at_its_time(
    db: Database, system: Actor, clock: Clock, workshop: Workshop, log: Log
) -> None:
    now = clock.now()
    await ask(db, system, "third", at=now + timedelta(hours=30))
    await ask(db, system, "first", at=now + timedelta(hours=1))
    await ask(db, system, "second", at=now + timedelta(hours=5))
    await ask(db, system, "never", at=now + timedelta(days=9))
    await workshop.move_clock(timedelta(hours=48), keep)
    done = [d for d in log.done if isinstance(d, tuple)]
    assert [name for name, _ in done] == ["first", "second", "third"]
    for (_, at), hours in zip(done, (1, 5, 30), strict=True):
        assert abs(at - (now + timedelta(hours=hours))) < timedelta(seconds=30)
    assert clock.offset == timedelta(hours=48)


async def test_going_back_to_real_time_keeps_what_is_to_come(
    db: Database, system: Actor, clock: Clock, workshop: Workshop, log: Log
) -> None:
    await workshop.move_clock(timedelta(hours=10), keep)
    await ask(db, system, "later", at=clock.now() + timedelta(hours=1))
    await workshop.move_clock(timedelta(0), keep)
    assert clock.offset == timedelta(0)
    await workshop.run_due()
    assert "later" not in log.names
    await workshop.move_clock(timedelta(hours=12), keep)
    assert "later" in log.names


async def test_jobs_with_one_lock_are_done_one_after_another(
    db: Database, system: Actor, workshop: Workshop, log: Log
) -> None:
    for n in range(5):
        await ask(db, system, str(n), lock="same")
    await workshop.run_due()
    assert log.names == ["0", "1", "2", "3", "4"]


def test_two_jobs_of_one_name_are_a_mistake(log: Log) -> None:
    heard = Subscriptions()
    heard.job("twice", log.note)
    with pytest.raises(ValueError, match="twice"):
        heard.job("twice", log.note)
