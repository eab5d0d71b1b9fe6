"""The database's promises: a transaction is somebody's, whole, and leaves nothing behind."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest
import sqlalchemy as sa

from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database, Record, TransactionConflict, app_now, query
from bookable.kernel.errors import Conflict, Unavailable
from bookable.kernel.ids import new_id
from bookable.kernel.jobs import defer
from bookable.kernel.tenants import Tenant
from bookable.kernel.tenants import queries as tenants
from tests import make


class Context(Record, frozen=True):
    tenant: str
    person: str | None
    scope: str
    role: str


context = query(
    sa.select(
        sa.func.current_setting("app.tenant_id").label("tenant"),
        sa.func.nullif(sa.func.current_setting("app.user_id", True), "").label("person"),
        sa.func.current_setting("app.scope").label("scope"),
        sa.literal_column("current_user::text").label("role"),
    ),
    Context,
)
sleep = query(sa.select(sa.func.pg_sleep(sa.bindparam("seconds"))), str)
pid = query(sa.select(sa.func.pg_backend_pid()), int)


async def test_a_transaction_tells_the_database_whose_it_is(db: Database, tenant: Tenant) -> None:
    someone = Actor(tenant.id, new_id(), "user")
    async with db.transaction(someone) as tx:
        seen = await tx.one(context)
    assert seen == Context(str(tenant.id), str(someone.id), "own", "bookable_app")


async def test_the_database_hears_the_clock_to_the_microsecond(db: Database, tenant: Tenant, clock: Clock) -> None:
    for offset in (timedelta(microseconds=-4), timedelta(days=4_000, microseconds=1)):
        clock.offset = offset
        async with db.transaction(Actor.nobody(tenant.id)) as tx:
            assert abs(await tx.one(query(sa.select(app_now()), datetime)) - clock.now()) < timedelta(seconds=5)


async def test_nothing_of_the_last_one_is_left_for_the_next(db: Database, tenant: Tenant) -> None:
    single = await Database.connect(make.dsn(db), Clock(), db.subscriptions, size=1)
    async with single.transaction(Actor(tenant.id, new_id(), "user")) as tx:
        await tx.one(context)
    async with single.transaction(Actor.nobody(tenant.id)) as tx:
        assert (await tx.one(context)).person is None
    await single.close()


async def test_connections_are_given_out_in_the_order_of_asking(db: Database, tenant: Tenant) -> None:
    """Newcomers at every turn of the loop, so also while a connection is being given back: nobody overtakes."""
    single = await Database.connect(make.dsn(db), Clock(), db.subscriptions, size=1)
    served: list[int] = []

    async def ask(number: int) -> None:
        async with single.transaction(Actor.nobody(tenant.id)) as tx:
            served.append(number)
            await tx.one(pid)

    asking = []
    for number in range(500):
        asking.append(asyncio.create_task(ask(number)))
        await asyncio.sleep(0)
    await asyncio.gather(*asking)
    await single.close()
    assert served == list(range(500))


async def test_whoever_stops_waiting_for_a_connection_keeps_nobody_from_it(db: Database, tenant: Tenant) -> None:
    single = await Database.connect(make.dsn(db), Clock(), db.subscriptions, size=1, acquire_timeout=0.2)

    async def ask() -> int:
        async with single.transaction(Actor.nobody(tenant.id)) as tx:
            return await tx.one(pid)

    async with single.transaction(Actor.nobody(tenant.id)) as tx:
        impatient, cancelled = asyncio.create_task(ask()), asyncio.create_task(ask())
        await asyncio.sleep(0.1)
        cancelled.cancel()
        await asyncio.sleep(0.3)
        patient = asyncio.create_task(ask())
        mine = await tx.one(pid)
    given_up, _ = await asyncio.gather(impatient, cancelled, return_exceptions=True)
    assert isinstance(given_up, Unavailable)
    assert cancelled.cancelled()
    assert await patient == mine
    await single.close()


async def test_a_caller_cancelled_in_the_middle_leaves_no_open_transaction(db: Database, tenant: Tenant) -> None:
    started = asyncio.Event()
    backend = 0

    async def caller() -> None:
        nonlocal backend
        async with db.transaction(Actor.nobody(tenant.id)) as tx:
            backend = await tx.one(pid)
            started.set()
            await tx.one(sleep, seconds=30)

    task = asyncio.create_task(caller())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.2)
    admin = await asyncpg.connect(make.dsn(db))
    state = await admin.fetchval("SELECT state FROM pg_stat_activity WHERE pid = $1", backend)
    await admin.close()
    assert state != "idle in transaction"
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        assert (await tx.one(context)).person is None


async def test_a_caller_cancelled_between_two_statements_takes_the_connection_along(
    db: Database, tenant: Tenant
) -> None:
    started = asyncio.Event()
    backend = 0

    async def caller() -> None:
        nonlocal backend
        async with db.transaction(Actor.nobody(tenant.id)) as tx:
            backend = await tx.one(pid)
            started.set()
            await asyncio.sleep(30)

    task = asyncio.create_task(caller())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    admin = await asyncpg.connect(make.dsn(db))
    for _ in range(250):
        if not await admin.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", backend):
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the connection is still there")
    await admin.close()
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        assert await tx.one(pid) != backend


async def test_what_meets_is_tried_again_until_both_have_happened(db: Database, tenant: Tenant) -> None:
    """Two transactions take two rows in opposite order: a deadlock, and yet both come through."""
    first, second = await make.tenant(db), await make.tenant(db)
    rename = query(
        sa.text("UPDATE tenants SET name = name || :mark WHERE id = :id RETURNING name").bindparams(
            sa.bindparam("mark", type_=sa.Text), sa.bindparam("id", type_=sa.Uuid)
        ),
        str,
    )
    tries = 0

    async def both(a: Tenant, b: Tenant, mark: str) -> None:
        async def work(tx: make.Transaction) -> None:
            nonlocal tries
            tries += 1
            await tx.one(rename, id=a.id, mark=mark)
            await asyncio.sleep(0.1)
            await tx.one(rename, id=b.id, mark=mark)

        await db.run(Actor.system(tenant.id), work)

    await asyncio.gather(both(first, second, "x"), both(second, first, "y"))
    async with db.transaction(Actor.system(tenant.id)) as tx:
        names = {t.id: t.name for t in await tx.all(tenants.every)}
    assert sorted(names[first.id]) == sorted("Testxy")
    assert sorted(names[second.id]) == sorted("Testxy")
    assert tries >= 3


async def test_a_conflict_that_never_ends_is_said_to_be_one(db: Database, tenant: Tenant) -> None:
    async def work(_: make.Transaction) -> None:
        raise TransactionConflict

    with pytest.raises(TransactionConflict):
        await db.run(Actor.system(tenant.id), work)


async def test_a_broken_constraint_is_a_fact_and_not_a_name(db: Database, tenant: Tenant) -> None:
    with pytest.raises(Conflict) as refused:
        await make.tenant(db, slug=tenant.slug)
    assert "uq_" not in str(refused.value)


async def test_jobs_are_there_only_if_the_transaction_is(db: Database, tenant: Tenant) -> None:
    with pytest.raises(RuntimeError):
        async with db.transaction(Actor.system(tenant.id)) as tx:
            defer(tx, "told", what="undone")
            raise RuntimeError
    async with db.transaction(Actor.system(tenant.id)) as tx:
        defer(tx, "told", what="done")
    admin = await asyncpg.connect(make.dsn(db))
    jobs = await admin.fetch(
        "SELECT args->>'what' AS what FROM procrastinate_jobs WHERE args->>'tenant_id' = $1", str(tenant.id)
    )
    await admin.close()
    assert [j["what"] for j in jobs] == ["done"]


async def test_a_savepoint_undoes_only_what_is_inside_it(db: Database, tenant: Tenant) -> None:
    other = await make.tenant(db)
    async with db.transaction(Actor.system(tenant.id)) as tx:
        with pytest.raises(Conflict):
            async with tx.savepoint():
                defer(tx, "told", what="inside")
                await tx.run(tenants.add, **{**make.as_row(other), "id": new_id()})
        assert tx.deferred == []
        assert (await tx.one(context)).role == "bookable_app"


async def test_a_statement_and_its_record_must_agree(db: Database, tenant: Tenant) -> None:
    wrong = query(sa.select(sa.literal(1).label("one")), Context)
    with pytest.raises(TypeError, match="fields"):
        async with db.transaction(Actor.nobody(tenant.id)) as tx:
            await tx.one(wrong)
